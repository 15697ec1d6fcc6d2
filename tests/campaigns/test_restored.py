"""A backup is put back: nothing that may have gone since it was taken goes again, and what is still to come does."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from campaigns import triggers
from campaigns.models import Enrollment, StepRun
from campaigns.tasks import sweep_until_quiet
from customers.models import Event
from messaging.models import Message
from stores import clock, stopping
from tests.factories.messaging import MessageFactory

pytestmark = pytest.mark.django_db


def after_restore(**options):
    said = StringIO()
    call_command("after_restore", taken_at="2026-11-02T06:00Z", json=True, stdout=said, **options)
    return json.loads(said.getvalue())


def test_what_was_due_or_on_its_way_is_put_aside_and_the_rest_goes_once_sending_goes_on(live_flow, placed, tell, at):
    order = placed()
    clock.set_to(at("2026-11-02 09:05"))
    sweep_until_quiet()
    tell(order, "shipment.shipped", parcel={"status": "in_transit", "shipped_at": at("2026-11-02 09:05"), "is_scanned": True})
    sweep_until_quiet()
    mail.outbox.clear()
    waiting = MessageFactory(customer=order.customer, purpose="service", use_by=at("2026-12-24 09:00"))
    clock.set_to(at("2026-11-04 12:00"))  # the tips were due the day before

    assert after_restore() == {"steps": 1, "mails": 1}

    assert StepRun.objects.get(step_key="tips").reason == "restored"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.detail) == ("unknown", "A backup of 2026-11-02 06:00 UTC was put back: it may have gone since then.")
    assert stopping.standing() is not None
    sweep_until_quiet()
    stopping.go()
    sweep_until_quiet()
    assert mail.outbox == []
    tell(order, "shipment.delivered", parcel={"status": "delivered", "delivered_at": at("2026-11-04 12:00")})
    clock.set_to(at("2026-11-12 12:00"))
    sweep_until_quiet()
    assert Message.objects.filter(step="check-in", state="sent").count() == 1


def test_it_is_told_of_in_the_customers_timeline(live_flow, placed, at):
    order = placed()
    clock.set_to(at("2026-11-02 09:01"))
    triggers.read(now=clock.read())
    assert after_restore()["steps"] == 1
    assert (
        Event.objects.filter(customer=order.customer, kind="mail.skipped").get().data["words"]
        == "May have gone before a backup was put back"
    )
    assert Enrollment.objects.get().state == "active"


def test_a_time_that_is_none_or_lies_ahead_is_refused(live_flow):
    with pytest.raises(CommandError, match="is not a time"):
        call_command("after_restore", taken_at="yesterday")
    with pytest.raises(CommandError, match="lies in the future"):
        call_command("after_restore", taken_at=(clock.read() + timedelta(days=1)).isoformat())
