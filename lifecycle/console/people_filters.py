"""Which customers a list shows: the filters as they stand in an address, as a query, and as words that can be taken out one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import QueryDict
from django.utils.formats import date_format

from customers.models import Customer, Rfm
from lifecycle.console import search
from stores import money
from stores.models import Store

Marketing = Customer.Marketing


def _figures(**asked: object) -> Q:
    """Return a condition on customers' figures; indexes of theirs begin with the store."""
    return Q(metrics__store=F("store"), **{f"metrics__{name}": value for name, value in asked.items()})


def _scores(**asked: object) -> Q:
    return Q(rfm__store=F("store"), **{f"rfm__{name}": value for name, value in asked.items()})


NEVER_ORDERED = Q(has_ordered=False)
#: How many orders: ?orders=, the words, the condition.
ORDERS = {
    "none": ("Never ordered", NEVER_ORDERED),
    "one": ("One order", _figures(orders_count=1)),
    "more": ("Two orders or more", _figures(orders_count__gte=2)),
}
_ONE_TO_FIVE = {str(score): str(score) for score in range(1, 6)}
_BEFORE = {**dict(Rfm.Group.choices), "none": "not a buyer"}
Choices = Mapping[str, str]


@dataclass(frozen=True)
class Filter:
    """One filter that is set: its name in the address, what it says, and the condition."""

    name: str
    words: str
    condition: Q


def _choice(options: Choices, label: str, condition: Callable[[str], Q]) -> Callable[[str, Store], Filter | None]:
    def read(value: str, store: Store) -> Filter | None:
        return Filter("", f"{label}{options[value]}", condition(value)) if value in options else None

    return read


def _country(value: str, store: Store) -> Filter | None:
    code = value.upper()
    return Filter("", f"Country: {code}", Q(country=code)) if len(code) == 2 and code.isalpha() else None


def _tag(value: str, store: Store) -> Filter | None:
    tag = " ".join(value.split())[:60]
    return Filter("", f"Tag: {tag}", Q(tags__contains=[tag])) if tag else None


def _city(value: str, store: Store) -> Filter | None:
    city = value.strip()[:120]
    return Filter("", f"City: {city}", Q(Exact(Lower("city"), city.lower()))) if city else None


def _day(value: str, store: Store) -> datetime | None:
    """Return the midnight, by the shop's clock, at which a day begins."""
    try:
        return datetime.combine(date.fromisoformat(value), time(0), ZoneInfo(store.timezone))
    except (ValueError, OverflowError):
        return None


def _before(value: str, store: Store) -> Filter | None:
    day = _day(value, store)
    return Filter("", f"Last order before {date_format(day, 'j M Y')}", _figures(last_order_at__lt=day)) if day else None


def _since(value: str, store: Store) -> Filter | None:
    day = _day(value, store)
    return Filter("", f"Last order since {date_format(day, 'j M Y')}", _figures(last_order_at__gte=day)) if day else None


def _spent(value: str, store: Store) -> Filter | None:
    try:
        minor = money.to_minor(value.replace(",", "."), store.currency)
    except money.NotMoney:
        return None
    return Filter("", f"Spent at least {money.show(minor, store.currency)}", _figures(total_spent_minor__gte=minor)) if minor > 0 else None


#: By name in the address: how its value is read. What cannot be read filters nothing.
READERS: dict[str, Callable[[str, Store], Filter | None]] = {
    "group": _choice(dict(Rfm.Group.choices), "Group: ", lambda value: _scores(group=value)),
    "was": _choice(_BEFORE, "Last month: ", lambda value: _scores(last_month_group="" if value == "none" else value)),
    "r": _choice(_ONE_TO_FIVE, "Recency ", lambda value: _scores(recency=int(value))),
    "f": _choice(_ONE_TO_FIVE, "Frequency ", lambda value: _scores(frequency=int(value))),
    "stage": _choice(dict(Rfm.Stage.choices), "Stage: ", lambda value: _scores(stage=value)),
    "orders": _choice({name: words for name, (words, _) in ORDERS.items()}, "", lambda value: ORDERS[value][1]),
    "marketing": _choice(dict(Marketing.choices), "Marketing: ", lambda value: Q(marketing=value)),
    "country": _country,
    "city": _city,
    "tag": _tag,
    "since": _since,
    "before": _before,
    "spent": _spent,
}
#: What makes a view of the list, in the order in which a saved one keeps it.
KEPT = ("q", *READERS, "sort")


def read(query: QueryDict, store: Store) -> list[Filter]:
    """Return the filters that an address sets."""
    found = []
    for name, reader in READERS.items():
        value = query.get(name, "").strip()
        if value and (one := reader(value, store)) is not None:
            found.append(Filter(name, one.words, one.condition))
    return found


def people(query: QueryDict, store: Store) -> QuerySet[Customer]:
    """Return the customers that an address is about: of these words and these filters."""
    found = search.customers_like(store, query.get("q", "").strip()[:200])
    for one in read(query, store):
        found = found.filter(one.condition)
    return found


def kept(query: QueryDict) -> str:
    """Return the part of an address that says who is on the list and in which order; places in it and empty fields are left out."""
    fresh = QueryDict(mutable=True)
    for name in KEPT:
        value = query.get(name, "").strip()
        if value and (name, value) != ("sort", "newest"):
            fresh[name] = value
    return fresh.urlencode()
