"""What stops a store's marketing in time, who lets it go on, and what becomes of the mails that waited."""

from datetime import timedelta

import pytest

from campaigns import decisions, flows, recipes
from campaigns.decisions import Hold, Situation
from messaging import second_tries
from messaging.models import MarketingStop, Message, ProviderEvent
from messaging.reasons import Reason
from messaging.returning import coming_back, guard_rails
from stores import clock
from stores.models import Store
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.providers_speaking import SPEAKERS, Tale, account, post

State = Message.State


@pytest.fixture
def now(db):
    return clock.read()


@pytest.fixture
def ana(store):
    return customer(store, "ana@example.com", marketing="subscribed")


def sent(ana, now, number: int, **fields) -> list[Message]:
    """Put so many sent mails into the log, in one statement."""
    at = now - timedelta(hours=1)
    made = MessageFactory.build_batch(
        number, customer=ana, store=ana.store, purpose="marketing", state=State.SENT, sent_at=at, created_at=at, **fields
    )  # fmt: skip
    return Message.objects.bulk_create(made)


def told(messages, kind: str, at) -> None:
    ProviderEvent.objects.bulk_create(
        ProviderEvent(
            store_id=message.store_id, message=message, kind=kind, dedupe_key=f"{kind}:{message.pk}", received_at=at, occurred_at=at,
            acted_at=at,
        )
        for message in messages
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mails", "complaints", "warns", "stops"),
    [
        (20, 0, False, False),
        (20, 1, True, False),
        (20, 2, True, False),
        (20, 3, True, True),
        (1200, 1, False, False),
        (1200, 4, True, True),
    ],
)
def test_complaints_warn_at_one_and_stop_at_three_in_a_thousand(store, ana, now, mails, complaints, warns, stops):
    made = sent(ana, now, mails)
    told(made[:complaints], "complained", now)
    guard_rails.watch(store.pk, now=now)
    found = guard_rails.figures(store, now=now)
    assert (found.delivered, found.complaints, found.is_warning, bool(found.stops)) == (mails, complaints, warns, stops)
    assert (Store.objects.get(pk=store.pk).marketing_paused_at == now) is stops


@pytest.mark.parametrize(("hard", "stops"), [(24, False), (25, True)])
def test_twenty_five_hard_bounces_of_the_last_five_hundred_stop_marketing(store, ana, now, hard, stops):
    old = sent(ana, now - timedelta(days=2), 30)
    told(old, "hard", now - timedelta(days=2))
    told(sent(ana, now, 500)[:hard], "hard", now)
    guard_rails.watch(store.pk, now=now)
    held = Store.objects.get(pk=store.pk)
    assert bool(held.marketing_paused_at) is stops
    if stops:
        assert held.marketing_paused_why == "25 of the last 500 help and marketing mails bounced for good; the line is 5%."


def test_order_mails_and_old_mails_do_not_count(store, ana, now):
    told(sent(ana, now, 5, is_urgent=True), "block", now)
    orders = MessageFactory.build_batch(5, customer=ana, store=store, state=State.SENT, sent_at=now, created_at=now)
    told(Message.objects.bulk_create(orders), "complained", now)
    told(sent(ana, now - timedelta(days=8), 5), "complained", now - timedelta(days=8))
    found = guard_rails.figures(store, now=now)
    assert (found.delivered, found.complaints) == (0, 0)


def test_an_owners_send_again_is_noted_and_what_came_before_no_longer_counts(store, alice, ana, now):
    told(sent(ana, now, 20)[:3], "complained", now)
    guard_rails.watch(store.pk, now=now)
    store.refresh_from_db()
    flows.trust_marketing(store, by=alice, now=now)
    stop = MarketingStop.objects.get()
    assert (stop.at, stop.ended_at, stop.ended_by) == (now, now, alice)
    guard_rails.watch(store.pk, now=now)
    assert Store.objects.get(pk=store.pk).marketing_paused_at is None


def test_complaints_that_a_provider_tells_stop_marketing_by_themselves(store, ana, now):
    road = account(store, "postmark", now=now)
    for number, message in enumerate(sent(ana, now, 3)):
        post(road, [SPEAKERS["postmark"](Tale("complained", message.token, message.to_email, now, number))], now=now)
    coming_back.drain(now=now)
    held = Store.objects.get(pk=store.pk)
    assert held.marketing_paused_at == now
    assert held.marketing_paused_why.startswith("3 of 3 help and marketing mails of the last 7 days were marked as spam.")


def situation(now, **facts) -> Situation:
    return Situation(now=now, use_by=now + timedelta(days=2), is_selling=True, **facts)


def test_without_a_postal_address_a_selling_mail_waits_and_is_looked_at_each_hour(now):
    assert decisions.decide(situation(now, lacks_imprint=True)) == Hold(Reason.NO_IMPRINT, now + timedelta(hours=1))
    assert decisions.decide(situation(now, is_paused=True)) == Hold(Reason.PAUSED, now + timedelta(days=2))


def test_a_flow_that_sells_is_not_switched_on_without_a_postal_address(store, settings, now):
    settings.MAIL_LEAVES = True
    store.postal_address = ""
    store.save()
    flow = recipes.install(store, "post-purchase", now=now)
    flow.store = store
    with pytest.raises(flows.CannotActivate, match="This flow sells, and the law wants the shop’s postal address"):
        flows.activate(flow, now=now)
    settings.MAIL_LEAVES = False
    flows.activate(flow, now=now)


@pytest.fixture
def lost(ana, now):
    """An order mail of three hours ago whose outcome is unknown."""
    at = now - timedelta(hours=3)
    made: Message = MessageFactory(
        customer=ana,
        state=State.UNKNOWN,
        due_at=at,
        created_at=at,
        use_by=now + timedelta(days=1),
        subject="Got it, Ana",
        dedupe_key="run:1",
    )
    return made


def test_an_order_mail_with_unknown_outcome_is_sent_again_once_where_the_store_chose_so(store, lost, now):
    assert second_tries.queue(now=now) == 0
    Store.objects.update(resend_unknown_confirmations_after_hours=4)
    assert second_tries.queue(now=now) == 0
    Store.objects.update(resend_unknown_confirmations_after_hours=2)
    assert second_tries.queue(now=now) == 1
    assert second_tries.queue(now=now) == 0
    again = Message.objects.get(repeats=lost)
    assert (again.dedupe_key, again.state, again.subject, again.html, again.due_at) == (
        "run:1:again",
        State.QUEUED,
        "Got it, Ana",
        lost.html,
        now,
    )
    assert again.token != lost.token
    again.state = State.UNKNOWN
    again.due_at = lost.due_at
    again.save()
    assert second_tries.queue(now=now) == 0


@pytest.mark.parametrize("change", [{"purpose": "marketing"}, {"purpose": "service"}, {"state": State.FAILED}, {"use_by": "past"}])
def test_nothing_else_is_ever_sent_again_by_itself(store, lost, now, change):
    Store.objects.update(resend_unknown_confirmations_after_hours=1)
    Message.objects.update(**{name: now if value == "past" else value for name, value in change.items()})
    assert second_tries.queue(now=now) == 0
