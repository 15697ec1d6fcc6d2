"""Understand, Engagement: the map of a store's customers on two axes, and the people of each quadrant with what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse

from engagement import advice, axes, kinds, scoring
from engagement.advice import Quadrant, Words
from engagement.axes import Splits
from engagement.models import Engagement, WriteKey
from lifecycle.console import paging, tabs
from lifecycle.console.answer import shown
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store

_STEPS = 6  # the darkest shade


@dataclass(frozen=True)
class Corner:
    """One quadrant: how many stand there, and where its list is."""

    key: str
    words: Words
    count: int
    share: int
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Person:
    """One customer of the list."""

    row: Engagement
    parts: Sequence[scoring.Part]
    next_action: str


@page()
def show(request: StoreRequest) -> HttpResponse:
    """Show the map, and the list of the quadrant that was chosen."""
    store, now = request.store, clock.read()
    context = {"section": "engagement", "now": now, "has_key": WriteKey.objects.filter(store=store).exists()}
    splits = axes.splits_of(store)
    if splits is not None:
        cells = axes.counted(store, splits)
        chosen = _chosen(request.GET.get("quadrant", ""))
        found = paging.page(axes.within(store, splits, chosen).select_related("customer"), request, by="-value")
        context |= {
            "splits": splits, "corners": _corners(request, cells, chosen), "rows": _rows(cells, splits), "page": found,
            "edges": [edge * splits.value for edge in axes.EDGES], "chosen": advice.WORDS[chosen],
            "people": _people(store, found.rows, splits, now=now),
        }  # fmt: skip
    return shown(request, "console/engagement.html", context, part="console/_engagement_people.html")


def _chosen(asked: str) -> Quadrant:
    return Quadrant(asked) if asked in Quadrant._value2member_map_ else Quadrant.ADVOCATES


def _quadrant_of(value: int, impact: int) -> Quadrant:
    middle = len(axes.EDGES) // 2
    return advice.quadrant_of(value + 1, impact + 1, value_split=middle + 1, impact_split=middle + 1)


def _corners(request: StoreRequest, cells: dict[tuple[int, int], int], chosen: Quadrant) -> list[Corner]:
    everyone = sum(cells.values()) or 1
    links = tabs.of(request, "quadrant", [(each.value, each.value) for each in Quadrant], chosen.value)
    found = []
    for quadrant, (href, _, is_chosen) in zip(Quadrant, links, strict=True):
        count = sum(number for place, number in cells.items() if _quadrant_of(*place) is quadrant)
        found.append(Corner(quadrant.value, advice.WORDS[quadrant], count, round(100 * count / everyone), href, is_chosen))
    return found


def _rows(cells: dict[tuple[int, int], int], splits: Splits) -> list[tuple[float, list[tuple[int, int]]]]:
    """Return the map's rows, the highest impact first: where it begins, and of each cell its count and its shade."""
    fullest = max(cells.values(), default=1)

    def cell(value: int, impact: int) -> tuple[int, int]:
        count = cells.get((value, impact), 0)
        return count, -(-_STEPS * count // fullest)

    places = range(len(axes.EDGES))
    return [(axes.EDGES[impact] * (splits.impact or 1), [cell(value, impact) for value in places]) for impact in reversed(places)]


def _people(store: Store, rows: Sequence[Engagement], splits: Splits, *, now: datetime) -> list[Person]:
    table = kinds.of(store.pk)
    return [
        Person(
            row,
            scoring.parts(row.parts, as_of=row.as_of, now=now, kinds=table)[:3],
            advice.next_action(
                row.parts, advice.quadrant_of(row.value, row.impact, value_split=splits.value, impact_split=splits.impact or 1)
            ),
        )
        for row in rows
    ]
