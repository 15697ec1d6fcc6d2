"""A store of forty odd customers, and rules asked of each of them in plain Python: what the compiler's SQL must agree with."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from catalog.models import Product
from customers.models import Customer, Event, Metrics, Rfm
from engagement import kinds
from engagement.models import Action, Engagement, Interest
from messaging.models import Suppression
from orders import figures
from orders.models import Order, OrderLine
from predictions.models import Prediction
from segments import compiling
from segments.models import Cutoff, Membership, Segment
from segments.rules.catalogue import CATALOGUE
from segments.rules.tree import Group, Node, Row, When
from surveys.models import Response, Survey
from tests.factories.orders import NOW

PEOPLE = 40
KINDS = ("mail.clicked", "mail.bounced", "cart.abandoned")


def fill(store) -> None:
    """Give a store customers of every sort, by one seed."""
    dice = random.Random(7)
    products = [
        Product.objects.create(
            store=store,
            external_id=f"p{n}",
            title=f"Thing {n}",
            category=["Tea", "tea", ""][n % 3],
            tags=[["gift"], [], ["new", "gift"]][n % 3],
        )
        for n in range(4)
    ]
    survey = Survey.objects.create(store=store, key="check-in", question="How is it?")
    listed = Segment.objects.create(store=store, name="On a list", kind="list", created_at=NOW)
    for number in range(PEOPLE):
        person = _person(store, number, dice)
        if dice.random() < 0.75:
            _orders(store, person, products, dice)
        if dice.random() < 0.4:
            Membership.objects.create(store=store, segment=listed, customer=person, entered_at=_moment(dice))
        _told(store, person, survey, dice)
    figures.recompute(Customer.objects.values_list("pk", flat=True))


def _person(store, number: int, dice: random.Random) -> Customer:
    has_birthday = dice.random() < 0.7
    return Customer.objects.create(
        store=store, name=f"P{number:02}", email=f"p{number}@example.com",
        email_key=None if dice.random() < 0.1 else f"p{number}@example.com",
        country=dice.choice(["DE", "AT", ""]), city=dice.choice(["Köln", "wien", ""]), region=dice.choice(["", "NRW"]),
        postal_code=dice.choice(["", "5066%", "EC1A", "50667"]), language=dice.choice(["de", "de-AT", "EN_gb", ""]),
        marketing=dice.choice(["subscribed", "never", "unsubscribed"]), tags=dice.choice([[], ["vip"], ["vip", "old"]]),
        objected_to_service_at=dice.choice([None, None, NOW]), erased_at=NOW if dice.random() < 0.1 else None,
        birth_month=dice.choice([2, 3, 12]) if has_birthday else None, birth_day=dice.choice([1, 28, 29]) if has_birthday else None,
        created_at=_moment(dice),
    )  # fmt: skip


def _moment(dice: random.Random) -> datetime:
    return NOW - timedelta(days=dice.randint(0, 800), hours=dice.randint(0, 23))


def _orders(store, person: Customer, products, dice: random.Random) -> None:
    for number in range(dice.choice([1, 1, 2, 3, 5])):
        placed, total = _moment(dice), dice.choice([1000, 2500, 9999])
        order = Order.objects.create(
            store=store, customer=person, external_id=f"{person.pk}-{number}", placed_at=placed, currency="EUR", total_minor=total,
            shop_currency="EUR", shop_total_minor=total, shop_refunded_minor=dice.choice([0, 0, 500]), created_at=placed,
            financial_status=dice.choice(["paid", "paid", "paid", "voided"]), cancelled_at=dice.choice([None, None, None, placed]),
            is_test=dice.random() < 0.1, source=dice.choice(["", "Ads", "mail"]), discount_codes=dice.choice([[], ["TEN"]]),
        )  # fmt: skip
        for position, product in enumerate(dice.sample(products, dice.randint(1, 3))):
            OrderLine.objects.create(
                store=store, order=order, customer=person, placed_at=placed, product=product, external_id=str(position), name="x",
                quantity=dice.randint(1, 2), unit_price_minor=100, position=position,
            )  # fmt: skip


def _told(store, person: Customer, survey: Survey, dice: random.Random) -> None:
    for number in range(dice.choice([0, 0, 1, 3])):
        Event.objects.create(
            store=store, customer=person, kind=dice.choice(KINDS), occurred_at=_moment(dice), recorded_at=NOW, key=f"{person.pk}:{number}"
        )
        kind = kinds.key_of("Viewed Product")
        Action.objects.create(store=store, customer=person, kind=kind, at=_moment(dice), key=f"{person.pk}:{number}")
        Response.objects.create(
            store=store, survey=survey, customer=person, score=dice.randint(1, 5), asked_at=NOW,
            answered_at=_moment(dice) if dice.random() < 0.8 else None,
        )  # fmt: skip
    if dice.random() < 0.6:
        scores = {name: dice.choice([None, 1, 3, 5]) for name in ("recency", "frequency", "monetary")}
        group = dice.choice(["champions", "at_risk", ""])
        Rfm.objects.create(store=store, customer=person, group=group, stage=dice.choice(["lost", "prospect"]), changed_at=NOW, **scores)
    if dice.random() < 0.5:
        Prediction.objects.create(
            store=store, customer=person, p_alive=dice.choice([0.25, 0.75]), churn_risk=0.5, expected_orders_90=dice.choice([0.0, 1.5]),
            expected_value_90_minor=dice.choice([None, 5000]), computed_at=NOW,
            next_order_at=dice.choice([None, NOW + timedelta(days=9), NOW + timedelta(days=99)]),
        )  # fmt: skip
        Engagement.objects.create(store=store, customer=person, value=dice.choice([0.0, 12.5]), impact=3.0, as_of=NOW)
    if dice.random() < 0.5:
        Interest.objects.create(
            store=store,
            customer=person,
            topic=dice.choice(["tea", "coffee"]),
            weight=dice.choice([0.1, 0.8, 2.0]),
            at=dice.choice([NOW, NOW - timedelta(days=120)]),
        )
    if dice.random() < 0.1 and person.email_key:
        Suppression.objects.create(store=store, email_key=person.email_key, cause="manual", at=NOW)


def _first(model: Any, person: Customer) -> Any:
    return model.objects.filter(customer=person).first()


class Plain:
    """Everything known of a store's people, and whom a rule means."""

    def __init__(self, store) -> None:
        self.store, self.zone = store, ZoneInfo(store.timezone)
        self.people = list(Customer.objects.filter(store=store, erased_at=None))
        self.sides = {model: {row.customer_id: row for row in model.objects.all()} for model in (Metrics, Rfm, Prediction, Engagement)}
        self.orders, self.events, self.actions = defaultdict(list), defaultdict(list), defaultdict(list)
        self.answers, self.interests = defaultdict(list), defaultdict(list)
        self.members: dict[int, dict[int, datetime]] = defaultdict(dict)
        for order in Order.objects.prefetch_related("lines__product"):
            if order.cancelled_at is None and order.financial_status != "voided" and not order.is_test:
                self.orders[order.customer_id].append(order)
        for event in Event.objects.all():
            self.events[event.customer_id].append((event.kind, event.occurred_at))
        for action in Action.objects.all():
            self.actions[action.customer_id].append((action.kind, action.at))
        for answer in Response.objects.filter(answered_at__isnull=False):
            self.answers[answer.customer_id].append((answer.score, answer.answered_at))
        for member in Membership.objects.all():
            self.members[member.segment_id][member.customer_id] = member.entered_at
        for interest in Interest.objects.all():
            self.interests[interest.customer_id].append((interest.topic, interest.weight * 0.5 ** ((NOW - interest.at).days / 120)))
        self.suppressed = set(Suppression.objects.values_list("email_key", flat=True))
        self.cutoffs = {cut.percent: cut.spent_minor for cut in Cutoff.objects.all()}

    def meant(self, node: Node) -> set[int]:
        return {person.pk for person in self.people if self.holds(node, person)}

    def holds(self, node: Node, person: Customer) -> bool:
        if isinstance(node, Group):
            held = [self.holds(child, person) for child in node.children]
            return all(held) if node.mode == "all" else any(held) if node.mode == "any" else not any(held)
        holds: bool = getattr(self, f"_{CATALOGUE[node.what].family}")(node, person)
        return holds != (node.op in ("none", "did_not", "unknown"))

    def _side(self, model: Any, person: Customer, name: str, default: Any = None) -> Any:
        row = self.sides[model].get(person.pk)
        return default if row is None else getattr(row, name)

    def _number(self, row: Row, person: Customer) -> bool:
        model, name, default = _NUMBERS[row.what]
        value = self._side(model, person, name, default)
        if row.what == "average_order":
            count = self._side(Metrics, person, "orders_count", 0)
            value = self._side(Metrics, person, "total_spent_minor") / count if count else None
        if value is None or row.low is None:
            return False
        if row.op == "top_percent":
            bought, cut = self._side(Metrics, person, "orders_count", 0) > 0, self.cutoffs[row.low]
            return bought and cut is not None and value >= cut
        scale = {"money": Decimal(100), "share": Decimal("0.01")}.get(CATALOGUE[row.what].family, Decimal(1))
        low, high = row.low * scale, (row.high or row.low) * scale
        value = Decimal(value)
        return {"at_least": value >= low, "at_most": value <= low, "exactly": value == low, "between": low <= value <= high}[row.op]

    _money = _share = _number

    def _in(self, when: When, at: datetime, person: Customer) -> bool:
        if when.kind == "in_last":
            return at >= NOW - timedelta(days=when.days)
        if when.kind == "since_segment":
            entered = self.members[when.segment].get(person.pk)
            return entered is not None and at >= entered
        day = at.astimezone(self.zone).date()
        return when.kind == "ever" or (when.start or date.min) <= day <= (when.end or date.max)

    def _moment(self, row: Row, person: Customer) -> bool:
        at: datetime | None = {
            "customer_since": person.created_at, "next_order": self._side(Prediction, person, "next_order_at"),
        }.get(row.what) if row.what in ("customer_since", "next_order") else self._side(Metrics, person, f"{row.what}_at")  # fmt: skip
        if at is None:
            return False
        if row.op == "in_next":
            return NOW <= at < NOW + timedelta(days=row.when.days)
        if row.op == "before_last":
            return at < NOW - timedelta(days=row.when.days)
        return row.op in ("known", "unknown") or self._in(row.when, at, person)

    def _yearly(self, row: Row, person: Customer) -> bool:
        first = self._side(Metrics, person, "first_order_at")
        if row.what == "birthday":
            month, day = person.birth_month, person.birth_day
        else:
            there = first.astimezone(self.zone).date() if first and first < NOW - timedelta(days=180) else None
            month, day = (there.month, there.day) if there else (None, None)
        if month is None or day is None:
            return False
        today = NOW.astimezone(self.zone).date()
        if row.op != "in_next":
            return month == (row.month or today.month)
        return any(_is_the_day(today + timedelta(days=number), month, day) for number in range(row.when.days + 1))

    def _choice(self, row: Row, person: Customer) -> bool:
        if row.what == "service":
            return ("objected" if person.objected_to_service_at else "allowed") in row.values
        if row.what == "marketing":
            allowed = person.marketing == "subscribed" or (person.marketing == "never" and self.store.soft_opt_in)
            may = allowed and bool(person.email_key) and person.email_key not in self.suppressed
            return person.marketing in row.values or ("may_get" in row.values and may)
        return self._side(Rfm, person, {"rfm_group": "group"}.get(row.what, row.what)) in row.values

    def _text(self, row: Row, person: Customer) -> bool:
        values = [value.casefold() for value in row.values]
        if row.what == "tag":
            return bool(set(person.tags) & set(row.values))
        if row.what == "postal_code":
            return any(person.postal_code.casefold().startswith(value) for value in values)
        if row.what == "language":
            return person.language.lower().replace("_", "-").split("-")[0] in values
        held = self._side(Metrics, person, row.what) if row.what.endswith("source") else getattr(person, row.what)
        return held is not None and held.casefold() in values

    def _product(self, row: Row, person: Customer) -> bool:
        return str(self._side(Metrics, person, "first_product_id")) in row.values

    def _often(self, row: Row, person: Customer, moments: list[datetime]) -> bool:
        return len([at for at in moments if self._in(row.when, at, person)]) >= row.times

    def _ordered(self, row: Row, person: Customer) -> bool:
        return self._often(row, person, [order.placed_at for order in self.orders[person.pk]])

    def _bought(self, row: Row, person: Customer) -> bool:
        wanted = set(map(int, row.values))
        baskets = [(order.placed_at, {line.product_id for line in order.lines.all()}) for order in self.orders[person.pk]]
        return self._often(row, person, [at for at, held in baskets if (wanted <= held if row.op == "did_together" else wanted & held)])

    def _category(self, row: Row, person: Customer) -> bool:
        values = {value.lower() for value in row.values}
        return self._often(row, person, [
            order.placed_at for order in self.orders[person.pk]
            if any((line.product.category.lower() in values) if row.what == "category" else set(line.product.tags) & set(row.values)
                   for line in order.lines.all() if line.product)
        ])  # fmt: skip

    def _event(self, row: Row, person: Customer) -> bool:
        return self._often(row, person, [at for kind, at in self.events[person.pk] if kind in row.values])

    def _action(self, row: Row, person: Customer) -> bool:
        keys = {kinds.key_of(value) for value in row.values}
        return self._often(row, person, [at for kind, at in self.actions[person.pk] if kind in keys])

    def _answer(self, row: Row, person: Customer) -> bool:
        low = row.low or 0
        fits = {"at_least": lambda s: s >= low, "at_most": lambda s: s <= low, "exactly": lambda s: s == low, "did_not": lambda s: True}[
            row.op
        ]
        return self._often(row, person, [at for score, at in self.answers[person.pk] if at and fits(score)])

    def _interest(self, row: Row, person: Customer) -> bool:
        return any(topic in [value.lower() for value in row.values] and weight >= 0.5 for topic, weight in self.interests[person.pk])

    def _segment(self, row: Row, person: Customer) -> bool:
        return person.pk in self.members[row.segment]

    def _sample(self, row: Row, person: Customer) -> bool:
        return row.low is not None and compiling.chance(person.pk, row.draw) < row.low * 100


