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
        self.products, self.codes, self.buyers = products, products[:0], products[:0]
        self._counted = [(self.codes, self.buyers)]
        self._size, self._held = 0, [b""]

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)
        if self._size >= _CHUNK:
            self._count(is_last=False)

    def end(self) -> None:
        """Count what is left, and put all portions together."""
        self._count(is_last=True)
        codes, buyers = zip(*self._counted, strict=True)
        self.codes, self.buyers = _summed(np.concatenate(codes), np.concatenate(buyers))

    def differences(self, kept: Numbers) -> Numbers:
        """Return of what was counted whatever is not so in rows of product, suggested, buyers: the same rows with the right number."""
        size = len(self.products)
        held = np.searchsorted(self.products, kept[:, 0]) * size + np.searchsorted(self.products, kept[:, 1])
        said = np.concatenate([kept[:, 2], np.zeros_like(self.codes)])
        right = np.concatenate([np.zeros_like(held), self.buyers])
        codes, said, right = _summed(np.concatenate([held, self.codes]), said, right)
        wrong = said != right
        return self._rows(codes[wrong], right[wrong])

    def since(self, before: "Counting") -> Numbers:
        """Return rows of product, suggested, and by how many its buyers are more or fewer than in another counting of these products."""
        codes, by = _summed(np.concatenate([before.codes, self.codes]), np.concatenate([-before.buyers, self.buyers]))
        return self._rows(codes[by != 0], by[by != 0])

    def _rows(self, codes: Numbers, numbers: Numbers) -> Numbers:
        first, then = np.divmod(codes, max(len(self.products), 1))
        return np.column_stack([self.products[first], self.products[then], numbers])

    def _count(self, *, is_last: bool) -> None:
        """Count what is held; but for the last portion, its last buyer stays for the next."""
        text = b"".join(self._held)
        whole = text.rfind(b"\n") + 1
        table = table_of(text[:whole])
        cut = len(table) if is_last or not whole else int(np.searchsorted(table[:, 0], table[-1, 0]))
        rest = as_text(table[cut:]) + text[whole:]
        self._held, self._size = [rest], len(rest)
        self.add(table[:cut])

    def add(self, bought: Numbers) -> None:
        """Count rows of whole buyers."""
        if not len(bought):
            return
        who, day = np.cumsum(np.diff(bought[:, 0], prepend=bought[0, 0]) != 0), bought[:, 1]
        what, size = np.searchsorted(self.products, bought[:, 2]), len(self.products)
        each = np.sort(who * size + what)
        repeats = np.zeros(who[-1] + 1, bool)
        repeats[each[1:][each[1:] == each[:-1]] // size] = True
        by, codes = [who[:0]], [who[:0]]
        for step in range(1, WIDEST + 1):
            apart = day[step:] - day[:-step]
            near = (who[step:] == who[:-step]) & (apart <= WINDOW_DAYS)
            if not near.any():
                break
            near &= what[step:] != what[:-step]
            first, then, buyer = what[:-step][near], what[step:][near], who[:-step][near]
            same = apart[near] == 0  # in one basket each goes with the other
            codes += [first * size + then, then[same] * size + first[same]]
            by += [buyer, buyer[same]]
        alone = _runs(each)[0] % size * (size + 1)
        found = np.sort(np.concatenate([alone, *_once(np.concatenate(by), np.concatenate(codes), repeats, size * size)]))
        different, starts = _runs(found)
        self._counted.append((different, np.diff(starts, append=len(found))))


def _once(by: Numbers, codes: Numbers, repeats: NDArray[np.bool_], most: int) -> tuple[Numbers, Numbers]:
    """Return the codes of each buyer once, for a buyer is one voice; only who took something again can have one twice."""
    again = repeats[by]
    return codes[~again], _runs(np.sort(by[again] * most + codes[again]))[0] % most


def _summed(codes: Numbers, *columns: Numbers) -> tuple[Numbers, ...]:
    """Return the codes sorted, each once, and of each column the sums."""
    order = np.argsort(codes, kind="stable")  # made of sorted parts: it merges them
    different, starts = _runs(codes[order])
    return different, *(np.add.reduceat(column[order], starts) if len(starts) else column for column in columns)


def _runs(ordered: Numbers) -> tuple[Numbers, Numbers]:
    """Return of sorted numbers each one once, and where it begins. (`np.unique` hashes instead, which for as many takes longer.)"""
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))  # no number is below 0
    return ordered[starts], starts


def table_of(text: bytes) -> Numbers:
    """Read rows of three numbers, as COPY writes them."""
    return np.fromstring(text.decode("ascii"), np.int64, sep=" ").reshape(-1, 3) if text else np.empty((0, 3), np.int64)


def as_text(table: Numbers) -> bytes:
    """Write rows of three numbers as COPY reads them."""
    return b"".join(b"%d\t%d\t%d\n" % tuple(row) for row in table.tolist())
