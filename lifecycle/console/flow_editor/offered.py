"""What a page of writing has to choose from, found in one question: for whom, what is promised, who writes, what there is to begin with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value

from campaigns.writing.models import Kept, Proofreader
from catalog.models import Product
from messaging.models import Writer
from offers.models import Offer
from segments.models import Segment
from stores.models import Store

#: So many categories, and so many products, are offered to keep a block for the buyers of.
_NAMES = 200


@dataclass(frozen=True)
class One:
    """Something to be chosen by its name."""

    pk: int
    name: str
    email: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Offered:
    """All there is of a store, by name; of what is sold the categories come before the products."""

    segments: Sequence[One]
    offers: Sequence[One]
    writers: Sequence[One]
    testers: Sequence[One]
    mails: Sequence[One]
    blocks: Sequence[One]
    names: Sequence[str]


def of(store: Store) -> Offered:
    kept, products = Kept.objects.filter(store=store), Product.objects.filter(store=store)
    categories = products.exclude(category="").order_by("category").distinct()
    found: dict[str, list[One]] = defaultdict(list)
    for what, pk, name, email in _part("segments", Segment.objects.filter(store=store, archived_at=None)).union(
        _part("offers", Offer.objects.filter(store=store)), _part("writers", Writer.objects.filter(store=store), email="email"),
        _part("testers", Proofreader.objects.filter(store=store), "email", email="email"),
        _part("mails", kept.filter(is_mail=True)), _part("blocks", kept.filter(is_mail=False)),
        _part("categories", categories, "category", pk=Value(0))[:_NAMES], _part("products", products.order_by("title"), "title")[:_NAMES],
        all=True,
    ):  # fmt: skip
        found[what].append(One(pk, name, email))
    by_name = {what: sorted(those, key=lambda one: one.name.casefold()) for what, those in found.items()}
    names = [one.name for what in ("categories", "products") for one in by_name.get(what, ())]
    lists = {what: by_name.get(what, []) for what in ("segments", "offers", "writers", "testers", "mails", "blocks")}
    return Offered(**lists, names=list(dict.fromkeys(names)))


def _part(what: str, rows: QuerySet[Any], name: str = "name", *, email: str = "", pk: str | Value = "pk") -> QuerySet[Any]:
    return rows.values_list(Value(what), pk, name, email or Value(""))
