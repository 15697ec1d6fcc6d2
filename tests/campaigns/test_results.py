"""What a flow brought: by step and wording, and beside those who were held out."""

from datetime import timedelta

import pytest

from campaigns import results
from campaigns.models import Enrollment, Flow, FlowVersion, Step, StepRun
from customers import events
from customers.models import Customer
from messaging.models import Message
from messaging.returning import day_counts
from orders.models import Order
from stores import clock
from surveys.models import Response, Survey
from tests.factories.customers import CustomerFactory


@pytest.fixture
def flow(store, at) -> Flow:
    """A flow of one asking mail in two wordings, that nobody is in yet."""
    clock.set_to(at("2026-11-10 09:00"))
    flow = Flow.objects.create(store=store, key="deal", name="Deal", state="live", activated_at=clock.read())
    version = FlowVersion.objects.create(store=store, flow=flow, number=1, trigger="order.placed", created_at=clock.read())
    Step.objects.create(
        store=store, version=version, key="ask", name="Ask", position=1, anchor="placed", use_by_hours=72, purpose="marketing",
        content={"subject": "A", "blocks": [{"kind": "question"}]}, variants=[{"key": "b", "share": 50, "content": {"subject": "B"}}],
    )  # fmt: skip
    flow.version = version
    flow.save()
    return flow


def bought(customer: Customer, moment, minor: int, number: str, **fields) -> Order:
    return Order.objects.create(
        store=customer.store, customer=customer, external_id=number, number=number, placed_at=moment, currency="EUR", total_minor=minor,
        shop_currency="EUR", shop_total_minor=minor, financial_status="paid", created_at=moment, **fields,
    )  # fmt: skip


def entered(flow: Flow, customer: Customer, *, held_out: bool | None, key: str = "1", days_ago: int = 0) -> Enrollment:
    assert flow.version
    return Enrollment.objects.create(
        store=flow.store, flow=flow, version=flow.version, customer=customer, entry_key=key,
        entered_at=clock.read() - timedelta(days=days_ago), is_held_out=held_out,
    )  # fmt: skip


def mailed(flow: Flow, customer: Customer, number: int, *, variant: str = "", order: Order | None = None, flow_key: str = "") -> Message:
    now = clock.read()
    message = Message.objects.create(
        store=flow.store, customer=customer, dedupe_key=f"m{number}", flow=flow_key or flow.key, step="ask", purpose="marketing",
        is_urgent=False, state="sent", to_email="a@example.com", from_email="b@example.com", subject="A", html="", text="",
        created_at=now, due_at=now, use_by=now, sent_at=now,
    )  # fmt: skip
    if not flow_key:
        StepRun.objects.create(
            store=flow.store, enrollment=entered(flow, customer, held_out=None, key=f"m{number}"), step=Step.objects.get(), step_key="ask",
            customer=customer, order=order, message=message, state="handed_over", variant=variant, due_at=now, use_by=now,
        )  # fmt: skip
    return message


def clicked(message: Message, moment) -> None:
    data = {"message": message.pk, "flow": message.flow, "step": message.step}
    events.record(message.customer, "mail.clicked", at=moment, key=f"click:{message.pk}:{moment}", now=moment, data=data)


def test_an_order_counts_once_for_the_last_mail_clicked_in_the_five_days_before(flow, at):
    ana, bea, cleo = (CustomerFactory(store=flow.store) for _ in range(3))
    first, other = mailed(flow, ana, 1), mailed(flow, ana, 2, flow_key="elsewhere")
    clicked(first, at("2026-11-10 10:00"))
    bought(ana, at("2026-11-10 09:59"), 100, "before")
    bought(ana, at("2026-11-15 09:59"), 5000, "just in time", shop_refunded_minor=1000)
    bought(ana, at("2026-11-15 10:01"), 700, "too late")
    clicked(mailed(flow, bea, 3, variant="b"), at("2026-11-11 10:00"))
    bought(bea, at("2026-11-12 10:00"), 2500, "of the other wording")
    bought(bea, at("2026-11-12 11:00"), 9900, "cancelled", cancelled_at=at("2026-11-12 12:00"))
    clicked(mailed(flow, cleo, 4), at("2026-11-11 10:00"))
    clicked(mailed(flow, cleo, 5, flow_key="elsewhere"), at("2026-11-11 11:00"))
    bought(cleo, at("2026-11-11 12:00"), 800, "elsewhere")
    clicked(other, at("2026-11-20 10:00"))
    [step] = results.by_step(flow, list(flow.version.steps.all()))
    assert (step.orders, step.minor) == (2, 6500)
    assert [(each.key, each.sent, each.clicked, each.orders, each.minor) for each in step.wordings] == [
        ("", 2, 2, 1, 4000), ("b", 1, 1, 1, 2500),
    ]  # fmt: skip
    assert step.wordings[1].against_own is None


def test_what_was_sent_unsubscribed_and_answered_low_is_counted_by_step(flow, at):
    survey = Survey.objects.create(store=flow.store, key="check-in", question="How is it?")
    for number, score in enumerate((1, 2, 5, None)):
        customer = CustomerFactory(store=flow.store)
        order = bought(customer, clock.read(), 100, str(number))
        message = mailed(flow, customer, number, order=order)
        Response.objects.create(store=flow.store, survey=survey, customer=customer, order=order, score=score, asked_at=clock.read())
        Message.objects.filter(pk=message.pk, dedupe_key="m3").update(unsubscribed_at=clock.read())
    day_counts.catch_up(flow.store, now=clock.read())
    [step] = results.by_step(flow, list(flow.version.steps.all()))
    assert (step.sent, step.clicked, step.unsubscribed, step.low) == (4, 0, 1, 2)


def test_who_was_held_out_is_compared_by_what_they_bought_after_they_entered(flow, at):
    for number in range(200):
        customer = CustomerFactory(store=flow.store)
        entered(flow, customer, held_out=number % 2 == 0, days_ago=30)
        if number % 2 or number < 40:  # all who got it, and 20 of those held out
            bought(customer, clock.read() - timedelta(days=10), 1000 if number % 2 else 2000, str(number))
        bought(customer, clock.read() - timedelta(days=31), 50_000, f"before-{number}")
    entered(flow, customer, held_out=None, key="again")
    found = results.compare(flow)
    assert (found.mailed.people, found.mailed.did, found.mailed.mean) == (100, 100, 1000)
    assert (found.held_out.people, found.held_out.did, found.held_out.mean) == (100, 20, 400)
    assert found.bought and round(found.bought.value, 2) == 0.8 and found.bought.is_sure
    assert found.spent and (round(found.spent.value), round(found.spent.low), round(found.spent.high)) == (600, 442, 758)
