"""When a campaign's mails go, and until when it can be taken back. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stores import walltime

#: So long a campaign can be taken back after it was scheduled, and so long a stop can be undone.
SECOND_THOUGHTS = timedelta(minutes=10)
#: Where each day begins first.
_EARLIEST = ZoneInfo("Pacific/Kiritimati")


@dataclass(frozen=True)
class Wish:
    """When it should go: `timing` as Campaign.Timing has it, and the wall time by the clock of `zone` or of each customer."""

    timing: str
    zone: str
    day: date | None = None
    wall: time | None = None


def at(wish: Wish, zone: ZoneInfo) -> datetime:
    """Return the wished wall time in a zone."""
    assert wish.day is not None and wish.wall is not None
    noon = datetime.combine(wish.day, time(12), tzinfo=zone)
    return walltime.at_wall_time(noon, days=0, wall=wish.wall, zone=zone)


def first(wish: Wish, *, now: datetime) -> datetime:
    """Return when the first mail is due by the wish alone, which may be in the past."""
    if wish.timing == "now":
        return now
    return at(wish, _EARLIEST if wish.timing == "each" else ZoneInfo(wish.zone))


def last(wish: Wish, *, now: datetime) -> datetime:
    """Return when the last mail is due by the wish alone: by each customer's clock, where the day ends last."""
    return at(wish, ZoneInfo("Pacific/Pago_Pago")) if wish.timing == "each" else first(wish, now=now)


def starts(wish: Wish, *, pressed_at: datetime) -> datetime:
    """Return when the audience is frozen and the first mails may go: not before second thoughts are over."""
    return max(pressed_at + SECOND_THOUGHTS, first(wish, now=pressed_at))


def due(wish: Wish, zone: ZoneInfo, *, starts_at: datetime) -> datetime:
    """Return when the mail to a customer of that zone is due. Where the time has passed already it goes at once."""
    return max(starts_at, at(wish, zone)).astimezone(UTC) if wish.timing == "each" else starts_at
