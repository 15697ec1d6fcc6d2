"""How long staff hold a customer's mails: a span, or until a day of the customer's own calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format

from stores import walltime

SPANS = ((7, "a week"), (30, "a month"), (90, "three months"))
#: Held mails go on in the morning, not at midnight.
OPENS = time(8)
_LONGEST = timedelta(days=365)


@dataclass(frozen=True)
class Day:
    """What stands in the field, the moment it means or what is wrong with it, and the first and last day that can be."""

    text: str
    first: date
    last: date
    moment: datetime | None = None
    error: str = ""
    opens: time = OPENS


def read(text: str | None, *, zone: ZoneInfo, now: datetime) -> Day:
    """Read a day written as 2026-12-24; None means that none was asked for."""
    today = now.astimezone(zone).date()
    first, last = today + timedelta(days=1), today + _LONGEST
    text = (text or "").strip()[:40] if text is not None else None
    if text is None:
        return Day("", first, last)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        example = f"{first:%Y-%m-%d}"
        return Day(text, first, last, error=f"{f'“{text}” is no day.' if text else 'No day is given.'} Write it like {example}.")
    if day < first:
        return Day(text, first, last, error=f"{_words(day)} is not ahead for this customer. Choose {_words(first)} or later.")
    if day > last:
        return Day(text, first, last, error=f"{_words(day)} is more than a year away. Choose {_words(last)} or sooner.")
    days = (day - today).days
    return Day(text, first, last, walltime.at_wall_time(now, days=days, wall=OPENS, zone=zone))


def read_moment(text: str, *, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, str]:
    """Read a moment of a customer's clock written as 2026-12-24T10:00; return it, or None and what is wrong."""
    try:
        wished = datetime.fromisoformat(text.strip()[:40])
    except ValueError:
        return None, "Say the day and the time, like 24 December, 10:00. Nothing was changed."
    wished = wished.replace(tzinfo=None)
    moment = walltime.at_wall_time(now, days=(wished.date() - now.astimezone(zone).date()).days, wall=wished.time(), zone=zone)
    if not now < moment <= now + _LONGEST:
        return None, "That moment is not ahead, or more than a year away. Nothing was changed."
    return moment, ""


def days(request: HttpRequest) -> int:
    """Return the span that was chosen."""
    chosen = request.POST.get("days", "7")
    return int(chosen) if chosen in {str(number) for number, _ in SPANS} else 7


def _words(day: date) -> str:
    return date_format(day, "j F Y")
