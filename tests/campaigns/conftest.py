"""A live post-purchase flow and orders put before it."""

from datetime import datetime
from typing import Any

import pytest

from campaigns import flows, recipes
from campaigns.models import Flow, FlowVersion, Step, StepRun
from catalog.models import Pairing, Product, ProductGuide
from customers import events
from customers.models import Customer
from offers.models import Offer
from orders.models import Order, OrderLine, Shipment
from stores import clock


@pytest.fixture
def live_flow(store, at) -> Flow:
    """The recipe, active since 9 o'clock on 2 November 2026, with soft opt-in and a code to give."""
    clock.set_to(at("2026-11-02 09:00"))
    store.soft_opt_in = True
    store.save()
    flow = recipes.install(store, "post-purchase", now=clock.read())
    Offer.objects.filter(store=store).update(code="THANKS10")
    flows.activate(flow, now=clock.read())
    return flow


@pytest.fixture
def kettle(store) -> Product:
    product = Product.objects.create(store=store, external_id="kettle", title="Pour-over kettle")
    ProductGuide.objects.create(store=store, product=product, headline="a first brew", tips=["Rinse it.", "Fill it.", "Pour it."])
    filters = Product.objects.create(store=store, external_id="filters", title="Paper filters", url="https://marlow.example/filters")
    Pairing.objects.create(store=store, product=product, suggested=filters, reason="38 people added filters within a month")
    return product


@pytest.fixture
def placed(store, kettle):
    """Put an order of one kettle before the flows, as ingest would."""

    def make(number: str = "1042", *, email: str = "ana@example.com", moment: datetime | None = None, **fields) -> Order:
        now = clock.read()
        moment = moment or now
        customer, _ = Customer.objects.get_or_create(
            store=store, email_key=email, defaults={"email": email, "name": "Ana Ribeiro", "first_name": "Ana", "created_at": now}
        )
        order = Order.objects.create(
            store=store, customer=customer, external_id=number, number=number, placed_at=moment, currency="EUR", total_minor=7900,
            shop_currency="EUR", shop_total_minor=7900, financial_status="paid", created_at=now, **fields,
        )  # fmt: skip
        OrderLine.objects.create(
            store=store, order=order, customer=customer, placed_at=moment, product=kettle, external_id="1", name="Pour-over kettle",
            quantity=1, unit_price_minor=7900, position=1,
        )  # fmt: skip
        events.record(
            customer, "order.placed", at=moment, key=f"order.placed:{order.pk}", now=now, data={"order": order.pk, "number": number}
        )
        return order

    return make


@pytest.fixture
def tell():
    """Record that something happened to an order; `changes` are written to its parcel or to itself first."""

    def say(order: Order, kind: str, *, parcel: dict[str, Any] | None = None, **changes) -> None:
        now = clock.read()
        if parcel is not None:
            Shipment.objects.update_or_create(store=order.store, order=order, external_id="p1", defaults=parcel)
        if changes:
            Order.objects.filter(pk=order.pk).update(**changes)
        key = f"{kind}:{order.pk}:{now.isoformat()}"
        events.record(order.customer, kind, at=now, key=key, now=now, data={"order": order.pk, "number": order.number})

    return say


@pytest.fixture
def runs():
    """Return an order's runs as {step: (state, reason, due in Berlin)}."""

    def read(order: Order) -> dict[str, tuple[str, str]]:
        return {run.step_key: (run.state, run.reason) for run in StepRun.objects.filter(order=order)}

    return read


@pytest.fixture
def another_flow(store, live_flow):
    """Make a live flow of one mail, of help if not said otherwise, an hour after the order."""

    def make(key: str, *, hours: int = 1, purpose: str = "service", **fields) -> Flow:
        flow = Flow.objects.create(store=store, key=key, name=key.title(), state="live", activated_at=clock.read(), **fields)
        version = FlowVersion.objects.create(store=store, flow=flow, number=1, trigger="order.placed", created_at=clock.read())
        content = {"subject": f"From {key}", "blocks": [{"kind": "text", "text": "Hello"}]}
        Step.objects.create(
            store=store, version=version, key=f"{key}-mail", name=key.title(), position=1, anchor="placed", offset_hours=hours,
            use_by_hours=72, purpose=purpose, content=content,
        )  # fmt: skip
        flow.version = version
        flow.save()
        return flow

    return make
