"""Counts how many buyers took one product with another, from what each bought on which day: arrays only, in portions, in bounded memory."""

import numpy as np
from numpy.typing import NDArray

WINDOW_DAYS = 60
#: Each thing bought is paired with so many before and after it: a basket of 500 lines makes 500 × 100 pairs at most, not 250,000.
#: Beyond so many products within a window somebody stocks a shop: what they take says nothing about taste.
WIDEST = 50
_CHUNK = 8 << 20  # bytes of lines counted at a time

Numbers = NDArray[np.int64]


class Counting:
    """Counts the buyers of pairs; a product beside itself is a pair of all its buyers. What COPY writes to: rows of buyer, day, product.

    Rows are sorted, each once. Whole buyers are counted as soon as there are enough of their lines.
    """

    def __init__(self, products: Numbers) -> None:
        """Begin with the ids of all products there are, sorted."""
        self.products, self.codes, self.buyers = products, np.empty(0, np.int64), np.empty(0, np.int64)
        self._size, self._held = 0, [b""]

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)
        if self._size >= _CHUNK:
            self._count(is_last=False)

    def end(self) -> None:
        self._count(is_last=True)

    def differences(self, kept: Numbers) -> Numbers:
        """Return of what was counted whatever is not so in rows of product, suggested, buyers: the same rows with the right number."""
        size = len(self.products)
        held = np.searchsorted(self.products, kept[:, 0]) * size + np.searchsorted(self.products, kept[:, 1])
        codes, place = np.unique(np.concatenate([held, self.codes]), return_inverse=True)
        said = np.bincount(place[: len(held)], kept[:, 2], len(codes)).astype(np.int64)
        right = np.bincount(place[len(held) :], self.buyers, len(codes)).astype(np.int64)
        wrong = said != right
        first, then = np.divmod(codes[wrong], max(size, 1))
        return np.column_stack([self.products[first], self.products[then], right[wrong]])

    def _count(self, *, is_last: bool) -> None:
        """Count what is held; but for the last portion, its last buyer stays for the next."""
        text = b"".join(self._held)
        whole = text.rfind(b"\n") + 1
        table = table_of(text[:whole])
        cut = len(table) if is_last or not whole else int(np.searchsorted(table[:, 0], table[-1, 0]))
        rest = as_text(table[cut:]) + text[whole:]
        self._held, self._size = [rest], len(rest)
        if cut:
            self._add(table[:cut])

    def _add(self, bought: Numbers) -> None:
        who, day = np.unique(bought[:, 0], return_inverse=True)[1], bought[:, 1]
        what, size = np.searchsorted(self.products, bought[:, 2]), len(self.products)
        codes = [(who * size + what) * size + what]
        for step in range(1, WIDEST + 1):
            apart = day[step:] - day[:-step]
            near = (who[step:] == who[:-step]) & (apart <= WINDOW_DAYS)
            if not near.any():
                break
            first, then, by = what[:-step][near], what[step:][near], who[:-step][near]
            codes.append((by * size + first) * size + then)
            same = apart[near] == 0  # in one basket each goes with the other
            codes.append((by[same] * size + then[same]) * size + first[same])
        found, buyers = np.unique(np.unique(np.concatenate(codes)) % (size * size), return_counts=True)
        merged, place = np.unique(np.concatenate([self.codes, found]), return_inverse=True)
        self.codes, self.buyers = merged, np.bincount(place, np.concatenate([self.buyers, buyers]), len(merged)).astype(np.int64)


def table_of(text: bytes) -> Numbers:
    """Read rows of three numbers, as COPY writes them."""
    return np.fromstring(text.decode("ascii"), np.int64, sep=" ").reshape(-1, 3) if text else np.empty((0, 3), np.int64)


def as_text(table: Numbers) -> bytes:
    """Write rows of three numbers as COPY reads them."""
    return b"".join(b"%d\t%d\t%d\n" % tuple(row) for row in table.tolist())
