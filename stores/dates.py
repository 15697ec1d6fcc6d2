"""Days as a customer reads them, in the language of the page or mail. Pure: `now` and the zone are given."""

import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from stores.phrases import ENGLISH, Phrases

#: The year at the end of a CLDR pattern, with what joins it to the month.
_YEAR = re.compile(r"(\s+'de')?[\s,]*y+[^A-Za-z']*$")


def day(moment: datetime, *, now: datetime, zone: tzinfo, words: Phrases) -> str:
    """Return "Friday 6 November", with the year unless it is this one."""
    local = moment.astimezone(zone).date()
    return _written(local, now.astimezone(zone).date(), words)


def near_day(moment: datetime, *, now: datetime, zone: tzinfo, words: Phrases) -> str:
    """Return the shortest sure name of a day ahead: "today", "tomorrow", "Friday" within a week, else "Friday 6 November"."""
    local, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    ahead = (local - today).days
    if ahead in (0, 1):
        return (words.say("today"), words.say("tomorrow"))[ahead]
    return _formatted(local, "EEEE", words) if 1 < ahead < 7 else _written(local, today, words)


def month_day(moment: datetime, zone: tzinfo, words: Phrases) -> str:
    """Return "3 November"."""
    return _formatted(moment.astimezone(zone).date(), _patterns(words)[1], words)


def deadline(moment: datetime, *, now: datetime, zone: ZoneInfo, words: Phrases) -> str:
    """Return "Sunday 29 November, 23:59 Berlin time"."""
    hour = f"{moment.astimezone(zone):%H:%M} {place(zone, words)}"
    return words.say("{day}, {time}", day=day(moment, now=now, zone=zone, words=words), time=hour)


@lru_cache(maxsize=512)
def place(zone: ZoneInfo, words: Phrases) -> str:
    """Return a zone by its city, "Berlin time", or "UTC"."""
    if zone.key.startswith("Etc/") or "/" not in zone.key:
        return "UTC"
    city = get_timezone_location(zone, locale=words.locale, return_city=True)
    return words.say("{city} time", city=city) if city and not city.startswith("Unknown") else "UTC"


def _written(local: date, today: date, words: Phrases) -> str:
    whole, _ = _patterns(words)
    return _formatted(local, whole if local.year != today.year else _YEAR.sub("", whole), words)


@lru_cache(maxsize=64)
def _patterns(words: Phrases) -> tuple[str, str]:
    """Return CLDR's patterns of a day with its year, and without the week's: English ones as one writes them in a letter."""
    if words.language == ENGLISH:
        return "EEEE d MMMM y", "d MMMM"
    full = str(words.locale.date_formats["full"].pattern)
    return full, _YEAR.sub("", str(words.locale.date_formats["long"].pattern))


@lru_cache(maxsize=4096)
def _formatted(local: date, pattern: str, words: Phrases) -> str:
    return str(format_date(local, pattern, locale=words.locale))
