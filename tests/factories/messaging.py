"""Mails as rows of the outbox."""

from datetime import timedelta

import factory

from messaging.models import Message, Purpose
from stores import clock


class MessageFactory(factory.django.DjangoModelFactory):
    """A transactional mail that is due now and of use for an hour."""

    class Meta:
        model = Message

    store = factory.SelfAttribute("customer.store")
    dedupe_key = factory.Sequence(lambda n: f"test:{n}")
    purpose = Purpose.TRANSACTIONAL
    is_urgent = factory.LazyAttribute(lambda message: message.purpose == Purpose.TRANSACTIONAL)
    to_email = factory.SelfAttribute("customer.email")
    to_name = "Ana"
    from_email = "hello@marlow.example"
    from_name = "Jo"
    subject = "Got it"
    html = "<p>Got it</p>"
    text = "Got it"
    created_at = factory.LazyFunction(clock.read)
    due_at = factory.SelfAttribute("created_at")
    use_by = factory.LazyAttribute(lambda message: message.created_at + timedelta(hours=1))
