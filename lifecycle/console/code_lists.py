"""Discount codes as merchants bring them: a line each, or a column of a file; lines that hold none are told apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from integrations.files import table

LONGEST = 60
LARGEST_FILE = 20_000_000
_HEADS = frozenset({"code", "codes", "coupon", "coupon code", "discount code", "voucher", "voucher code"})


@dataclass
class CodeList:
    """Codes in their order, and what is wrong with the lines that are left out, by their number."""

    codes: list[str] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def told(self) -> str:
        """Return which lines are no codes, in words."""
        first = "; ".join(f"line {number} {problem}" for number, problem in self.problems[:5])
        rest = f"; and {len(self.problems) - 5} more" if len(self.problems) > 5 else ""
        return f"{first}{rest}."


def of_lines(lines: list[str]) -> CodeList:
    """Read codes that were typed or pasted, one a line."""
    return _sorted_out(enumerate(lines, start=1))


def of_file(file: BinaryIO) -> CodeList:
    """Read the column of a file that is called “code” or alike, else its first; raise table.NotATable for one that has none."""
    written = table.look(file)
    file.seek(0)
    found, place = [], 0
    for number, row in enumerate(table.rows(file, written)):
        heads = [cell.strip().casefold() for cell in row.cells]
        if number == 0 and _HEADS.intersection(heads):
            place = next(place for place, head in enumerate(heads) if head in _HEADS)
            continue
        found.append((row.line, row.cells[place].strip() if len(row.cells) > place else ""))
    return _sorted_out(iter(found))


def _sorted_out(lines: Iterator[tuple[int, str]]) -> CodeList:
    sorted_out = CodeList()
    for number, code in lines:
        if problem := _problem(code):
            sorted_out.problems.append((number, problem))
        else:
            sorted_out.codes.append(code)
    return sorted_out


def _problem(code: str) -> str:
    if not code:
        return "has no code"
    if len(code) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if any(letter in code for letter in ",;\t"):
        return "holds more than one code"
    return "" if code.isprintable() else "holds signs that nobody can type"
