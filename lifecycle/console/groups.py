"""The groups of a store's customers: how lately and how often they buy, who moved since last month, how far they have come."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format

from customers import rfm_counts
from customers.models import Rfm, Rhythm
from lifecycle.console import tabs
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store

#: What each group is, and what to do about it.
MEANINGS = {
    Rfm.Group.CHAMPIONS: "Bought lately, often and for much: thank them, ask them for a review.",
    Rfm.Group.LOYAL: "Come back again and again: show them what is new first.",
    Rfm.Group.RECENT: "Bought lately, not often yet: help them with it, and the second order follows.",
    Rfm.Group.NEEDS_ATTENTION: "In the middle, and cooling: give them a reason to look in.",
    Rfm.Group.AT_RISK: "Bought often or for much, but not for long: ask what went wrong.",
    Rfm.Group.INACTIVE: "Bought little, long ago: leave them in peace, or win them back once.",
}
_STEPS = 6  # the darkest shade of the grid
_FEW = 30


@dataclass(frozen=True)
class Cell:
    """One number and the list behind it; `heat` is a shade from 0 to 6."""

    count: int
    href: str
    heat: int = 0
    words: str = ""


@page()
def show(request: StoreRequest) -> HttpResponse:
    store = request.store
    rhythm = Rhythm.objects.filter(store=store, refreshed_at__isnull=False).first()
    context: dict[str, object] = {"section": "groups", "now": clock.read(), "rhythm": rhythm}
    if rhythm is not None and rhythm.buyers_count:
        counts, months = rfm_counts.read(store), rfm_counts.months(store)
        asked = next((month for month in months if month.isoformat() == request.GET.get("month")), None)
        month = asked or (months[0] if months else None)
        moves = counts.moves if month == rhythm.month else rfm_counts.movement(store, month) if month else Counter[tuple[str, str]]()
        context |= {
            "grid": _grid(store, counts), "groups": _groups(store, counts, has_before=month is not None), "month": month,
            "movement": _movement(store, moves, is_now=month == rhythm.month) if month else None,
            "months": [(link, label, is_on) for link, label, is_on in _months(request, months, month)],
            "stages": _stages(store, counts), "orders": _orders(store, counts), "has_few": rhythm.second_orders_count < _FEW,
            "group_labels": [label for _, label in Rfm.Group.choices],
        }  # fmt: skip
    return render(request, "console/groups.html", context)


def _months(request: StoreRequest, months: list[date], chosen: date | None) -> list[tabs.Tab]:
    options = [(month.isoformat(), date_format(month, "F Y")) for month in months]
    return tabs.of(request, "month", options, chosen.isoformat() if chosen else "") if len(options) > 1 else []


def _list(store: Store, **where: object) -> str:
    return f"{reverse('console:customers', args=[store.slug])}?{urlencode(where)}"


def _grid(store: Store, counts: rfm_counts.Counts) -> list[tuple[int, list[Cell]]]:
    """Return the rows of the grid, who bought last at the top; the shade goes by the share of the fullest cell."""
    fullest = max((number for (recency, _), number in counts.cells.items() if recency), default=1)

    def cell(recency: int, frequency: int) -> Cell:
        count = counts.cells[recency, frequency]
        return Cell(count, _list(store, r=recency, f=frequency), -(-_STEPS * count // fullest))

    return [(recency, [cell(recency, frequency) for frequency in range(1, 6)]) for recency in range(5, 0, -1)]


def _groups(store: Store, counts: rfm_counts.Counts, *, has_before: bool) -> list[dict[str, object]]:
    buyers = sum(counts.groups[group] for group in Rfm.Group.values) or 1
    rows = []
    for group, label in Rfm.Group.choices:
        number, before = counts.groups[group], counts.before[group]
        rows.append({
            "label": label, "meaning": MEANINGS[Rfm.Group(group)], "cell": Cell(number, _list(store, group=group)),
            "share": round(100 * number / buyers), "before": Cell(before, _list(store, was=group)) if has_before else None,
            "change": _change(number - before) if has_before else "",
        })  # fmt: skip
    return rows


def _change(difference: int) -> str:
    if not difference:
        return "as before"
    return f"up {difference:,}" if difference > 0 else f"down {-difference:,}"


def _movement(store: Store, moves: Counter[tuple[str, str]], *, is_now: bool) -> list[tuple[str, list[Cell]]]:
    """Return a row for each group of before, a cell for each group of after; only what is so now has a list behind it."""
    rows = []
    for before, label in [*Rfm.Group.choices, ("", "Not a buyer yet")]:
        cells = []
        for after, name in Rfm.Group.choices:
            href = _list(store, was=before or "none", group=after) if is_now else ""
            tone = "stayed" if after == before else ""
            cells.append(Cell(moves[before, after], href, 0, tone or name))
        rows.append((label, cells))
    return rows


def _stages(store: Store, counts: rfm_counts.Counts) -> list[tuple[str, Cell]]:
    return [(label, Cell(counts.stages[stage], _list(store, stage=stage))) for stage, label in Rfm.Stage.choices]


def _orders(store: Store, counts: rfm_counts.Counts) -> list[tuple[str, Cell]]:
    labels = (("none", "No order"), ("one", "One order"), ("more", "Two orders or more"))
    return [(label, Cell(counts.orders[number], _list(store, orders=name))) for number, (name, label) in enumerate(labels)]
