"""What a step would say and when, for a real order, without sending or minting anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Case, OuterRef, Prefetch, QuerySet, Subquery, Value, When, prefetch_related_objects

from campaigns import letters, order_places, planning, situation, subjects
from campaigns.models import Step
from catalog.models import Pairing, Product
from customers.models import Customer
from messaging import rendering, standing
from messaging.permission import Standing
from offers import giving
from offers.referral import joining
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
    "ready": "when it became ready to be picked up",
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
    """Somebody to show steps by, with an order of theirs if they have one, loaded once with everything dates and mails read.

    Of what no order began, the customer is shown; the order only says what they bought last.
    """

    customer: Customer
    order: Order | None
    around: planning.Around
    standing: Standing
    pairings: tuple[Pairing, ...]
    is_hard: bool = False

    @property
    def lines(self) -> list[OrderLine]:
        return list(self.order.lines.all()) if self.order else []

    @property
    def zone(self) -> ZoneInfo:
        return planning.zone_for(self.customer, self.order, self.customer.store)


def samples(store: Store, *, first: int | None = None, most: int = 1) -> list[Order]:
    """Return orders to choose a sample from: order `first` if it is the store's, then the newest."""
    orders = Order.objects.filter(store=store, is_test=False)
    newest = orders.order_by("-placed_at", "-id").values("pk")[:most]  # by its index; ordered by `chosen` at once, it is every order
    chosen = Case(When(pk=first or 0, then=Value(0)), default=Value(1))
    either = orders.filter(pk__in=newest.union(orders.filter(pk=first or 0).values("pk")))
    return list(readable(either).order_by(chosen, "-placed_at", "-id")[:most])


def readable(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add to orders what `sample` reads beside their rows: store, customer, their place, and when they said that they were happy."""
    happy = Response.objects.filter(order=OuterRef("pk"), score__gte=answers.HIGH).order_by().values("answered_at")[:1]
    store = [f"store__{name}" for name in joining.PROGRAM]
    return orders.select_related("customer", *store).annotate(happy_at=Subquery(happy), place=order_places.PLACE)


def sample(order: Order) -> Sample:
    """Load the rest of an order that is `readable`; four queries. Who has an open task moves no date."""
    order.customer.store = order.store
    pairings = Prefetch("product__pairings", queryset=Pairing.objects.select_related("suggested"))
    lines = OrderLine.objects.select_related("product__guide").prefetch_related(pairings)
    prefetch_related_objects([order], Prefetch("lines", queryset=lines), "shipments")
    held = standing.standings([order.customer_id])[order.customer_id]
    happy_at = order.happy_at  # type: ignore[attr-defined]  # by `readable`
    around = planning.Around({order.pk: happy_at} if happy_at else {}, refunded_at=planning.refunded_at([order]))
    return Sample(order.customer, order, around, held, situation.fitting(order, set()))


def of_customer(customer: Customer) -> Sample:
    """Return a sample of a customer, by their newest order where they have one."""
    newest = readable(Order.objects.filter(customer=customer, is_test=False)).order_by("-placed_at", "-id").first()
    if newest:
        return sample(newest)
    return Sample(customer, None, planning.Around(), standing.standings([customer.pk])[customer.pk], ())


def dates_for(steps: Iterable[Step], shown: Sample) -> Sequence[StepDate]:
    """Return when each step is due for a sample; one that follows what has not happened to it has no date."""
    order = shown.order
    if order is None:
        return []
    plans = [(step, planning.plan_step(step, order, shown.around)) for step in steps if step.anchor != Step.Anchor.ENTERED]
    dated = [(step, plan) for step, plan in plans if plan.is_known or not step.is_contingent]
    return [StepDate(step, plan.due_at, not plan.is_known, _WORDS[plan.basis]) for step, plan in dated]


def mail_for(
    step: Step, shown: Sample, *, now: datetime, variant: str = "", language: str = "", token: str = "preview", code: str = "YOUR-CODE",
    is_marked: bool = False,
) -> rendering.Rendered:  # fmt: skip
    """Return a step's mail for a sample, in one of its wordings and languages, with a `code` that is none.

    Its links lead nowhere, those to a page of this very mail to that of `token`. Raises rendering.RenderError.
    """
    costly = max(shown.lines, key=lambda line: line.unit_price_minor, default=None)
    order = shown.order if step.version.is_about_order else None
    return letters.draw(
        step,
        shown.customer.store,
        shown.customer,
        order,
        last_item=costly.name if costly else "",
        standing=shown.standing,
        pairings=shown.pairings,
        offer=giving.promise(step.offer, code=code, now=now) if step.offer else None,
        message_token=token,
        check_in_token=token,
        review_token=token,
        subject=_subject(step, shown),
        variant=variant,
        order_place=order_places.of_sample(step, shown.customer.pk, order),
        language=language,
        is_marked=is_marked,
        now=now,
    )


def _subject(step: Step, shown: Sample) -> subjects.Subject:
    """Return what a mail about a thing would be about: of a cart their own, else what is in their order, else what the shop has new."""
    trigger, store, lines = step.version.trigger, shown.customer.store, shown.lines
    if not trigger.startswith(subjects.KINDS):
        return subjects.NOTHING
    if trigger.startswith("order."):
        return subjects.Subject((), None, {"title": lines[0].name if lines else ""})
    if trigger.startswith("cart.") and not shown.is_hard and (cart := _cart_of(shown.customer)):
        return cart
    products = tuple(line.product for line in lines if line.product)
    products = products or tuple(Product.objects.filter(store=store, is_available=True).order_by("-pk")[:2])
    if not trigger.startswith("cart."):
        return subjects.Subject(products[:1], None, {"days": 42})
    left = [{"name": line.name, "quantity": line.quantity, "product": line.product.external_id if line.product else ""} for line in lines]
    left = left or [{"name": product.title, "quantity": 1, "product": product.external_id} for product in products]
    total = shown.order.total_minor if shown.order else sum(product.price_minor or 0 for product in products)
    currency = shown.order.currency if shown.order else store.currency
    return subjects.Subject(products, Cart(store=store, total_minor=total, currency=currency, lines=left, token="preview"))


def _cart_of(customer: Customer) -> subjects.Subject | None:
    """Return a customer's newest cart, with a token that opens nothing."""
    newest = Cart.objects.filter(customer=customer.pk).order_by("-updated_at").values_list("pk", flat=True).first()
    found = subjects.of_events({0: (customer.store_id, {"cart": newest})})[0] if newest else None
    if found and found.cart:
        found.cart.token = "preview"
    return found
