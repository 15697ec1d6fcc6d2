"""What cells say: dates, amounts, birthdays, yes and no, countries; and in which of the world's ways a file writes them. Pure rules."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import cache

from babel import Locale

from customers import traits

#: In which order a date's numbers stand. The first two differ only by what they say; UNCLEAR is for a person to decide.
DMY, MDY, YMD, UNCLEAR = "dmy", "mdy", "ymd", "unclear"
ORDERS = {DMY: "day first: 31/12/2026", MDY: "month first: 12/31/2026", YMD: "year first: 2026-12-31"}
DECIMALS = {".": "point: 1,234.50", ",": "comma: 1.234,50"}

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>.*)"
_NUMBERS = re.compile(rf"(?P<a>\d{{1,4}})(?P<sign>[./\-])(?P<b>\d{{1,2}})(?P=sign)(?P<c>\d{{1,4}})(?:,?[ T]+{_CLOCK})?")
_WORDS = re.compile(
    r"(?:(?P<day>\d{1,2})\.? (?P<month>[A-Za-z]{3,9})\.?,?|(?P<month2>[A-Za-z]{3,9})\.? (?P<day2>\d{1,2})(?:st|nd|rd|th)?,?)"
    rf" (?P<year>\d{{4}})(?:,?(?: at)? +{_CLOCK})?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d\d):?(\d\d)")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_SHORT_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_SHORT_MONTHS, start=1)}
_YES = frozenset({
    "yes", "y", "true", "t", "1", "x", "on", "subscribed", "opted in", "opt-in", "opted-in", "accepted", "active", "ja", "oui", "sí", "si",
    "sim", "email",
})  # fmt: skip
_NO = frozenset({
    "unsubscribed", "opted out", "opt-out", "opted-out", "cleaned", "bounced", "hard_bounce", "hard bounce", "complained", "spam",
    "spam_complaint", "suppressed", "user_suppressed", "invalid_email", "unsubscribe", "invalid", "redacted",
})  # fmt: skip
_SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
_AMOUNT = re.compile(r"-?\d+(?:[.,]\d+)*")
_CENTS = re.compile(r"-?\d+[.,]\d{1,2}")


class NotSaid(ValueError):
    """A cell that says nothing of its kind; its text says why."""


def moment(text: str, order: str, zone: tzinfo) -> datetime:
    """Read a date and time; one without an offset is by `zone`. Raise NotSaid."""
    said = text.strip()
    try:
        return _moment(said, order, zone).astimezone(UTC)
    except (ValueError, OverflowError, KeyError) as error:
        raise NotSaid(f"{said[:40]!r} is not a date, with the {ORDERS.get(order, 'year first: 2026-12-31')}") from error


def _moment(said: str, order: str, zone: tzinfo) -> datetime:
    if _EPOCH.fullmatch(said):
        return datetime.fromtimestamp(int(said[:10]), UTC)
    if found := _NUMBERS.fullmatch(said):
        year, month, day = _parts(found["a"], found["b"], found["c"], found["sign"], order)
    elif found := _WORDS.fullmatch(said):
        year, month, day = int(found["year"]), _MONTHS[(found["month"] or found["month2"])[:3].lower()], int(found["day"] or found["day2"])
    else:
        read = datetime.fromisoformat(said)
        return read if read.tzinfo else read.replace(tzinfo=zone)
    hour = int(found["hour"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    read = datetime(year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0), tzinfo=zone)
    return _with_offset(read, (found["zone"] or "").strip())


def _parts(a: str, b: str, c: str, sign: str, order: str) -> tuple[int, int, int]:
    if len(a) == 4:
        return int(a), int(b), int(c)
    if len(a) > 2 or len(c) not in (2, 4):
        raise ValueError
    year = int(c) + (2000 if len(c) == 2 else 0)
    return (year, int(a), int(b)) if order == MDY and sign != "." else (year, int(b), int(a))


def _with_offset(read: datetime, said: str) -> datetime:
    if not said:
        return read
    if said.upper() in ("Z", "UTC", "GMT"):
        return read.replace(tzinfo=UTC)
    found = _OFFSET.fullmatch(said)
    if found is None:
        raise ValueError(said)
    return datetime.fromisoformat(f"{read.replace(tzinfo=None).isoformat()}{found[1]}{found[2]}:{found[3]}")


def order_of(texts: Iterable[str]) -> str:
    """Return in which order dates are written: UNCLEAR if both day first and month first would do, "" if it makes no difference."""
    can_be = {DMY, MDY}
    is_asked = is_year_first = False
    for text in texts:
        found = _NUMBERS.match(text.strip())
        if found is None or found["sign"] == ".":
            continue
        if len(found["a"]) == 4:
            is_year_first = True
            continue
        is_asked = True
        can_be -= ({MDY} if int(found["a"]) > 12 else set()) | ({DMY} if int(found["b"]) > 12 else set())
    if not is_asked:
        return YMD if is_year_first else ""
    return can_be.pop() if len(can_be) == 1 else UNCLEAR


def looks_like_date(text: str) -> bool:
    """Say whether a cell is some date, in any order."""
    said = text.strip()
    return bool(_NUMBERS.fullmatch(said) or _WORDS.fullmatch(said) or re.match(r"\d{4}-\d\d-\d\d", said))


def amount(text: str, decimal: str) -> str:
    """Return an amount as the generic format has it: 1.234,50 € with a decimal comma is 1234.50. Raise NotSaid."""
    said = _SPACES.sub("", text)
    is_owed = said.startswith("(") and said.endswith(")")
    bare = re.sub(r"^[^\d\-.,]+|[^\d]+$", "", said.strip("()"))
    bare = f"-{bare.lstrip('-')}" if is_owed or said.startswith("-") else bare
    thousands = "," if decimal == "." else "."
    plain = bare.replace(thousands, "").replace(decimal, ".")
    if _CENTS.fullmatch(bare):  # nobody marks thousands so: whatever the others are like, these are cents
        return bare.replace(",", ".")
    if not _AMOUNT.fullmatch(bare) or plain.count(".") > 1 or _is_torn(bare, thousands, decimal):
        raise NotSaid(f"{text.strip()[:40]!r} is not an amount, with the decimal {DECIMALS[decimal]}")
    return plain


def _is_torn(bare: str, thousands: str, decimal: str) -> bool:
    """Say whether a sign of thousands stands where none can: 12,50 is no amount when the comma marks thousands."""
    whole, _, rest = bare.lstrip("-").partition(decimal)
    first, *groups = whole.split(thousands)
    return thousands in rest or (bool(groups) and (len(first) > 3 or any(len(group) != 3 for group in groups)))


def decimal_of(texts: Iterable[str]) -> str:
    """Return the mark before the cents, "." or ","; UNCLEAR when only amounts like 1,234 are there, "" when nothing speaks of it."""
    votes = {".": 0, ",": 0}
    is_unclear = False
    for text in texts:
        said = _SPACES.sub("", text)
        last = max(said.rfind("."), said.rfind(","))
        if last < 0:
            continue
        mark, other = said[last], "," if said[last] == "." else "."
        digits = len(re.sub(r"\D", "", said[last + 1 :]))
        if other in said or digits != 3:
            votes[mark if said.count(mark) == 1 else other] += 1
        elif said.count(mark) > 1:
            votes[other] += 1
        else:
            is_unclear = True
    if votes["."] or votes[","]:
        return max(votes, key=lambda mark: votes[mark])
    return UNCLEAR if is_unclear else ""


def consent(text: str) -> str:
    """Return what a cell says about marketing: subscribed, unsubscribed, or never (which is also what "no" says: nobody was asked)."""
    said = text.strip().strip("[]\"'").lower()
    if said in _NO:
        return "unsubscribed"
    return "subscribed" if said in _YES else "never"


def refusal(text: str) -> str:
    """Return what a cell of suppressions says: anything but an empty one or a plain no is a no to mails."""
    said = text.strip().strip("[]\"'").lower()
    return "" if said in ("", "no", "false", "0", "n", "never", "none", "null") else "unsubscribed"


def birthday(text: str, order: str) -> traits.Birthday | None:
    """Read a birthday: a date, or day and month alone where the year is not told. Raise NotSaid."""
    said = text.strip()
    if not said:
        return None
    try:
        if said.startswith("--") or re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            return traits.birthday(said)
        if found := re.fullmatch(r"(\d{1,2})[./\-](\d{1,2})\.?", said):
            month, day = (int(found[1]), int(found[2])) if order == MDY else (int(found[2]), int(found[1]))
            return traits.birthday(f"--{month:02d}-{day:02d}")
        found = _NUMBERS.fullmatch(said)
        if found and len(found["a"]) < 3 and len(found["c"]) == 2:
            raise ValueError(f"{said[:20]!r} has a year of two digits; write four")
        read = _moment(said, order, UTC)
        return traits.birthday(f"{read.year:04d}-{read.month:02d}-{read.day:02d}")
    except KeyError as error:
        raise NotSaid(f"{said[:20]!r} is not a birthday such as 1990-03-14") from error
    except ValueError as error:
        raise NotSaid(str(error) if said[:20] in str(error) else f"{said[:20]!r} is not a birthday such as 1990-03-14") from error


def country(text: str) -> str:
    """Return the code of a country told by its code or its English name; empty for what is neither."""
    said = text.strip()
    if len(said) == 2 and said.isalpha():
        return said.upper()
    return _countries().get(said.casefold(), "")


@cache
def _countries() -> dict[str, str]:
    names = {name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    return names | {
        "usa": "US",
        "united states of america": "US",
        "uk": "GB",
        "great britain": "GB",
        "england": "GB",
        "czech republic": "CZ",
    }


def tags(text: str) -> tuple[str, ...]:
    """Return tags that are cut by commas, semicolons or bars."""
    return tuple(traits.tags(re.split(r"[,;|]", text)))
