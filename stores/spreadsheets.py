"""Cells that a spreadsheet shows as they are: none is taken for a formula (OWASP, "CSV Injection")."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def plain(cell: str) -> str:
    """Return a cell as it is written to a file."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def meant(cell: str) -> str:
    """Return what a cell of a file said before it was written by `plain`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
