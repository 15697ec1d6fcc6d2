"""Days, times and spans as a customers' page says them: by the shop's clock, in the reader's language. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton

from orders.delivery import Usual
from stores import dates, phrases
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
        return dates.day(moment, now=self.now, zone=self.zone, words=self.words)

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
        return dates.place(self.zone, self.words)


def usually(usual: Usual, words: Phrases) -> str:
    """Return "2–3 days", "1 day"; no line ends within the numbers."""
    low, high = max(1, ceil(usual.middle)), max(1, ceil(usual.most))
    return words.say_many(high, "{n} day", "{n} days", n=f"{low}–\N{WORD JOINER}{high}" if low < high else high)


@lru_cache(maxsize=4096)
def _long(day: date, words: Phrases) -> str:
    return str(format_date(day, "long", locale=words.locale))


@lru_cache(maxsize=4096)
def _short(day: date, words: Phrases) -> str:
    return str(format_skeleton("MMMEd", day, locale=words.locale))
