"""A rule as its builder draws it: groups as fieldsets, rows as sentences, each with just the controls that its verb asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Product
from lifecycle.console.segments.reading import ROOT, Rule, mode_of, rows_in
from orders.models import Order, OrderLine
from segments.models import Segment
from segments.rules.catalogue import CATALOGUE, OPS, SECTIONS, TIMED, WHEN, What, ops_of
from segments.rules.parsing import DEEPEST, NotARule, parse
from segments.rules.wording import MONTHS
from stores.models import Store

MOST_PRODUCTS = 60
Options = Sequence[tuple[str, str]]
SECTIONED = [(section, [(what.key, what.label) for what in CATALOGUE.values() if what.section == section]) for section in SECTIONS]
MODES: Options = (("all", "All of these hold"), ("any", "Any of these holds"), ("not", "None of these holds"))
_HINTS = {
    "country": "Germany, AT", "language": "German, fr", "region": "Bavaria, NRW", "city": "Köln, Wien", "postal_code": "506, EC1",
    "tag": "vip, wholesale", "first_source": "newsletter", "last_source": "newsletter", "category": "Kettles, Tea", "product_tag": "gift",
    "interest": "tea, coffee", "action": "Product Viewed",
}  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """What the rows of one form choose from."""

    products: Options
    segments: Options


@dataclass(frozen=True)
class DrawnRow:
    """One row: its path in the form, number, values, and which controls stand in it."""

    path: str
    number: int
    what: What
    values: Rule
    ops: Options
    controls: frozenset[str]
    unit: str
    picks: Options
    chosen: Sequence[str]
    choices: Choices
    errors: Sequence[str]
    is_next: bool

    @property
    def typed(self) -> str:
        return ", ".join(self.chosen)

    @property
    def picked(self) -> str:
        """Return the words of what is ticked."""
        return ", ".join(label for key, label in self.picks if key in self.chosen)

    @property
    def hint(self) -> str:
        return _HINTS.get(self.what.key, "")

    @property
    def whens(self) -> Options:
        return WHEN if self.choices.segments else WHEN[:-1]


@dataclass(frozen=True)
class DrawnGroup:
    """One group and what stands in it."""

    path: str
    mode: str
    children: Sequence["DrawnRow | DrawnGroup"]
    errors: Sequence[str]
    may_nest: bool
    is_next: bool

    @property
    def is_root(self) -> bool:
        return self.path == ROOT


@dataclass
class _Drawing:
    """One rule being drawn."""

    choices: Choices
    errors: dict[tuple[int, ...], list[str]]
    next_path: str
    count: int = 0


def draw(rule: Rule, choices: Choices, *, shows_errors: bool = False, next_path: str = "") -> DrawnGroup:
    """Return the rule's outermost group, ready for its template; `next_path` is the row or group that gets the focus."""
    found: dict[tuple[int, ...], list[str]] = {}
    for problem in problems_of(rule) if shows_errors else ():
        found.setdefault(problem.place, []).append(problem.words)
    drawn = _drawn(rule, (), _Drawing(choices, found, next_path))
    assert isinstance(drawn, DrawnGroup)
    return drawn


def problems_of(rule: Rule) -> list[Any]:
    try:
        parse(rule)
    except NotARule as refused:
        return list(refused.problems)
    return []


def _drawn(rule: Rule, place: tuple[int, ...], drawing: _Drawing) -> DrawnRow | DrawnGroup:
    path, mode = ".".join([ROOT, *map(str, place)]), mode_of(rule)
    errors, is_next = drawing.errors.get(place, []), drawing.next_path == ".".join([ROOT, *map(str, place)])
    if mode is None:
        drawing.count += 1
        return _row(rule, path, drawing, errors, is_next)
    children = [_drawn(child, (*place, index), drawing) for index, child in enumerate(rule[mode])]
    return DrawnGroup(path, mode, children, errors, len(place) < DEEPEST - 2, is_next)


def _row(values: Rule, path: str, drawing: _Drawing, errors: Sequence[str], is_next: bool) -> DrawnRow:
    what = CATALOGUE.get(values.get("what", "")) or CATALOGUE["orders_count"]
    ops = ops_of(what)
    op = values["op"] if values.get("op") in {key for key, _ in ops} else ops[0][0]
    values = {"times": 1, "when": "ever", **values, "op": op}
    picks = drawing.choices.products if what.family in ("bought", "product") else what.options
    chosen = [str(value) for value in values.get("values", ())]
    if missing := list(values.get("skus", ())):
        errors = [*errors, f"No product has the SKU or name {', '.join(missing)}."]
    unit = "%" if what.family in ("share", "sample") or op == "top_percent" else what.many
    return DrawnRow(
        path,
        drawing.count,
        what,
        values,
        ops,
        controls(what, op, str(values["when"])),
        unit,
        picks,
        chosen,
        drawing.choices,
        errors,
        is_next,
    )


def controls(what: What, op: str, when: str) -> frozenset[str]:
    """Return the names of the controls a row has besides what and how."""
    asked = set(_BY_FAMILY.get(what.family, ()))
    asked |= _BY_OP.get(op, set()) if what.family not in TIMED else set()
    if what.family == "answer" and op == "did_not":
        asked.discard("value")
    if what.family in TIMED:
        asked |= {"times", "when"} | {"in_last": {"days"}, "between": {"start", "end"}, "since_segment": {"segment"}}.get(when, set())
    if what.family in ("number", "money", "share") and op == "between":
        asked = {"value", "upper"}
    if len(OPS[what.family]) == 1:
        asked.add("fixed")
    return frozenset(asked)


_BY_FAMILY: dict[str, tuple[str, ...]] = {
    "number": ("value",), "money": ("value",), "share": ("value",), "choice": ("picks",), "text": ("typed",), "product": ("picks", "skus"),
    "bought": ("picks", "skus"), "category": ("typed",), "event": ("picks",), "action": ("typed",), "answer": ("value",),
    "interest": ("typed",), "segment": ("segment",), "sample": ("value", "draw"),
}  # fmt: skip
_BY_OP = {
    "in_last": {"days"}, "before_last": {"days"}, "in_next": {"days"}, "between": {"start", "end"}, "in_month": {"month"},
}  # fmt: skip


def choices_of(store: Store, rule: Rule, *, without: int = 0) -> Choices:
    """Return what a form of this store chooses from: the products sold most, with those in the rule; the segments but this one."""
    chosen = {int(value) for row in rows_in(rule) for value in row.get("values", ()) if str(value).isdigit() and len(str(value)) < 18}
    held = Segment.objects.filter(store=store, archived_at=None).exclude(pk=without).order_by("name").values_list("pk", "name")[:500]
    return Choices(_products(store, chosen), [(str(pk), name) for pk, name in held])


def _products(store: Store, chosen: set[int]) -> Options:
    """Return a store's products; of many those in the latest orders, the others are named by SKU."""
    few = Product.objects.filter(store=store)
    if len(few.values_list("pk")[: MOST_PRODUCTS + 1]) > MOST_PRODUCTS:
        orders = Order.objects.filter(store=store).order_by("-placed_at", "-id").values("pk")[:200]
        sold = OrderLine.objects.filter(order__in=orders).values_list("product", flat=True)
        latest = [pk for pk in dict.fromkeys(sold) if pk is not None]
        few = few.filter(pk__in=chosen.union(latest[:MOST_PRODUCTS]))
    return [(str(pk), title) for pk, title in few.order_by("title", "pk").values_list("pk", "title")]


def months() -> Options:
    return [(str(number), name) for number, name in enumerate(MONTHS, start=1)]
