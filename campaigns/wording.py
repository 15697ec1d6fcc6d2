"""Moments, amounts and names as a customer reads them. Pure: `now` and the zone are given.

The words are English, so dates and amounts are too: one mail, one language. `LOCALE` is where a second language of copy starts.
"""

import calendar
import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

LOCALE = "en_GB"
MONEY_LANGUAGE = "en"

_BREAKS = re.compile(r"\s[-–—|:/]\s|[,(\[|;]|\s{2,}")
_NOT_A_NAME = re.compile(r"://|www\.|[@/\\<>{}\[\]|=*#\d]|\.(com|net|org|ru|cn|io|info)\b", re.IGNORECASE)
_LONGEST_NAME = 30
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def day(moment: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Return "Friday 6 November", with the year unless it is this one."""
    local = moment.astimezone(zone).date()
    return _written(local, now.astimezone(zone).date())


def near_day(moment: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Return the shortest sure name of a day ahead: "today", "tomorrow", "Friday" within a week, else "Friday 6 November"."""
    local, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    ahead = (local - today).days
    if ahead in (0, 1):
        return ("today", "tomorrow")[ahead]
    return _formatted(local, "EEEE") if 1 < ahead < 7 else _written(local, today)


def month_day(moment: datetime, zone: tzinfo) -> str:
    """Return "3 November"."""
    return _formatted(moment.astimezone(zone).date(), "d MMMM")


def deadline(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return "Sunday 29 November, 23:59 Berlin time"."""
    return f"{day(moment, now=now, zone=zone)}, {moment.astimezone(zone):%H:%M} {place(zone)}"


@lru_cache(maxsize=512)
def place(zone: ZoneInfo) -> str:
    """Return a zone by its city, "Berlin time", or "UTC"."""
    city = "" if zone.key.startswith("Etc/") or "/" not in zone.key else get_timezone_location(zone, locale=LOCALE, return_city=True)
    return f"{city} time" if city and not city.startswith("Unknown") else "UTC"


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day so many months on; a day that month does not have becomes its last one."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def short_title(title: str, longest: int = 40) -> str:
    """Return a product's title as one would say it: up to its first dash, bracket or comma, cut between words."""
    whole = " ".join(title.split())
    head = _BREAKS.split(whole, maxsplit=1)[0].strip()
    short = head if len(head) >= 3 else whole
    if len(short) <= longest:
        return short
    cut = short[: longest + 1].rsplit(" ", 1)[0] if " " in short[: longest + 1] else short[:longest]
    return cut.rstrip(" ,;:-–&") or short[:longest]


def given_name(name: str) -> str:
    """Return a first name if it looks like one: shouted or whispered names are set right, addresses and codes are none."""
    clean = " ".join(name.split())
    if not clean or len(clean) > _LONGEST_NAME or _NOT_A_NAME.search(clean) or not any(letter.isalpha() for letter in clean):
        return ""
    return clean.title() if clean.isascii() and (clean.islower() or (clean.isupper() and len(clean) > 2)) else clean


def given_part(sender: str) -> str:
    """Return "Jo" of "Jo at Marlow & Finch", "" where no person is named."""
    parts = re.split(r"\s+(?:at|from|of)\s+|,|\|", sender, maxsplit=1)
    return parts[0].strip() if len(parts) > 1 else ""


def counted(number: int, one: str, many: str) -> str:
    """Return "4 steps", "1 step"."""
    return f"{number} {one if number == 1 else many}"


def counted_in_words(number: int, one: str, many: str) -> str:
    """Return "Three things", "One thing"; figures from eleven on."""
    figure = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{figure} {one if number == 1 else many}"


def taken_too(share: float, product: str) -> str:
    """Return how many of a product's buyers take something with it: "1 in 5 who buy the kettle take it too"; "" for none."""
    if share <= 0:
        return ""
    several = round(1 / share)
    return f"{'Most' if several < 2 else f'1 in {several}'} who buy {product} take it too"


def _written(local: date, today: date) -> str:
    return _formatted(local, "EEEE d MMMM" if local.year == today.year else "EEEE d MMMM y")


@lru_cache(maxsize=4096)
def _formatted(local: date, pattern: str) -> str:
    return str(format_date(local, pattern, locale=LOCALE))
