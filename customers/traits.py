"""What a shop says of a person besides their name: tags, a birthday, a place. Pure rules."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

LONGEST_TAG, MOST_TAGS = 60, 100
#: Year (None where it is not told), month and day.
Birthday = tuple[int | None, int, int]

_BIRTHDAY = re.compile(r"(\d{4}|-)-(\d{2})-(\d{2})")
_LEAP_YEAR = 2000  # 29 February is a birthday


def birthday(text: str) -> Birthday | None:
    """Read `1990-03-14`, or `--03-14` where the year is not told (ISO 8601:2000); None for nothing. Raise ValueError in words."""
    if not text.strip():
        return None
    found = _BIRTHDAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:20]!r} is not a birthday such as 1990-03-14 or --03-14")
    year = None if found[1] == "-" else int(found[1])
    if year is not None and not 1880 <= year <= 2100:
        raise ValueError(f"{text[:20]!r} is of no believable year")
    try:
        date(year or _LEAP_YEAR, int(found[2]), int(found[3]))
    except ValueError as error:
        raise ValueError(f"{text[:20]!r} is no day of the calendar") from error
    return year, int(found[2]), int(found[3])


def tags(words: Iterable[str]) -> list[str]:
    """Return tags as they are kept: trimmed, each once, in order of the alphabet."""
    found = {" ".join(word.split())[:LONGEST_TAG] for word in words}
    return sorted(found - {""})[:MOST_TAGS]


def retagged(held: Sequence[str], *, before: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return the tags held once the shop, which said `before`, says `now`: only its changes count, so that the staff's own stay."""
    gone, new = set(before) - set(now), set(now) - set(before)
    return tags(set(held) - gone | new)
