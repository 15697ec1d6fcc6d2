"""Days, times and spans as a customers' page says them: by the shop's clock, in the reader's language. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from math import ceil
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, get_day_names

from campaigns import wording
from enquiries.hours import Week
from orders.delivery import Usual
from stores import phrases
from stores.phrases import Phrases

_ENGLISH = phrases.of(phrases.ENGLISH)


@dataclass(frozen=True)
class Calendar:
    """The shop's calendar at this moment, as one reader reads it."""

    now: datetime
    zone: ZoneInfo
    words: Phrases = _ENGLISH

    def days_until(self, moment: datetime) -> int:
        return (moment.astimezone(self.zone).date() - self.now.astimezone(self.zone).date()).days

    def day(self, moment: datetime) -> str:
        """Return "Friday 6 November", with its year when that is another one."""
        return wording.day(moment, now=self.now, zone=self.zone, words=self.words)

    def dated(self, moment: datetime) -> str:
        """Return "6 November 2026"."""
        return _long(moment.astimezone(self.zone).date(), self.words)

    def moment(self, moment: datetime) -> str:
        """Return "Friday 6 November, 14:02"."""
        return self.words.say("{day}, {time}", day=self.day(moment), time=self.time(moment))

    def short(self, moment: datetime) -> str:
        """Return "Fri, 6 Nov, 14:02"."""
        return self.words.say("{day}, {time}", day=_short(moment.astimezone(self.zone).date(), self.words), time=self.time(moment))

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%H:%M}"

    def coming(self, moment: datetime) -> str:
        """Return a day ahead, with its distance where it is near."""
        day, words = self.day(moment), self.words
        match self.days_until(moment):
            case 0:
                return words.say("today, {day}", day=day)
            case 1:
                return words.say("tomorrow, {day}", day=day)
        return day

    @property
    def place(self) -> str:
        """Return "Berlin time"."""
        return wording.place(self.zone, self.words)


def usually(usual: Usual, words: Phrases) -> str:
    """Return "2–3 days", "1 day"."""
    low, high = max(1, ceil(usual.middle)), max(1, ceil(usual.most))
    return words.say_many(high, "{n} day", "{n} days", n=f"{low}–{high}" if low < high else high)


def desk_hours(week: Week, words: Phrases) -> str:
    """Return "Monday–Friday 9:00–17:00; Saturday 10:00–14:00"; nothing where nobody ever is there."""
    names, parts = get_day_names("wide", "stand-alone", words.locale), []
    for span, run in groupby(range(len(week)), key=lambda day: week[day]):
        days = list(run)
        if span:
            named = "–".join(names[day] for day in dict.fromkeys((days[0], days[-1])))
            parts.append(f"{named} {span.opens:%-H:%M}–{span.closes:%-H:%M}")
    return "; ".join(parts)


@lru_cache(maxsize=4096)
def _long(day: date, words: Phrases) -> str:
    return str(format_date(day, "long", locale=words.locale))


@lru_cache(maxsize=4096)
def _short(day: date, words: Phrases) -> str:
    return str(format_skeleton("MMMEd", day, locale=words.locale))
