"""The flows' reader: who enters, when, and what one bad event does to the others."""

import pytest
from django.core import mail

from campaigns import flows, recipes, triggers
from campaigns.models import Enrollment, Flow, FlowVersion, StepRun
from campaigns.tasks import sweep_until_quiet
from customers import events
from customers.models import Customer, Event, Unread
from orders.models import Order
from segments import rules, saving
from segments.models import Segment
from stores import clock
from tests import side_by_side


def entered() -> list[str]:
    return list(Enrollment.objects.order_by("order__number").values_list("order__number", flat=True))


def test_a_placed_order_enters_once_however_often_it_is_told(live_flow, placed):
    order = placed()
    now = clock.read()
    for number in range(3):
        data = {"order": order.pk, "number": order.number}
        events.record(order.customer, "order.placed", at=now, key=f"again:{number}", now=now, data=data)
        sweep_until_quiet()
    assert (entered(), StepRun.objects.count(), len(mail.outbox)) == (["1042"], 5, 1)
    assert Event.objects.filter(kind="flow.entered").count() == 1


def test_only_the_kind_that_starts_a_flow_lets_anyone_in(live_flow, placed):
    order = placed()
    Event.objects.all().delete()
    Unread.objects.all().delete()
    now = clock.read()
    for kind in ("order.paid", "order.changed", "shipment.shipped", "note.added", "consent.granted"):
        events.record(order.customer, kind, at=now, key=kind, now=now, data={"order": order.pk})
    assert triggers.read(now=now) == 4  # no flow is told of notes
    assert (entered(), Unread.objects.filter(reader="flows").count()) == ([], 0)


@pytest.mark.parametrize(("state", "count"), [("draft", 0), ("live", 1), ("paused", 1)])
def test_a_draft_takes_nobody_and_a_paused_flow_takes_them_too(live_flow, placed, state, count):
    Flow.objects.update(state=state)
    placed()
    triggers.read(now=clock.read())
    assert Enrollment.objects.count() == count


def test_another_stores_order_does_not_enter(live_flow, placed, other):
    order = placed()
    Order.objects.update(store=other)
    Customer.objects.update(store=other)
    Event.objects.update(store=other)
    triggers.read(now=clock.read())
    assert (entered(), Order.objects.get().pk) == ([], order.pk)


def test_a_flow_for_a_segment_of_everyone_takes_everyone(live_flow, placed, store):
    FlowVersion.objects.update(audience=saving.create(store, name="Everyone", rule=rules.EVERYONE, now=clock.read()))
    placed()
    triggers.read(now=clock.read())
    assert entered() == ["1042"]


def test_a_segment_whose_rule_nobody_understands_stops_its_own_store_only(live_flow, placed, store, other):
    """The events are set aside for later: nobody enters by a rule that cannot be read, and nobody is lost."""
    odd = Segment.objects.create(store=store, name="Odd", rule={"kind": "moon phase"}, created_at=clock.read())
    FlowVersion.objects.update(audience=odd)
    flow = recipes.install(other, "post-purchase", now=clock.read())
    flows.activate(flow, now=clock.read())
    placed()
    theirs = placed("theirs", email="tom@example.com")
    Order.objects.filter(pk=theirs.pk).update(store=other)
    Customer.objects.filter(pk=theirs.customer_id).update(store=other)
    Event.objects.filter(customer=theirs.customer_id).update(store=other)
    sweep_until_quiet()
    assert entered() == ["theirs"]
    assert Unread.objects.filter(failed_at__isnull=False, reader="flows").count() == 1


def test_a_poisoned_event_is_set_aside_and_the_others_go_on(live_flow, placed):
    before = [placed(f"a{number}", email=f"a{number}@example.com") for number in range(5)]
    poison = Event.objects.get(data__order=before[2].pk)
    Event.objects.filter(pk=poison.pk).update(data={"order": "not a number"})
    assert triggers.read(now=clock.read()) == 5
    assert entered() == ["a0", "a1", "a3", "a4"]
    assert list(Unread.objects.filter(failed_at__isnull=False).values_list("event_id", flat=True)) == [poison.pk]
    placed("later", email="later@example.com")
    triggers.read(now=clock.read())
    assert entered() == ["a0", "a1", "a3", "a4", "later"]


def test_an_event_about_an_order_that_is_gone_is_read_and_forgotten(live_flow, placed):
    order = placed()
    Event.objects.update(data={"order": order.pk + 1})
    assert triggers.read(now=clock.read()) == 1
    assert (entered(), Unread.objects.filter(reader="flows").count()) == ([], 0)


def test_more_events_than_one_batch_holds_are_read_batch_by_batch(live_flow, placed):
    for number in range(7):
        placed(f"a{number}", email=f"a{number}@example.com")
    now = clock.read()
    read = [triggers.read(now=now, limit=3) for _ in range(6)]
    assert (read, len(entered())) == ([3, 3, 1, 0, 0, 0], 7)


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_orders_let_each_in_once(live_flow, placed):
    """Each order is told of twice, so that both workers hold an event of it, in opposite order of the customers."""
    orders = [placed(f"{number:02}", email=f"a{number}@example.com") for number in range(20)]
    now = clock.read()
    for order in reversed(orders):
        data = {"order": order.pk, "number": order.number}
        events.record(order.customer, "order.placed", at=now, key=f"again:{order.pk}", now=now, data=data)

    def work():
        while triggers.read(now=now, limit=20):
            pass

    side_by_side.run(work, work)
    triggers.read(now=now)
    assert entered() == [f"{number:02}" for number in range(20)]
    assert (StepRun.objects.count(), Unread.objects.filter(failed_at__isnull=False, reader="flows").count()) == (100, 0)
    assert Event.objects.filter(kind="flow.entered").count() == 20
