"""How the installation does: whether the workers consume, how far behind sending is, and how long its parts take."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns import lateness
from messaging.models import Message
from stores import clock, ticks


@dataclass(frozen=True)
class Row:
    """One line of the page; `is_bad`: it wants somebody's hand."""

    name: str
    words: str
    is_bad: bool = False


def show(request: HttpRequest) -> HttpResponse:
    now = clock.read()
    pulse, behind = ticks.last(ticks.PULSE, now=now), lateness.behind(now=now)
    mine = Message.objects.filter(store__memberships__user=request.user.pk, state=Message.State.UNKNOWN)
    unknown = mine.count()
    rows = [
        Row("Workers", _pulse_words(pulse), pulse is None or pulse.age > ticks.LATE),
        Row("Oldest due", f"{words(behind)} ago" if behind else "Nothing is due", behind > ticks.LATE),
        Row("From due to accepted, last hour", _spread_words(lateness.due_to_accepted(now=now))),
        Row("From a shop’s news to its effect, last hour", _spread_words(lateness.arrived_to_read(now=now))),
        Row("Mails of your stores with unknown outcome", f"{unknown:,}", unknown > 0),
    ]
    return render(request, "console/status.html", {"rows": rows, "now": now})


def _pulse_words(pulse: ticks.Passed | None) -> str:
    if pulse is None:
        return "No worker has run yet: start the worker and beat."
    return f"Seen {words(pulse.age)} ago" + ("" if pulse.age <= ticks.LATE else ": start the worker and beat")


def _spread_words(spread: lateness.Spread) -> str:
    if spread.p50 is None or spread.p95 is None:
        return "Nothing yet"
    return f"{spread.p50:.1f} s in the middle, {spread.p95:.1f} s for 95 in 100 (of {spread.count:,})"


def words(span: timedelta) -> str:
    """Return a span as people say it: "41 s", "12 min", "3 h 5 min", "2 days 4 h"."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} day{'s' * (days > 1)} {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
