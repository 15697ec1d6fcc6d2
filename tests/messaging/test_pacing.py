"""The pace of roads in the outbox: what may not go yet is due later, workers keep a limit together, order mail goes first."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from customers.models import Customer
from messaging import sending
from messaging.models import Account, Message, Pace
from messaging.roads import pacing
from stores import clock, turns
from tests import side_by_side
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory

State = Message.State


def open_gate(messages, refused, now):
    return refused


@pytest.fixture
def queue(db, store, at):
    """Queue so many mails to ana@DOMAIN, due now and of use for a week."""
    clock.set_to(at("2026-11-10 09:00"))

    def make(number: int, purpose: str = "service", *, domain: str = "example.com", shop=store) -> list[Message]:
        email = f"ana@{domain}"
        person = Customer.objects.filter(store=shop, email_key=email).first() or customer(shop, email, name="Ana")
        now = clock.read()
        use_by = now + timedelta(days=7)
        return [MessageFactory(customer=person, purpose=purpose, created_at=now, due_at=now, use_by=use_by) for _ in range(number)]

    return make


def drain(*, is_urgent: bool = False) -> int:
    return sending.drain(gate=open_gate, is_urgent=is_urgent, now=clock.read())


def drain_all(*, is_urgent: bool = False) -> None:
    while drain(is_urgent=is_urgent):
        pass


def states() -> list[str]:
    return sorted(Message.objects.values_list("state", flat=True))


def waits() -> list[float]:
    """Return in how many seconds each queued mail is due."""
    now = clock.read()
    return sorted((due - now).total_seconds() for due in Message.objects.filter(state=State.QUEUED).values_list("due_at", flat=True))


def test_without_limits_nothing_is_paced_and_no_row_is_made(queue):
    queue(30)
    assert drain() == 30
    assert (len(mail.outbox), Pace.objects.count()) == (30, 0)


def test_what_is_over_the_installations_limit_is_due_later_each_in_its_turn(queue, settings):
    settings.MAIL_PER_MINUTE = 60
    queue(40)
    assert drain() == 40
    assert len(mail.outbox) == 3
    assert set(Message.objects.filter(state=State.QUEUED).values_list("attempts", "claim")) == {(0, None)}
    later = waits()
    assert len(later) == 37 and later[0] > 0
    assert all(1 < after - before < 1.3 for before, after in pairwise(later))
    assert drain() == 0
    clock.set_to(clock.read() + timedelta(seconds=later[-1] + 1))
    drain_all()
    assert len(mail.outbox) > 3


def test_a_queue_drained_second_by_second_keeps_its_order_and_its_limit(queue, settings):
    settings.MAIL_PER_MINUTE = 60
    first = queue(40)
    for second in range(60):
        clock.set_to(clock.read() + timedelta(seconds=1))
        if second == 10:
            last = queue(3)
        drain_all()
    sent = list(Message.objects.filter(state=State.SENT).order_by("sent_at", "pk").values_list("pk", flat=True))
    assert sent == [message.pk for message in first + last]


def test_an_account_has_its_own_limit_and_other_stores_do_not_feel_it(queue, store, other):
    Account.objects.create(store=store, stream="all", provider="smtp", per_minute=1, created_at=clock.read())
    mine, theirs = queue(5), queue(5, shop=other)
    with transaction.atomic():
        admitted = pacing.admit(mine + theirs, now=clock.read())
    assert admitted == mine[:1] + theirs
    assert list(Pace.objects.values_list("key", flat=True)) == [f"road:{Account.objects.get().pk}"]


def test_one_domains_limit_keeps_no_other_waiting(queue, settings):
    settings.MAIL_PER_DOMAIN_MINUTE = 1
    queue(4, domain="slow.example")
    queue(1, domain="fast.example")
    drain_all()
    assert sorted(message.to[0] for message in mail.outbox) == ["Ana <ana@fast.example>", "Ana <ana@slow.example>"]
    assert [round(wait / 65) for wait in waits()] == [1, 2, 3]


def test_a_confirmation_goes_at_once_though_a_thousand_bulk_mails_have_the_road(queue, settings):
    settings.MAIL_PER_MINUTE = 60
    queue(1_000)
    drain_all()
    queue(2, "transactional")
    drain_all(is_urgent=True)
    assert list(Message.objects.filter(state=State.SENT).values_list("purpose", flat=True)).count("transactional") == 2


def test_a_warm_up_lets_every_confirmation_through_and_counts_none(queue, settings):
    settings.MAIL_WARM_UP_FROM = clock.read().date()
    queue(200, "transactional")
    drain_all(is_urgent=True)
    queue(60)
    drain_all()
    assert Message.objects.filter(state=State.SENT, purpose="service").count() == 5
    assert Message.objects.filter(state=State.SENT, purpose="transactional").count() == 200
    assert max(waits()) < 2 * 86_400  # what has no turn today comes some time tomorrow


def test_what_is_past_its_use_by_is_let_through_to_the_gate_which_ends_it(queue, settings):
    settings.MAIL_PER_MINUTE = 1
    queue(3)
    drain()
    clock.set_to(clock.read() + timedelta(days=8))
    drain_all()
    assert states() == ["cancelled", "cancelled", "sent"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_keep_one_limit_together(queue, settings):
    settings.MAIL_PER_MINUTE = 120
    queue(100)

    def work() -> None:
        with transaction.atomic():
            now = clock.read()
            ids = turns.due(Message, when="due_at", states=sending.WAITING, is_urgent=False, now=now, limit=50)
            pacing.admit(list(Message.objects.filter(pk__in=ids).order_by("pk")), now=now)

    side_by_side.run(work, work)
    later = waits()
    assert sum(wait <= 0 for wait in later) == 5  # of a rush of ten, five are kept for order mail
    later = [wait for wait in later if wait > 0]
    assert len(later) == 95
    assert min(after - before for before, after in pairwise(later)) > 0.5  # no two share a turn


@pytest.mark.parametrize("field", ["per_minute", "per_domain_minute"])
def test_a_limit_of_nothing_is_refused(store, field):
    with pytest.raises(IntegrityError, match="account_rate_lets_some_through"):
        Account.objects.create(store=store, stream="all", provider="smtp", created_at=clock.read(), **{field: 0})
