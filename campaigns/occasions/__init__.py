"""Moments that no shop tells of, worked out from what is held and written to the wire: whatever starts a flow is an event."""

import logging
from datetime import datetime, timedelta

from campaigns.occasions import birthdays, carts, dates, departures, goods, permissions, seasons, supplies
from stores import ticks

log = logging.getLogger(__name__)

#: By name: what looks for them, and how often.
OCCASIONS = {
    "birthdays": (birthdays.note, timedelta(0)),
    "dates": (dates.note, timedelta(0)),
    "carts": (carts.note, timedelta(0)),
    "departures": (departures.note, timedelta(0)),
    "goods": (goods.note, timedelta(0)),
    "permissions": (permissions.note, timedelta(hours=20)),
    "seasons": (seasons.note, timedelta(hours=20)),
    "supplies": (supplies.note, timedelta(hours=20)),
}


def note(*, now: datetime) -> int:
    """Look for each kind whose turn it is; return how many events were new. One that fails does not stop the others."""
    return sum(_note(name, now=now) for name in OCCASIONS)


def _note(name: str, *, now: datetime) -> int:
    look, every = OCCASIONS[name]
    tick = f"occasion.{name}"
    if every and (last := ticks.last(tick, now=now)) and last.age < every:
        return 0
    try:
        found = look(now=now)
    except Exception:
        log.exception("Could not look for %s; the next round tries again.", name)
        return 0
    if every:
        ticks.passed(tick, now=now)
    return found
