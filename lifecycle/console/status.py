"""How the installation does: whether the workers consume, how far behind sending is, and how long its parts take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns import lateness
from messaging.models import Message
from orders import figures_check
from stores import clock, ticks
from stores.models import Membership


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
    checked = figures_check.found(list(Membership.objects.filter(user=request.user.pk).values_list("store", flat=True)), now=now)
    rows = [
        Row("Workers", _pulse_words(pulse), pulse is None or pulse.age > ticks.LATE),
        Row("Oldest due", f"{words(behind)} ago" if behind else "Nothing is due", behind > ticks.LATE),
        Row("From due to accepted, last hour", _spread_words(lateness.due_to_accepted(now=now))),
        Row("From a shop’s news to its effect, last hour", _spread_words(lateness.arrived_to_read(now=now))),
        Row("Mails of your stores with unknown outcome", f"{unknown:,}", unknown > 0),
        Row("Figures of your stores’ customers, checked every night", _checked_words(checked, now=now), checked.wrong > 0),
    ]
    return render(request, "console/status.html", {"rows": rows, "now": now})


def _pulse_words(pulse: ticks.Passed | None) -> str:
    if pulse is None:
        return "No worker has run yet: start the worker and beat."
    return f"Seen {words(pulse.age)} ago" + ("" if pulse.age <= ticks.LATE else ": start the worker and beat")


def _checked_words(checked: figures_check.Found, *, now: datetime) -> str:
    if checked.last_at is None:
        return "Not checked in the last 7 days: the first night after the first order does it"
    when = f"last check {words(now - checked.last_at)} ago"
    if not checked.wrong:
        return f"As the orders say, {when}"
    return f"{checked.wrong:,} did not match the orders in the last 7 days, and were mended; the log names them; {when}"


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
