"""How fast mails may go: limits as even paces with a short rush, and who goes now, who later. Pure.

The rule is the generic cell rate algorithm (ITU-T I.371): a limit keeps the moment at which the next mail is due at an even pace, and a
mail may go so much ahead of it as a rush allows. What must wait gets a turn of its own, and comes back for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

#: Mails a day on a road that receivers do not know yet, from its first day on; then as many as there are (D19).
WARM_UP = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: So late may a mail come to its turn and still count as on time.
LATE = timedelta(seconds=5)


@dataclass(frozen=True)
class Limit:
    """At most `most` mails within any `span`, `rush` of them at once after a rest; bulk leaves `kept` of those to urgent mail.

    `ends_at`: from then on it is another limit, and what has no turn before gets one on the day after.
    """

    key: str
    most: int
    span: timedelta
    rush: int
    kept: int = 0
    ends_at: datetime | None = None

    @property
    def interval(self) -> timedelta:
        """Return the time between two mails of the even pace: with a rush in front and some late, no `span` holds more than `most`."""
        return (self.span + LATE) / (self.most - self.rush + 1)

    def ahead(self, *, is_urgent: bool) -> timedelta:
        """Return how far ahead of the even pace a mail may go."""
        return self.interval * (self.rush - 1 - (0 if is_urgent else self.kept))


@dataclass
class Pace:
    """A limit's state: the next moment of the even pace, and until when turns were given away, to bulk and to urgent mail."""

    next_at: datetime
    queue_until: datetime
    urgent_until: datetime

    def queue(self, request: "Request") -> datetime:
        return self.urgent_until if request.is_urgent else self.queue_until

    def take_turn(self, request: "Request", until: datetime) -> None:
        if request.is_urgent:
            self.urgent_until = until
        else:
            self.queue_until = until


@dataclass(frozen=True)
class Request:
    """A mail that wants to go: its limits, since when it is due, whether it had to wait already, and a share of 0 to 1 to spread it by."""

    limits: tuple[Limit, ...]
    due_at: datetime
    is_urgent: bool
    has_waited: bool
    share: float


def a_minute(key: str, most: int) -> Limit:
    rush = max(1, most // 12)
    return Limit(key, most, MINUTE, rush, kept=rush // 2)


def warm_up(key: str, first: date, *, now: datetime) -> Limit | None:
    """Return the limit of the day of a road that is warmed up since `first`; None once it is warm, or not begun."""
    day = now.astimezone(UTC).date()
    number = (day - first).days
    if not 0 <= number < len(WARM_UP):
        return None
    most = WARM_UP[number]
    return Limit(key, most, DAY, most // 10, ends_at=datetime.combine(day + DAY, time(), UTC))


def grant(requests: Sequence[Request], paces: Mapping[str, Pace], *, now: datetime) -> list[datetime | None]:
    """Return when each may go: None is now; update `paces` (by the limits' keys).

    Who comes for a turn goes before who comes anew; urgent mail has a queue of its own.
    """
    turns: list[datetime | None] = [None] * len(requests)
    limited = [place for place, request in enumerate(requests) if request.limits]
    for place in sorted(limited, key=lambda place: not requests[place].has_waited):
        turns[place] = _one(requests[place], paces, now)
    return turns


def _one(request: Request, paces: Mapping[str, Pace], now: datetime) -> datetime | None:
    at, limit = max(((_free_at(request, limit, paces[limit.key]), limit) for limit in request.limits), key=lambda wait: wait[0])
    pace = paces[limit.key]
    if at <= now:
        for each in request.limits:
            charged = paces[each.key]
            charged.next_at = max(charged.next_at, request.due_at, now - LATE) + each.interval
        return None
    at = max(at, pace.queue(request))
    if limit.ends_at is not None and at >= limit.ends_at:
        return limit.ends_at + DAY * request.share
    pace.take_turn(request, at + limit.interval)
    return at


def _free_at(request: Request, limit: Limit, pace: Pace) -> datetime:
    """Return when a limit lets a mail go: who comes anew waits for all who have a turn."""
    free_at = pace.next_at - limit.ahead(is_urgent=request.is_urgent)
    return free_at if request.has_waited else max(free_at, pace.queue(request))
