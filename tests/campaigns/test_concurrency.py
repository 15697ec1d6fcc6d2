"""Workers side by side: two sweep the same two hundred due mails, and each is sent exactly once."""

from collections import Counter

import pytest
from django.core import mail

from campaigns import tasks
from campaigns.models import Enrollment, StepRun
from customers.models import Event, Unread
from messaging.models import Message
from stores import clock
from tests import side_by_side

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("live_flow")]


def sweep_together(workers: int = 2) -> list[int]:
    """Sweep until quiet in so many threads that begin at once; return what each looked at."""
    looked: list[int] = []
    side_by_side.run(*[lambda: looked.append(tasks.sweep_until_quiet())] * workers)
    return looked


def recipients() -> Counter[str]:
    return Counter(message.to[0] for message in mail.outbox)


def test_two_workers_send_two_hundred_due_confirmations_once_each(placed):
    for number in range(200):
        placed(f"{number}", email=f"p{number}@example.com")
    sweep_together()
    tasks.sweep_until_quiet()
    assert (len(recipients()), set(recipients().values())) == (200, {1})
    assert Counter(Message.objects.values_list("state", "attempts")) == {("sent", 1): 200}
    assert Counter(StepRun.objects.filter(step_key="confirmation").values_list("state", flat=True)) == {"handed_over": 200}
    assert (Enrollment.objects.count(), Unread.objects.filter(reader="flows").count(), Event.objects.filter(kind="mail.sent").count()) == (
        200,
        0,
        200,
    )


def test_three_workers_send_a_hundred_bulk_mails_in_windows_once_each(placed, tell, at):
    orders = [placed(f"{number}", email=f"p{number}@example.com") for number in range(100)]
    tasks.sweep_until_quiet()
    mail.outbox.clear()
    clock.set_to(at("2026-11-03 12:00"))
    for order in orders:
        tell(order, "shipment.shipped", parcel={"status": "in_transit", "shipped_at": at("2026-11-03 12:00"), "is_scanned": True})
    tasks.sweep_until_quiet()
    clock.set_to(at("2026-11-04 12:00"))
    looked = sweep_together(3)
    tasks.sweep_until_quiet()
    assert (len(recipients()), set(recipients().values())) == (100, {1})
    assert Counter(Message.objects.filter(step="tips").values_list("state", flat=True)) == {"sent": 100}
    assert sum(looked) >= 200  # a hundred steps and a hundred mails, whoever took which


def test_a_cancellation_while_two_workers_send_lets_nothing_out_after_it(placed):
    orders = [placed(f"{number}", email=f"p{number}@example.com") for number in range(20)]
    type(orders[0]).objects.filter(pk__in=[order.pk for order in orders[::2]]).update(cancelled_at=clock.read())
    sweep_together()
    assert sorted(recipients()) == sorted(f"Ana Ribeiro <p{number}@example.com>" for number in range(1, 20, 2))