_NUMBERS: dict[str, tuple[Any, str, Any]] = {
    "orders_count": (Metrics, "orders_count", 0), "spent": (Metrics, "total_spent_minor", 0), "average_order": (Metrics, "orders_count", 0),
    "items_count": (Metrics, "items_count", 0), "returns_count": (Metrics, "returns_count", 0),
    "refunded": (Metrics, "refunded_minor", 0), "coupon_orders": (Metrics, "coupon_orders_count", 0),
    "days_between": (Metrics, "days_between_orders", None), "rfm_recency": (Rfm, "recency", None),
    "rfm_frequency": (Rfm, "frequency", None), "rfm_monetary": (Rfm, "monetary", None), "p_alive": (Prediction, "p_alive", None),
    "churn_risk": (Prediction, "churn_risk", None), "expected_orders": (Prediction, "expected_orders_90", None),
    "expected_value": (Prediction, "expected_value_90_minor", None), "value_score": (Engagement, "value", 0),
    "impact_score": (Engagement, "impact", 0),
}  # fmt: skip


def _is_the_day(there: date, month: int, day: int) -> bool:
    """Say whether a yearly day falls on a date; that of 29 February on the 28th of a year without one."""
    if (month, day) == (2, 29) and (there.month, there.day) == (2, 28):
        return (there + timedelta(days=1)).day == 1
    return (there.month, there.day) == (month, day)
