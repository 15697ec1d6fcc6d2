"""What became of a store's mails, by the domain they went to and by the step that wrote them; every number leads to its mails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from campaigns.models import Step
from lifecycle.console import tabs
from messaging.returning import day_counts, guard_rails
from messaging.returning.deliverability import OUTCOMES, Row
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Store

#: Stands in an address for the flow or the step of a mail that has none.
NONE = "-"
PERIODS = (7, 30, 90)
MOST_DOMAINS = 30
_LABELS = {
    "sent": "Sent", "delivered": "Delivered", "bounced": "Bounced", "complained": "Marked as spam", "unsubscribed": "Unsubscribed",
    "clicked": "Clicked",
}  # fmt: skip
_WIDTH, _HEIGHT, _TOP = 720, 160, 8


@dataclass(frozen=True)
class Cell:
    """One number: its share of what it is a part of, and the list it leads to. `is_told`: somebody tells us such things at all."""

    label: str
    count: int
    share: str
    href: str
    tone: str = ""
    is_told: bool = True


@dataclass(frozen=True)
class Bar:
    """One day of the chart, in the picture's own units."""

    day: date
    sent: int
    complained: int
    rate: float
    x: float
    y: float
    width: float
    height: float
    tone: str


@page()
def show(request: StoreRequest) -> HttpResponse:
    store, now = request.store, clock.read()
    days = days_of(request.GET.get("days", "")) or 30
    day_counts.catch_up(store, now=now)
    first = since(store, days, now=now).astimezone(ZoneInfo(store.timezone)).date()
    domains, steps = day_counts.by_domain(store, since=first), day_counts.by_step(store, since=first)
    names = dict(Step.objects.filter(store=store).order_by("id").values_list("key", "name"))
    total = Row((), day_counts.total(steps))
    cells = partial(_cells, store, days, is_told=total.counts["delivered"] > 0)
    context = {
        "section": "deliverability", "now": now, "days": days, "total": cells(total, {}), "has_any": bool(steps),
        "as_of": day_counts.counted_at(store, today=now.astimezone(ZoneInfo(store.timezone)).date()),
        "domains": [(row.key[0], cells(row, {"domain": row.key[0]})) for row in domains[:MOST_DOMAINS]],
        "more_domains": domains[MOST_DOMAINS:],
        "steps": [
            (names.get(step, step) or "Other mails", flow, cells(row, {"flow": flow or NONE, "step": step or NONE}))
            for row in steps
            for flow, step in [row.key]
        ],
        "labels": list(_LABELS.values()), "chart": _chart(store, days, now=now) if steps else None,
        "tabs": tabs.of(request, "days", [(str(each), f"{each} days") for each in PERIODS], str(days)), "tabs_label": "Period",
    }  # fmt: skip
    return render(request, "console/deliverability.html", context)


def days_of(text: str) -> int | None:
    return int(text) if text in map(str, PERIODS) else None


def since(store: Store, days: int, *, now: datetime) -> datetime:
    """Return the midnight by the shop's clock at which a period began; it stands still for a day, and so do the numbers' lists."""
    return walltime.at_wall_time(now, days=1 - days, wall=time(0), zone=ZoneInfo(store.timezone))


def words_for(request: HttpRequest) -> list[str]:
    """Return in words which of this page's numbers a list of mails is behind."""
    outcome, domain, days = request.GET.get("outcome", ""), request.GET.get("domain", ""), days_of(request.GET.get("days", ""))
    step = " ".join(value for name in ("flow", "step") if (value := request.GET.get(name, "")) not in ("", NONE))
    found = [
        _LABELS[outcome].lower() if outcome in OUTCOMES else "", f"to {domain[:120]}" if domain else "", f"of {step[:120]}" if step else "",
    ]  # fmt: skip
    return [words for words in (*found, f"in the last {days} days" if days else "") if words]


def _cells(store: Store, days: int, row: Row, where: Mapping[str, str], *, is_told: bool) -> list[Cell]:
    base = reverse("console:messages", args=[store.slug])
    cells = []
    for name, label in _LABELS.items():
        count = row.counts[name]
        query = urlencode({"days": days, **where, "outcome": name})
        part = "" if name == "sent" else share(count, row.counts["sent"])
        cells.append(Cell(label, count, part, f"{base}?{query}", _tone(name, row), is_told or name != "delivered"))
    return cells


def share(count: int, sent: int) -> str:
    """Return a share of what was sent: two digits where it is small, none where there is nothing to share."""
    if not sent or not count:
        return ""
    share = 100 * count / sent
    return f"{share:.2f}\u00a0%" if share < 1 else f"{share:.0f}\u00a0%"


def _tone(name: str, row: Row) -> str:
    """Colour complaints at the lines that providers draw; few mails count as a thousand, as the guard rails have it."""
    rate = row.counts["complained"] / max(row.counts["sent"], guard_rails.FEWEST)
    if name != "complained" or rate < guard_rails.WARN_COMPLAINTS:
        return ""
    return "critical" if rate >= guard_rails.STOP_COMPLAINTS else "warning"


def _chart(store: Store, days: int, *, now: datetime) -> dict[str, object]:
    """Draw the complaint rate of each day's last week of help and marketing mails, with the two lines."""
    zone = ZoneInfo(store.timezone)
    reach = days + guard_rails.DAYS - 1
    today = now.astimezone(zone).date()
    held = day_counts.complaints_by_day(store, since=today - timedelta(days=reach - 1))
    counted = [held.get(today - timedelta(days=back), (0, 0)) for back in range(reach - 1, -1, -1)]
    weeks = [counted[end - guard_rails.DAYS : end] for end in range(guard_rails.DAYS, len(counted) + 1)]
    sums = [(sum(sent for sent, _ in week), sum(complained for _, complained in week)) for week in weeks]
    rates = [complained / max(sent, guard_rails.FEWEST) for sent, complained in sums]
    top = max(0.004, *(rate * 1.15 for rate in rates))
    step, room = _WIDTH / days, _HEIGHT - _TOP - 1
    bars = []
    for place, ((sent, complained), rate) in enumerate(zip(sums, rates, strict=True)):
        height = room * rate / top
        tone = "critical" if rate >= guard_rails.STOP_COMPLAINTS else "warning" if rate >= guard_rails.WARN_COMPLAINTS else ""
        day = today - timedelta(days=days - 1 - place)
        bars.append(
            Bar(
                day, sent, complained, rate * 100, round(place * step, 1), round(_TOP + room - height, 1), round(step * 0.8, 1),
                round(height, 1), tone,
            )
        )  # fmt: skip
    lines = [(round(_TOP + room - room * rate / top, 1), f"{rate:.1%}".replace("%", " %")) for rate in (0.001, 0.003)]
    return {
        "width": _WIDTH, "height": _HEIGHT, "floor": _TOP + room, "bars": bars, "lines": lines, "worst": max(rates) * 100, "last": bars[-1],
    }  # fmt: skip
