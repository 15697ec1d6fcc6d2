"""Takes in what shops tell: orders, parcels, refunds, products, customers, carts; one at a time or hundreds at once, by the same rules.

Every verb is one transaction, may run twice, late, out of order and at the same time as itself: unique constraints and locks (customers
by id, then orders by external id) decide, never a look beforehand. Events go with the rows, under keys that a replay hits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from customers import events, identity, shop_words, touching
from customers.models import Customer
from orders import figures, held, ingest_catalog, ingest_merge, ingest_parcels, ingest_parked, settling, tracking
from orders.held import Held, ShipmentRow
from orders.incoming import (
    CustomerData,
    Gone,
    OrderData,
    RefundData,
    ShipmentData,
    TrackingData,
    check_dates,
    check_shipment_dates,
    check_tracking_dates,
)
from orders.models import Order
from stores.models import Store

Outcome = settling.Outcome
Result = TypeVar("Result")


@dataclass(frozen=True)
class Taken:
    """What became of a batch, for who may want to take it back: `customers` as they are now, each once, and new lines of the ledger."""

    outcomes: list[Outcome]
    customers: list[identity.Held]
    consents: list[int]


def upsert_order(store: Store, data: OrderData, *, now: datetime, live_since: datetime | None = None, history: bool = False) -> Outcome:
    """Take in one order; raise incoming.Unusable. One placed before `live_since` is history and enrols nobody."""
    check_dates(data, now=now)
    return upsert_orders(store, [data], now=now, live_since=live_since, history=history)[0]


def upsert_orders(
    store: Store, batch: Sequence[OrderData], *, now: datetime, live_since: datetime | None = None, history: bool = False
) -> list[Outcome]:
    """Take in many orders, their dates being checked (`incoming.check_dates`), in a few statements; one may stand there twice.

    Raises incoming.Unusable for the first bad one.
    """
    return settling.settle(lambda: _orders(store, batch, now, live_since, history, shop_words.SHOP)).outcomes


def take_history(store: Store, batch: Sequence[OrderData], *, now: datetime, basis: shop_words.Basis = shop_words.SHOP) -> Taken:
    """Take in the orders of a file as `upsert_orders` does: they are history and enrol nobody. `basis` is what a yes in it rests on."""
    return settling.settle(lambda: _orders(store, batch, now, None, True, basis))


def take_people(store: Store, batch: Sequence[CustomerData], *, now: datetime, basis: shop_words.Basis = shop_words.SHOP) -> Taken:
    """Take in the people of a file, in a few statements; one may stand there twice."""

    def act() -> Taken:
        found = identity.resolve(store.pk, batch, now=now)
        figures.recompute(each.id for each in found if each.outcome == "new")
        consents = _note_consents(batch, found, now=now, history=True, basis=basis)
        outcomes = [Outcome(each.outcome, data.external_id or data.email) for each, data in zip(found, batch, strict=True)]
        return Taken(outcomes, _each_once(found), consents)

    return settling.settle(act)


def upsert_shipment(store: Store, data: ShipmentData, *, now: datetime) -> Outcome:
    """Take in news of a parcel; before its order it is parked until that comes."""
    check_shipment_dates(data)

    def apply(order: Held) -> str:
        is_new = data.external_id not in order.shipments
        is_changed = ingest_merge.take_shipment(order, data, now=now, moment=data.updated_at or now)
        return "new" if is_new else "changed" if is_changed else "unchanged"

    return settling.settle(lambda: _part(store, data, apply, now))


def upsert_tracking(store: Store, data: TrackingData, *, now: datetime) -> Outcome:
    """Take in what a carrier tells of a number; before its parcel it is parked until that comes."""
    check_tracking_dates(data)
    return settling.settle(lambda: _carriers(store, data, now))


def upsert_refund(store: Store, data: RefundData, *, now: datetime) -> Outcome:
    """Take in a refund; before its order it is parked until that comes."""

    def apply(order: Held) -> str:
        is_new = data.external_id not in order.refunds
        is_changed = ingest_merge.take_refund(order, data, moment=now)
        return "new" if is_new else "changed" if is_changed else "unchanged"

    return settling.settle(lambda: _part(store, data, apply, now))


def take_away(store: Store, data: Gone, *, now: datetime) -> Outcome:
    """Take in that the shop deleted an order, which ends like a cancelled one, or a product, which can be bought no longer."""
    if data.noun == "product":
        return ingest_catalog.take_away(store, data.external_id)

    def apply(order: Held) -> str:
        return "changed" if ingest_merge.cancel(order, now=now) else "unchanged"

    def act() -> Outcome:
        order = _lock(store, data.external_id)
        return Outcome(_amend(order, apply, now) if order else "unchanged", data.external_id, order.row.id if order else None)

    return settling.settle(act)


def upsert_customer(store: Store, data: CustomerData, *, now: datetime, history: bool = False) -> Outcome:
    """Take in what a shop says of a person."""

    def act() -> Outcome:
        found = identity.resolve(store.pk, [data], now=now)
        figures.recompute([found[0].id])
        is_said = _note_consents([data], found, now=now, history=history, basis=shop_words.SHOP)
        if found[0].outcome != "unchanged" and not history:
            touching.touch(store.pk, [found[0].id])
        result = "changed" if is_said and found[0].outcome == "unchanged" else found[0].outcome
        return Outcome(result, data.external_id or data.email)

    return settling.settle(act)


upsert_product = ingest_catalog.upsert_product
upsert_cart = ingest_catalog.upsert_cart


def amend(order: Order, apply: Callable[[Held], None], *, now: datetime) -> None:
    """Change one order that is there by a person's hand: `apply` gets it locked; what follows from it is written and told as ever."""

    def act() -> None:
        locked = _lock(order.store, order.external_id)
        if locked is not None:
            _amend(locked, apply, now)

    settling.settle(act)


