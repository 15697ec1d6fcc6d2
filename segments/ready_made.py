"""Segments worth having from the first day; each is a rule like any other once it is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from engagement.models import Interest
from stores.models import Store


@dataclass(frozen=True)
class Ready:
    """A segment to begin with: its name, why it pays, and its rule."""

    key: str
    name: str
    why: str
    rule: dict[str, Any]


def _row(what: str, op: str, **rest: Any) -> dict[str, Any]:
    return {"what": what, "op": op, **rest}


def of(store: Store, *, today: date) -> list[Ready]:
    """Return what a store may begin with; the holiday ones speak of the last season that is over."""
    year = today.year if today > date(today.year, 12, 24) else today.year - 1
    season = {"start": f"{year}-11-15", "end": f"{year}-12-24"}
    return [
        Ready("champions", "Champions", "They buy often, bought lately and spend most: ask them for a review, let them in first.",
              {"all": [_row("rfm_group", "any", values=["champions"])]}),
        Ready("vip", "VIP: top 1 %", "The buyers with the highest total. A note by hand does more than a discount.",
              {"all": [_row("spent", "top_percent", value="1")]}),
        Ready("new", "New customers", "Their first order is at most 30 days old: help comes before offers.",
              {"all": [_row("first_order", "in_last", days=30), _row("orders_count", "exactly", value="1")]}),
        Ready("promising", "Promising", "One or two orders, the last of them recent, nothing sent back: the second order decides.",
              {"all": [_row("orders_count", "between", value="1", upper="2"), _row("last_order", "in_last", days=60),
                       _row("returns_count", "at_most", value="0")]}),
        Ready("slipping", "Slipping away", "They used to buy more often than they do now.",
              {"all": [_row("rfm_group", "any", values=["at_risk", "needs_attention"])]}),
        Ready("lost", "Lost for 180 days", "No order for half a year: one good reason to come back, then leave them in peace.",
              {"all": [_row("last_order", "before_last", days=180)]}),
        Ready("gifters", "Holiday gifters", f"They ordered before Christmas {year}, and may again.",
              {"all": [_row("ordered", "did", when="between", **season)]}),
        Ready("birthday", "Birthday this month", "A greeting, and what you like to add.", {"all": [_row("birthday", "this_month")]}),
        Ready("gift-first", "First order was a gift", f"Their only order fell into the gift weeks of {year}: they may not know you yet.",
              {"all": [_row("first_order", "between", **season), _row("orders_count", "exactly", value="1")]}),
        Ready("never-reviewed", "Never reviewed", "They got what they ordered of late and were never heard: ask once more, in another way.",
              {"all": [_row("event", "did", values=["order.received", "shipment.delivered"], when="in_last", days=90),
                       _row("answer", "did_not")]}),
        *_interested(store),
    ]  # fmt: skip


def _interested(store: Store) -> Iterator[Ready]:
    """Yield who is interested in the topic that somebody of the store cares for most."""
    first = Interest.objects.filter(store=store).order_by("-at").values_list("topic", flat=True).first()
    if first:
        words = "They bought or looked at it lately: news of it is welcome."
        yield Ready("interested", f"Interested in {first}", words, {"all": [_row("interest", "any", values=[first])]})


def find(store: Store, key: str, *, today: date) -> Ready | None:
    return next((ready for ready in of(store, today=today) if ready.key == key), None)
