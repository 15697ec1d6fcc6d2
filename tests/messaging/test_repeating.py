"""A mail that was never answered, on a road that honours keys: it is repeated there, and from then on nothing can call it unsent."""

from datetime import timedelta

import pytest

from customers import consent
from customers.models import Consent
from messaging import sending
from messaging.models import Account, Message, ProviderEvent
from messaging.reasons import Reason
from messaging.returning import coming_back
from messaging.roads import line
from messaging.sending import Refusal
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.lying_provider import LyingProvider
from tests.messaging.providers_speaking import SPEAKERS, Tale, account

State = Message.State


@pytest.fixture
def provider(settings):
    lying = LyingProvider(mode="reset_after_body")
    settings.ANYMAIL = {"RESEND_API_URL": lying.url, "POSTMARK_API_URL": lying.url}
    yield lying
    line.hang_up()
    lying.close()


@pytest.fixture
def road(store, provider) -> Account:
    return account(store, "resend", now=clock.read())


@pytest.fixture
def mail(store, road) -> Message:
    """A mail whose first try was never answered."""
    made: Message = MessageFactory(customer=customer(store, "ana@example.com", marketing="subscribed"), purpose="marketing")
    drained(made)
    assert (made.state, made.doubtful_road) == (State.RETRY, road.pk)
    return made


def drained(message: Message, gate=lambda messages, refused, now: refused) -> Message:
    clock.set_to(clock.read() + timedelta(minutes=2))
    sending.drain(gate=gate, is_urgent=message.is_urgent, now=clock.read())
    message.refresh_from_db()
    return message


def test_it_is_sent_when_the_repeat_is_answered(mail, provider):
    provider.mode = "200"
    assert drained(mail).state == State.SENT
    assert len(provider.requests) == 2


@pytest.mark.parametrize("is_final", [True, False], ids=["for good", "for now"])
def test_a_no_of_the_gate_leaves_it_unknown_and_in_its_place(mail, provider, is_final):
    drained(mail, gate=lambda messages, refused, now: {mail.pk: Refusal(Reason.CANCELLED, is_final=is_final)})
    assert (mail.state, len(provider.requests)) == (State.UNKNOWN, 1)
    assert mail.detail == "A try was never answered, and it may not be repeated: Order was cancelled."
    assert mail.customer.events.filter(kind="mail.unknown").count() == 1


def test_an_unsubscription_stops_the_repeat_and_does_not_say_that_nothing_went(mail, provider):
    consent.withdraw(mail.customer, topic=Consent.Topic.MARKETING, source="link", now=clock.read())
    assert (drained(mail).state, len(provider.requests)) == (State.UNKNOWN, 1)


def test_a_refusal_of_the_repeat_leaves_it_unknown(mail, provider):
    provider.mode = "400"
    assert drained(mail).state == State.UNKNOWN
    assert mail.detail.startswith("A try was never answered; its repeat was refused: ")


def test_it_is_never_repeated_over_another_account(mail, provider, store):
    Account.objects.all().delete()
    account(store, "postmark", now=clock.read())
    provider.mode = "200"
    assert (drained(mail).state, len(provider.requests)) == (State.UNKNOWN, 1)


def test_news_of_it_ends_the_repeats(mail, provider, road):
    now = clock.read()
    coming_back.keep(road, [SPEAKERS["resend"](Tale("delivered", mail.token, mail.to_email, now))], now=now)
    coming_back.drain(now=now)
    assert ProviderEvent.objects.get().kind == "delivered"
    assert (drained(mail).state, len(provider.requests)) == (State.SENT, 1)