def adopt(*, now: datetime, limit: int = 100) -> int:
    """Take up parked news whose order has come meanwhile; return how much of it. The inbox sweep calls this."""
    taken = 0
    for store, name in ingest_parked.ready(limit=limit):
        taken += settling.settle(lambda store=store, name=name: _adopt_one(store, name, now))  # type: ignore[misc]
    for parked in ingest_parked.lately(now=now, limit=limit):
        taken += settling.settle(lambda parked=parked: _adopt_tracking(parked.store, parked.tracking_number, now))  # type: ignore[misc]
    return taken


def _orders(
    store: Store, batch: Sequence[OrderData], now: datetime, live_since: datetime | None, history: bool, basis: shop_words.Basis
) -> Taken:
    people = [_buyer(data) for data in batch]
    customers = identity.resolve(store.pk, people, now=now)
    products = ingest_catalog.products_of(store.pk, batch)
    orders = held.load(store.pk, (data.external_id for data in batch))
    outcomes, untold = [], set()
    for data, customer in zip(batch, customers, strict=True):
        is_history = history or bool(live_since and data.placed_at < live_since)
        if is_history or customer.outcome == "changed":
            untold.add(customer.id)
        around = ingest_merge.Around(now, customer.id, products, is_history)
        outcomes.append((_take(store, orders, data, around), data.external_id))
        orders[data.external_id].is_erased = customer.erased_at is not None
    for parked in held.take_parked(store.pk, orders):
        ingest_parked.apply(orders[parked.order_external_id], parked, now=now)
    _write(list(orders.values()), now=now, history=history)
    if untold and not history:
        touching.touch(store.pk, untold)
    consents = _note_consents(people, customers, now=now, history=history, basis=basis)
    return Taken([Outcome(result, name, orders[name].row.id) for result, name in outcomes], _each_once(customers), consents)


def _each_once(customers: Sequence[identity.Held]) -> list[identity.Held]:
    return list({each.id: each for each in customers}.values())


def _buyer(data: OrderData) -> CustomerData:
    person = data.customer
    return replace(
        person, updated_at=person.updated_at or data.updated_at or data.placed_at, fallback_id=f"order:{data.external_id}"[:120],
        marketing_at=person.marketing_at or data.placed_at, acted_at=data.placed_at,
    )  # fmt: skip


def _take(store: Store, orders: dict[str, Held], data: OrderData, around: ingest_merge.Around) -> str:
    order = orders.get(data.external_id)
    if order is None:
        order = orders[data.external_id] = ingest_merge.begin(store.pk, data, around)
        ingest_merge.take_order(order, data, around)
        return "new"
    return "changed" if ingest_merge.take_order(order, data, around) else "unchanged"


def _part(store: Store, data: ShipmentData | RefundData, apply: Callable[[Held], str], now: datetime) -> Outcome:
    """Apply news of a parcel or a refund to its order, or park it."""
    order = _lock(store, data.order_external_id)
    if order is None:
        return Outcome(ingest_parked.park(store.pk, data, now=now), data.external_id)
    return Outcome(_amend(order, apply, now), data.external_id, order.row.id)


