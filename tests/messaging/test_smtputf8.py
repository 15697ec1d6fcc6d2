"""Addresses with letters beyond ASCII before the @ (RFC 6531): carried where the server offers it, refused in words where not."""

from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from lifecycle.localstack import processes
from messaging import sending
from messaging.models import Message, Suppression
from messaging.roads import line
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.lying_server import LyingServer


class Taking:
    """A mail server that takes everything, and remembers envelopes and mails."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes, list[str]]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content, envelope.mail_options))
        return "250 taken"


@pytest.fixture
def server(settings):
    handler = Taking()
    controller = Controller(handler, hostname="127.0.0.1", port=processes.free_port(), enable_SMTPUTF8=True)
    controller.start()
    settings.EMAIL_BACKEND = "messaging.roads.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    line.hang_up()
    controller.stop()


@pytest.fixture
def send(store):
    ana = customer(store, "ana@example.com")

    def go(address: str) -> Message:
        message: Message = MessageFactory(customer=ana, to_email=address)
        sending.drain(gate=lambda messages, refused, now: refused, is_urgent=True, now=clock.read())
        message.refresh_from_db()
        return message

    return go


def test_it_is_carried_where_the_server_offers_it(server, send):
    assert send("jürgen@bücher.example").state == "sent"
    [(sender, recipients, content, options)] = server.taken
    assert (sender, recipients, "SMTPUTF8" in options) == ("hello@marlow.example", ["jürgen@xn--bcher-kva.example"], True)
    read = message_from_bytes(content, policy=policy.SMTPUTF8)
    assert "jürgen@xn--bcher-kva.example" in str(read["To"])


def test_an_ordinary_mail_asks_for_nothing_special(server, send):
    assert send("ana@bücher.example").state == "sent"
    [(_, recipients, _, options)] = server.taken
    assert (recipients, "SMTPUTF8" in options) == (["ana@xn--bcher-kva.example"], False)


def test_it_fails_in_words_where_the_server_does_not_and_suppresses_nobody(send, settings):
    lying = LyingServer()
    settings.EMAIL_BACKEND = "messaging.roads.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", lying.port
    try:
        message = send("用户@example.com")
        assert (message.state, lying.taken, Suppression.objects.count()) == ("failed", [], 0)
        assert message.detail.startswith("550 5.6.7 The mail server offers no SMTPUTF8")
        assert send("ana@example.com").state == "sent"
    finally:
        line.hang_up()
        lying.close()


def test_a_road_of_another_kind_fails_it_in_words(send):
    message = send("jürgen@example.com")
    assert message.state == "failed"
    assert message.detail == "The customer’s address has letters beyond ASCII before the @, which this mail road cannot carry."
