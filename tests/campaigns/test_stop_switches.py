"""Stop switches of a step, a flow, a store and the installation: they act within a window of mails, and nothing is lost."""

from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command

from campaigns import flows, steps
from campaigns.models import Flow, StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Customer
from messaging import sending
from messaging.models import Message
from stores import clock, stopping
from stores.models import Store
from tests.factories.messaging import MessageFactory

pytestmark = pytest.mark.usefixtures("live_flow")


class Pressing(EmailBackend):
    """A mail road beside which somebody presses a switch while the 25th mail is on it."""

    press = staticmethod(lambda: None)

    def send_messages(self, messages) -> int:
        count = super().send_messages(messages)
        if len(mail.outbox) == 25:
            Pressing.press()
        return count


def _pause_flow() -> None:
    flows.pause(Flow.objects.get(key="help"), now=clock.read())


def _go_flow() -> None:
    flows.activate(Flow.objects.get(key="help"), now=clock.read())


SWITCHES = {
    "step": (
        lambda: flows.switch_step(Flow.objects.get(key="help"), "help-mail", "paused", now=clock.read()),
        lambda: flows.switch_step(Flow.objects.get(key="help"), "help-mail", "ours", now=clock.read()),
    ),
    "flow": (_pause_flow, _go_flow),
    "store": (lambda: flows.pause_store(Store.objects.get()), lambda: flows.resume_store(Store.objects.get())),
    "installation": (lambda: stopping.stop(why="", now=clock.read()), stopping.go),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_stop_switch_acts_within_a_window_of_ten_and_loses_nothing(placed, another_flow, at, settings, monkeypatch, switch):
    press, release = SWITCHES[switch]
    another_flow("help")
    for number in range(60):
        placed(f"{number}", email=f"p{number}@example.com")
    sweep_until_quiet()
    mail.outbox.clear()
    clock.set_to(at("2026-11-02 10:30"))
    settings.EMAIL_BACKEND = "tests.campaigns.test_stop_switches.Pressing"
    monkeypatch.setattr(Pressing, "press", staticmethod(press))
    sweep_until_quiet()
    assert 25 <= len(mail.outbox) <= 35
    monkeypatch.setattr(Pressing, "press", staticmethod(lambda: None))
    stopped_at = len(mail.outbox)
    sweep_until_quiet()
    assert len(mail.outbox) == stopped_at
    release()
    sweep_until_quiet()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(f"Ana Ribeiro <p{number}@example.com>" for number in range(60))


def test_while_the_installation_is_stopped_orders_are_taken_in_and_nothing_goes_not_even_a_confirmation(placed, at):
    stopping.stop(why="The provider called", now=clock.read())
    placed()
    travel_to(at("2026-11-02 10:00"))
    assert (mail.outbox, StepRun.objects.get(step_key="confirmation").state) == ([], "planned")
    stopping.go()
    sweep_until_quiet()
    assert Message.objects.get().state == "sent"


def test_the_installation_is_stopped_and_let_go_by_a_command_and_a_second_stop_keeps_the_moment(at):
    def say(*options: str) -> str:
        out = StringIO()
        call_command("sending", *options, stdout=out)
        return out.getvalue().strip()

    assert say() == "Mails go."
    assert say("--stop", "The provider called") == "Stopped since 2026-11-02 08:00 UTC: The provider called. Nothing is lost; --go ends it."
    clock.set_to(at("2026-11-03 09:00"))
    assert say("--stop") == "Stopped since 2026-11-02 08:00 UTC. Nothing is lost; --go ends it."
    assert say("--json").startswith('{"stopped_at": "2026-11-02T08:00')
    assert say("--go", "--json") == '{"stopped_at": null, "why": ""}'
    assert stopping.standing() is None


def test_a_bulk_of_one_store_delays_no_other_stores_confirmation(placed, another_flow, other, at, tell):
    another_flow("help")
    for number in range(150):
        placed(f"{number}", email=f"p{number}@example.com")
    sweep_until_quiet()
    mail.outbox.clear()
    clock.set_to(at("2026-11-02 10:30"))
    person = Customer.objects.create(store=other, email="tom@example.com", email_key="tom@example.com", created_at=clock.read())
    ready = MessageFactory(customer=person, store=other, created_at=clock.read())
    steps.hand_over(now=clock.read(), is_urgent=False)
    sending.drain(gate=lambda messages, refused, now: refused, is_urgent=True, now=clock.read())
    ready.refresh_from_db()
    assert (ready.state, len(mail.outbox)) == ("sent", 1)
    late = MessageFactory(customer=person, store=other, purpose="service", created_at=clock.read())
    sending.drain(gate=lambda messages, refused, now: refused, is_urgent=False, now=clock.read())
    late.refresh_from_db()
    assert late.state == "sent"  # its share of the very first batch, though 150 were there before it
