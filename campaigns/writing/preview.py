"""What a step would say and when, for a real order, without sending or minting anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Case, OuterRef, Prefetch, QuerySet, Subquery, Value, When, prefetch_related_objects

from campaigns import letters, order_places, planning, situation, subjects
from campaigns.models import Step
from catalog.models import Pairing
from messaging import rendering, standing
from messaging.permission import Standing
from offers import giving
from orders.models import Cart, Order, OrderLine
from stores.models import Store
from surveys import answers
from surveys.models import Response

_WORDS = {
    "placed": "when the order was placed",
    "shipped": "after it was shipped",
    "expected": "by the expected day",
    "delivered": "after it arrived",
    "usual": "no tracking: the usual delivery time",
    "promised": "ahead of the promised delivery",
    "answer": "soon after a happy answer",
    "forecast": "a forecast",
    "out_for_delivery": "when it went out for delivery",
    "late": "a day after the last estimate, or when it moved",
    "problem": "when the carrier could not hand it over",
    "refunded": "when the money went back",
}


@dataclass(frozen=True)
class StepDate:
    """A step's date for one order; `note` says what it rests on."""

    step: Step
    due_at: datetime
    is_forecast: bool
    note: str


@dataclass(frozen=True)
class Sample:
    """An order to show steps by, loaded once with everything dates and mails read.

    Of what no order began, its customer is shown; the order only says who that is, and what they bought last.
    """

    order: Order
    around: planning.Around
    standing: Standing
    pairings: tuple[Pairing, ...]

    @property
    def zone(self) -> ZoneInfo:
        return planning.zone_of(self.order)


def samples(store: Store, *, first: int | None = None, most: int = 1) -> list[Order]:
    """Return orders to choose a sample from: order `first` if it is the store's, then the newest."""
    orders = Order.objects.filter(store=store, is_test=False)
    newest = orders.order_by("-placed_at", "-id").values("pk")[:most]  # by its index; ordered by `chosen` at once, it is every order
    chosen = Case(When(pk=first or 0, then=Value(0)), default=Value(1))
    either = orders.filter(pk__in=newest.union(orders.filter(pk=first or 0).values("pk")))
    return list(readable(either).order_by(chosen, "-placed_at", "-id")[:most])


def readable(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add to orders what `sample` reads beside their rows: store, customer, and when they said that they were happy."""
    happy = Response.objects.filter(order=OuterRef("pk"), score__gte=answers.HIGH).order_by().values("answered_at")[:1]
    return orders.select_related("customer", "store").annotate(happy_at=Subquery(happy))


def sample(order: Order) -> Sample:
    """Load the rest of an order that is `readable`; four queries. Who has an open task moves no date."""
    pairings = Prefetch("product__pairings", queryset=Pairing.objects.select_related("suggested"))
    lines = OrderLine.objects.select_related("product__guide").prefetch_related(pairings)
    prefetch_related_objects([order], Prefetch("lines", queryset=lines), "shipments")
    held = standing.standings([order.customer_id])[order.customer_id]
    happy_at = order.happy_at  # type: ignore[attr-defined]  # by `readable`
    around = planning.Around({order.pk: happy_at} if happy_at else {}, refunded_at=planning.refunded_at([order]))
    return Sample(order, around, held, situation.fitting(order, set()))


def dates_for(steps: Iterable[Step], shown: Sample) -> Sequence[StepDate]:
    """Return when each step is due for a sample; one that follows what has not happened to it has no date."""
    plans = [(step, planning.plan_step(step, shown.order, shown.around)) for step in steps if step.anchor != Step.Anchor.ENTERED]
    dated = [(step, plan) for step, plan in plans if plan.is_known or not step.is_contingent]
    return [StepDate(step, plan.due_at, not plan.is_known, _WORDS[plan.basis]) for step, plan in dated]


def mail_for(step: Step, shown: Sample, *, now: datetime, variant: str = "", language: str = "") -> rendering.Rendered:
    """Return a step's mail for a sample, in one of its wordings and languages, with links and a code that lead nowhere.

    Raises rendering.RenderError.
    """
    costly = max(shown.order.lines.all(), key=lambda line: line.unit_price_minor, default=None)
    return letters.draw(
        step,
        shown.order.store,
        shown.order.customer,
        shown.order if step.version.is_about_order else None,
        last_item=costly.name if costly else "",
        standing=shown.standing,
        pairings=shown.pairings,
        offer=giving.promise(step.offer, code="YOUR-CODE", now=now) if step.offer else None,
        message_token="preview",
        check_in_token="preview",
        review_token="preview",
        subject=_subject(step, shown),
        variant=variant,
        order_place=order_places.of_order(step, shown.order),
        language=language,
        now=now,
    )


def _subject(step: Step, shown: Sample) -> subjects.Subject:
    """Return what a mail about a thing would be about, had it to do with what is in the sample's order."""
    if not step.version.trigger.startswith(subjects.KINDS):
        return subjects.NOTHING
    lines = [line for line in shown.order.lines.all() if line.product]
    products = tuple(line.product for line in lines if line.product)
    if step.version.trigger.startswith("order."):
        return subjects.Subject((), None, {"title": lines[0].name if lines else ""})
    if not step.version.trigger.startswith("cart."):
        return subjects.Subject(products[:1], None, {"days": 42})
    order = shown.order
    left = [{"name": line.name, "quantity": line.quantity, "product": line.product.external_id if line.product else ""} for line in lines]
    cart = Cart(store=order.store, total_minor=order.total_minor, currency=order.currency, lines=left, token="preview")
    return subjects.Subject(products, cart)
