"""Unsubscribing as mail programs do it: raw bytes on a socket, and in the very moment a mail is about to go."""

import socket
import threading
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections

from customers.models import Customer, Event
from messaging import sending
from messaging.models import Message
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory

FORM = b"List-Unsubscribe=One-Click"
PARTS = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@pytest.fixture
def ana(live_server, store) -> Customer:
    ana: Customer = customer(store, "ana@example.com", marketing="subscribed")
    return ana


@pytest.fixture
def post(live_server, settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    where = urlsplit(live_server.url)

    def send(path: str, body: bytes = FORM, kind: str = "application/x-www-form-urlencoded") -> bytes:
        lines = [
            f"POST {path} HTTP/1.1",
            "Host: shop.example",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        head = "\r\n".join([*lines, "", ""])
        with socket.create_connection((where.hostname, where.port), timeout=10) as line:
            line.sendall(head.encode() + body)
            answer = b""
            while piece := line.recv(65536):
                answer += piece
        return answer

    return send


def mail(who: Customer, **fields) -> Message:
    made: Message = MessageFactory(customer=who, purpose="marketing", **fields)
    return made


@pytest.mark.parametrize(("body", "kind"), [(FORM, "application/x-www-form-urlencoded"), (PARTS, "multipart/form-data; boundary=b")])
def test_bytes_on_a_socket_unsubscribe_without_cookie_redirect_or_token(post, ana, body, kind):
    message = mail(ana)
    for _ in range(2):
        head, _, words = post(f"/u/{message.token}/", body, kind).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and words == b"Unsubscribed.\n"
        assert b"set-cookie" not in head.lower() and b"location" not in head.lower()
    ana.refresh_from_db()
    message.refresh_from_db()
    assert (ana.marketing, message.unsubscribed_at is not None) == ("unsubscribed", True)
    assert Event.objects.filter(kind="consent.withdrawn").count() == 1


def test_a_token_that_is_none_is_answered_the_same(post, ana):
    assert post("/u/AAAAAAAAAAAAAAAAAAAAAA/").startswith(b"HTTP/1.1 200 ")
    ana.refresh_from_db()
    assert ana.marketing == "subscribed"


def open_gate(messages, refused, now):
    return refused


def test_a_mail_that_is_claimed_already_does_not_go_after_all(post, ana):
    """The first mail's gate lets it through; while it is on its way the customer unsubscribes by it, and the next is refused."""
    first, *others = [mail(ana) for _ in range(11)]

    def gate(messages, refused, now):
        if first in messages and first.pk not in refused:
            gone.append(first)
        return refused

    gone: list[Message] = []
    assert post(f"/u/{first.token}/").startswith(b"HTTP/1.1 200 ")
    Message.objects.update(due_at=clock.read())
    sending.drain(gate=gate, is_urgent=False, now=clock.read())
    assert gone == []
    assert set(Message.objects.values_list("state", "reason")) == {("cancelled", "unsubscribed")}
    assert len(others) == 10


def test_who_unsubscribes_in_the_moment_of_the_gate_is_answered_after_it_and_gets_nothing_more(post, ana):
    """The gate holds the customer's row: the POST waits for the window that was let through, and no later window passes."""
    window = [mail(ana) for _ in range(10)]
    later = [mail(ana) for _ in range(10)]
    answers: list[bytes] = []
    asked = threading.Event()

    def unsubscribe() -> None:
        asked.set()
        answers.append(post(f"/u/{window[0].token}/"))
        connections.close_all()

    thread = threading.Thread(target=unsubscribe)

    def gate(messages, refused, now):
        if not asked.is_set():
            thread.start()
            asked.wait(10)
            assert answers == []
        elif thread.is_alive() or answers:
            thread.join(10)
        return refused

    sending.drain(gate=gate, is_urgent=False, now=clock.read(), limit=10)
    thread.join(10)
    assert answers and answers[0].startswith(b"HTTP/1.1 200 ")
    sending.drain(gate=open_gate, is_urgent=False, now=clock.read())
    states = dict(Message.objects.values_list("pk", "state"))
    assert {states[message.pk] for message in window} == {"sent"}
    assert {states[message.pk] for message in later} == {"cancelled"}
    assert connection.in_atomic_block is False