def _carriers(store: Store, data: TrackingData, now: datetime) -> Outcome:
    parcels = tracking.meant(store.pk, data, now=now)
    if not parcels:
        return Outcome(ingest_parked.park(store.pk, data, now=now), data.tracking_number)
    is_changed, order_id = False, None
    for parcel in parcels:
        order = _lock(store, parcel.order.external_id)
        if order is None or parcel.external_id not in order.shipments:
            raise identity.RacedAway
        is_changed |= _amend(order, lambda held, name=parcel.external_id: _take_scans(held, held.shipments[name], data, now), now)  # type: ignore[misc]
        order_id = order.row.id
    return Outcome("changed" if is_changed else "unchanged", data.tracking_number, order_id)


def _take_scans(order: Held, parcel: ShipmentRow, data: TrackingData, now: datetime) -> bool:
    before = repr(parcel.__dict__)
    order.news += ingest_parcels.take_scans(parcel, data, now=now)
    if repr(parcel.__dict__) == before:
        return False
    order.touch(parcel)
    return True


def _take_up_tracking(orders: Sequence[Held], now: datetime) -> None:
    """Merge what carriers told of parcels before these were there."""
    new: dict[str, list[tuple[Held, ShipmentRow]]] = {}
    for order in orders:
        for part in order.touched.values():
            if isinstance(part, ShipmentRow) and part.tracking_number and not part.is_cancelled:
                new.setdefault(tracking.bare(part.tracking_number), []).append((order, part))
    for parked in held.take_parked_tracking(orders[0].row.store_id, new) if new else ():
        for order, parcel in new[parked.tracking_number]:
            _take_scans(order, parcel, ingest_parked.carriers(parked), now)
            ingest_merge.settle(order)


def _lock(store: Store, external_id: str) -> Held | None:
    """Lock an order's customer, then the order."""
    known = Order.objects.filter(store=store, external_id=external_id).values_list("customer_id", flat=True).first()
    if known is None:
        return None
    erased_at = Customer.objects.select_for_update().filter(pk=known).values_list("erased_at", flat=True).first()
    order = held.load(store.pk, [external_id]).get(external_id)
    if order is None or order.row.customer_id != known:
        raise identity.RacedAway
    order.is_erased = erased_at is not None
    return order


def _amend(order: Held, apply: Callable[[Held], Result], now: datetime) -> Result:
    """Change a locked order, settle it, and write it with what there is to tell."""
    before = dict(order.row.__dict__)
    result = apply(order)
    ingest_merge.settle(order)
    order.is_row_changed = order.row.__dict__ != before
    if order.is_row_changed or order.touched or order.gone_shipments:
        _write([order], now=now, history=False)
    return result


def _adopt_one(store: Store, external_id: str, now: datetime) -> int:
    order = _lock(store, external_id)
    if order is None:
        return 0
    found = held.take_parked(store.pk, [external_id])

    def apply(order: Held) -> int:
        for parked in found:
            ingest_parked.apply(order, parked, now=now)
        return len(found)

    return _amend(order, apply, now)


def _adopt_tracking(store: Store, number: str, now: datetime) -> int:
    parked = held.take_parked_tracking(store.pk, [number])
    for each in parked:
        _carriers(store, ingest_parked.carriers(each), now)
    return len(parked)


def _write(orders: Sequence[Held], *, now: datetime, history: bool) -> None:
    _take_up_tracking(orders, now)
    if not held.save(orders):
        raise identity.RacedAway
    told: list[events.NewEvent] = []
    silent: list[events.NewEvent] = []
    for order in orders:
        row = order.row
        said = {"order": row.id, "number": row.number or row.external_id}
        fresh = [
            events.NewEvent(
                row.store_id,
                row.customer_id,
                news.kind,
                news.at,
                f"{news.kind}:{row.id}" + (f":{news.name}" if news.name else ""),
                said | news.facts,
            )
            for news in order.news
        ]
        (silent if history or row.is_history or row.is_test else told).extend(fresh)
    events.record_many(told, now=now)
    events.record_many(silent, now=now, history=True)
    moved = {order.row.customer_id for order in orders if order.is_row_changed or order.news}
    figures.recompute(moved.union(*(order.former_customers for order in orders)))


def _note_consents(
    people: Sequence[CustomerData], customers: Sequence[identity.Held], *, now: datetime, history: bool, basis: shop_words.Basis
) -> list[int]:
    """Hand on what the shop says about permission; return the lines of the ledger that were news."""
    words = [
        (customer, person.marketing, person.marketing_at or person.updated_at or now)
        for person, customer in zip(people, customers, strict=True)
    ]
    return shop_words.note(words, now=now, history=history, basis=basis)
