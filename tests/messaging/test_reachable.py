"""A store's mail server must be public, unless the installation says otherwise; what was checked is what is connected to."""

import socket

import pytest

from messaging.models import Account
from messaging.outcomes import Retry
from messaging.roads import accounts, trying
from messaging.roads.line import Line
from messaging.roads.mime import mail_of
from stores import clock, reachable
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.lying_server import LyingServer


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("::ffff:8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False),
        ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("ff02::1", False), ("::ffff:127.0.0.1", False), ("::ffff:169.254.169.254", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("2001:0:7f00:1::", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address, is_public):
    assert reachable.is_public(address) is is_public


@pytest.fixture
def server():
    lying = LyingServer()
    yield lying
    lying.close()


@pytest.fixture
def road(store, server, settings):
    settings.PRIVATE_MAIL_SERVERS = False
    made = Account(store=store, stream="all", created_at=clock.read())
    accounts.put(made, provider="smtp", values={"host": "127.0.0.1", "port": str(server.port), "security": "none"})
    made.save()
    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "::1", "[::ffff:127.0.0.1]"])
def test_a_stores_mail_server_on_this_machine_is_not_connected_to_however_it_is_written(store, road, server, host):
    road.options["host"] = host
    mail = mail_of(MessageFactory(customer=customer(store)), road)
    with Line(road) as line:
        outcome = line.send(mail)
    assert isinstance(outcome, Retry)
    assert outcome.is_road
    assert server.taken == []


def test_the_store_is_told_why(store, road, alice):
    said = trying.road(road, store=store, to=alice.email, now=clock.read())
    assert said == "NotPublic: 127.0.0.1 leads to 127.0.0.1, which is not a public address. This installation connects to no such server."


def test_a_name_that_leads_to_another_address_the_second_time_is_connected_to_where_it_first_led(store, road, server, monkeypatch):
    """The name is looked up once: a server that answers a public address first and a private one then gains nothing by it."""
    asked, connected = [], []

    def look_up(host, port, *args, **options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.114.9" if len(asked) == 1 else "127.0.0.1", port))]

    def connect(address, *args, **options):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    road.options["host"] = "mail.rebinding.example"
    with Line(road) as line:
        line.send(mail_of(MessageFactory(customer=customer(store)), road))
    assert (asked, connected) == (["mail.rebinding.example"], [("203.0.114.9", server.port)])


def test_an_installation_may_allow_it(store, road, server, settings):
    settings.PRIVATE_MAIL_SERVERS = True
    with Line(road) as line:
        line.send(mail_of(MessageFactory(customer=customer(store)), road))
    assert len(server.taken) == 1
