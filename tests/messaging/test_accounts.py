"""A store's own roads: which mail takes which, what is kept sealed, what a provider is told, and what each of its answers means."""

import socket
from contextlib import suppress
from datetime import timedelta

import pytest

from messaging import imprint
from messaging.models import Account
from messaging.outcomes import Accepted, Failed, Retry, Unknown
from messaging.roads import accounts, trying
from messaging.roads.line import Line
from messaging.roads.mime import mail_of
from messaging.roads.providers import PROVIDERS
from messaging.roads.providers.patient import Patient
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.lying_provider import LyingProvider
from tests.messaging.lying_server import LyingServer
from tests.messaging.providers_speaking import SPEAKERS, account

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
SETTING = {
    "postmark": "POSTMARK", "sendgrid": "SENDGRID", "mailgun": "MAILGUN", "resend": "RESEND", "brevo": "BREVO", "mailjet": "MAILJET",
    "mailtrap": "MAILTRAP", "sparkpost": "SPARKPOST",
}  # fmt: skip
APIS = sorted(SETTING)
TAKEN = {
    "mailgun": b'{"id": "<p-1@marlow.example>", "message": "Queued"}',
    "mailjet": b'{"Messages": [{"Status": "success", "To": [{"Email": "ana@example.com", "MessageID": "1", "MessageUUID": "u"}]}]}',
    "mailtrap": b'{"success": true, "message_ids": ["p-1"]}',
    "sparkpost": b'{"results": {"id": "p-1", "total_accepted_recipients": 1, "total_rejected_recipients": 0}}',
    "postmark": b'{"ErrorCode": 0, "Message": "OK", "MessageID": "p-1", "To": "ana@example.com"}',
    "sendgrid": b"",
}


@pytest.fixture
def now(db):
    return clock.read()


@pytest.fixture
def message(store):
    return MessageFactory(customer=customer(store, "ana@example.com", name="Ana Ribeiro"), purpose="marketing", dedupe_key="run:7")


@pytest.fixture
def provider():
    lying = LyingProvider()
    yield lying
    with suppress(OSError):
        lying.close()


@pytest.fixture
def road(store, provider, settings, monkeypatch, now):
    """Make an account whose provider is played here."""

    def make(name: str) -> Account:
        settings.ANYMAIL = {f"{SETTING[name]}_API_URL": provider.url}
        if PROVIDERS[name].regions:
            monkeypatch.setitem(PROVIDERS[name].regions, "eu", provider.url)
        return account(store, name, now=now)

    return make


def send(to: Account, message):
    with Line(to) as line:
        return line.send(mail_of(message, to))


@pytest.mark.parametrize("name", APIS)
def test_each_provider_takes_a_mail_with_its_own_keys_and_opaque_ids_only(message, provider, road, name):
    provider.answer = TAKEN.get(name, provider.answer)
    provider.mode = "202" if name == "sendgrid" else "200"
    assert isinstance(send(road(name), message), Accepted)
    (request,) = provider.requests
    assert message.token in request["text"]
    told = request["text"].replace(message.text, "").replace(message.html, "")
    assert '"Date"' not in told  # a mail sent again under its key is the same mail
    assert "run:7" not in told.replace(f"{message.store_id}:run:7", "")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("200", Accepted), ("202", Accepted), ("400", Failed), ("401", Retry), ("409", Unknown), ("413", Failed), ("422", Failed),
        ("429", Retry), ("500", Unknown), ("503", Retry), ("reset_after_body", Unknown), ("silent", Unknown), ("trickle", Unknown),
    ],
)  # fmt: skip
def test_each_answer_of_a_provider_has_its_outcome(message, provider, road, monkeypatch, mode, kind):
    if mode in ("silent", "trickle"):
        monkeypatch.setattr(Patient.__init__, "__kwdefaults__", {"total_seconds": 0.5})
    if mode == "422":
        provider.answer = b'{"ErrorCode": 300, "Message": "Invalid email request"}'
    provider.mode, provider.headers = mode, "Retry-After: 17\r\n" if mode == "429" else ""
    outcome = send(road("postmark"), message)
    assert len(provider.requests) == 1
    assert type(outcome) is kind
    if mode == "429":
        assert outcome.after == 17.0


def test_nobody_listening_is_a_road_that_is_closed(message, provider, road):
    to = road("postmark")
    provider.close()
    assert type(send(to, message)) is Retry


def test_a_name_that_cannot_be_found_leaves_the_mail_to_be_tried_again(store, message, monkeypatch, now):
    def nowhere(*args: object, **options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert type(send(account(store, "postmark", now=now), message)) is Retry


def test_resend_is_asked_again_under_the_same_key_with_the_same_body_and_mails_once(store, message, provider, road):
    provider.mode = "keyed"
    to = road("resend")
    assert type(send(to, message)) is Unknown
    message.due_at += timedelta(minutes=3)
    assert send(to, message) == Accepted("p-1")
    first, second = provider.requests
    assert provider.mailed == [f"{store.pk}:run:7"]
    assert first["headers"]["idempotency-key"] == second["headers"]["idempotency-key"]
    assert first["text"] == second["text"]


def test_an_answer_that_cannot_be_read_and_a_key_in_use_leave_the_outcome_unknown(message, provider, road):
    provider.answer = b"<html>fine</html>"
    assert type(send(road("resend"), message)) is Unknown
    provider.mode, provider.answer = "409", b'{"name": "concurrent_idempotent_requests"}'
    Account.objects.all().delete()
    assert type(send(road("resend"), message)) is Unknown
    provider.mode, provider.answer = "200", b'{"ErrorCode": 0, "Message": "OK", "MessageID": "p-1", "To": ""}'
    Account.objects.all().delete()
    assert type(send(road("postmark"), message)) is Unknown


def test_brevos_key_looks_like_a_uuid_and_is_the_same_each_time(message, provider, road):
    to = road("brevo")
    send(to, message)
    send(to, message)
    first, second = (request["json"]["headers"]["idempotencyKey"] for request in provider.requests)
    assert first == second
    assert len(first) == 36


def test_which_providers_honour_keys_and_how_long():
    honoured = {key: found.honours_keys for key, found in PROVIDERS.items() if found.honours_keys}
    assert honoured == {"resend": timedelta(hours=24), "brevo": timedelta(minutes=15)}
    assert accounts.honours_keys(None) is None


def test_a_store_never_borrows_the_installations_keys(store, settings, now):
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "the-installations", "POSTMARK_MESSAGE_STREAM": "theirs"}
    backend = accounts.backend(account(store, "postmark", now=now))
    assert (backend.server_token, backend.message_stream) == ("t0ken", None)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_provider_can_be_entered_and_makes_a_backend(store, now, name):
    made = account(store, name, now=now)
    assert accounts.backend(made) is not None
    assert "s3cret" not in str(made.options)
    assert (PROVIDERS[name].hook is None) == (name == "smtp")
    assert set(SPEAKERS) | {"smtp"} == set(PROVIDERS)


def test_amazon_is_reached_by_smtp_in_its_region_with_what_its_news_needs(store, message, now):
    to = account(store, "amazon_ses", now=now)
    to.options["configuration_set"] = "shop"
    backend = accounts.backend(to)
    assert (backend.host, backend.port, backend.use_tls) == ("email-smtp.eu-central-1.amazonaws.com", 587, True)
    head = dict(mail_of(message, to).headers)
    assert head["X-SES-CONFIGURATION-SET"] == "shop"
    assert head["X-Metadata"] == f'{{"message": "{message.token}"}}'


@pytest.mark.parametrize(
    ("streams", "purpose", "taken"),
    [
        ((), "marketing", None),
        (("all",), "transactional", "all"),
        (("all",), "service", "all"),
        (("all", "marketing"), "service", "marketing"),
        (("all", "marketing"), "marketing", "marketing"),
        (("all", "marketing"), "transactional", "all"),
        (("transactional",), "transactional", "transactional"),
        (("transactional",), "marketing", None),
    ],
)
def test_each_mail_takes_the_road_of_its_stream(store, now, streams, purpose, taken):
    for stream in streams:
        account(store, "smtp", stream=stream, now=now)
    found = accounts.account_of(store, purpose)
    assert (found.stream if found else None) == taken


def test_two_stores_roads_are_read_in_one_query_and_never_mixed(store, other, now, django_assert_num_queries):
    mine = account(store, "smtp", now=now)
    with django_assert_num_queries(1):
        held = accounts.accounts_of([store.pk, other.pk])
    assert accounts.pick(held, store_id=store.pk, purpose="marketing") == mine
    assert accounts.pick(held, store_id=other.pk, purpose="marketing") is None


def test_an_empty_secret_keeps_the_one_held_and_another_provider_forgets_it(store, now):
    to = account(store, "postmark", now=now)
    accounts.put(to, provider="postmark", values={"server_token": "", "message_stream": "broadcast"})
    assert accounts.credentials(to) == {"server_token": "t0ken"}
    assert "t0ken" not in to.sealed_credentials
    accounts.put(to, provider="resend", values={"api_key": "re_1"})
    assert accounts.credentials(to) == {"api_key": "re_1"}
    assert accounts.hook_secrets(to) == {}


def test_keys_sealed_with_a_lost_secret_say_so(store, settings, now):
    to = account(store, "postmark", now=now)
    settings.SECRET_KEY = "another-" * 8
    with pytest.raises(accounts.CannotRead, match="Enter them again"):
        accounts.backend(to)


def test_order_mail_and_marketing_must_differ_in_address_or_stream(store, now):
    orders = account(store, "postmark", stream="transactional", now=now)
    offers = Account(store=store, stream="marketing", created_at=now)
    accounts.put(offers, provider="postmark", values={"server_token": "t", "message_stream": ""})
    assert accounts.refusal_to_share(store, offers, [orders]).startswith("Order mails and marketing would come from the same address")
    accounts.put(offers, provider="postmark", values={"server_token": "t", "message_stream": "broadcast"})
    assert accounts.refusal_to_share(store, offers, [orders]) == ""
    accounts.put(offers, provider="postmark", values={"server_token": "t", "message_stream": ""})
    offers.from_email = "news@news.marlow.example"
    assert accounts.refusal_to_share(store, offers, [orders]) == ""


def test_a_mail_server_is_tried_by_signing_in(store, alice, now):
    server = LyingServer()
    to = account(store, "smtp", now=now)
    to.options |= {"port": str(server.port)}
    accounts.put(to, provider="smtp", values={**to.options, "username": ""})
    assert trying.road(to, store=store, to=alice.email, now=now) == ""
    assert (to.verified_at, to.last_error, server.taken) == (now, "", [])
    server.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    accounts.put(to, provider="smtp", values={**to.options, "port": str(port)})
    assert "refused" in trying.road(to, store=store, to=alice.email, now=now)
    to.refresh_from_db()
    assert "refused" in to.last_error


def test_a_provider_is_tried_by_a_mail_to_whoever_asks(store, alice, provider, road, now):
    to = road("postmark")
    assert trying.road(to, store=store, to=alice.email, now=now) == ""
    assert provider.requests[0]["json"]["To"] == alice.email
    provider.mode, provider.answer = "401", b'{"ErrorCode": 10, "Message": "No such token"}'
    assert "No such token" in trying.road(to, store=store, to=alice.email, now=now)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({}, []),
        ({"postal_address": " "}, ["the shop’s postal address, which must stand in every marketing mail"]),
        ({"sender_email": ""}, ["the address marketing mails come from"]),
        ({"reply_to": "no-reply@marlow.example"}, ["an address that can be answered instead of no-reply@marlow.example"]),
        ({"sender_email": "marlow@mail.invalid"}, ["an address that can be answered instead of marlow@mail.invalid"]),
    ],
)
def test_marketing_needs_an_address_a_sender_and_somebody_who_reads_the_answers(store, settings, change, lacks):
    settings.MAIL_LEAVES = True
    for name, value in change.items():
        setattr(store, name, value)
    assert imprint.lacking(store) == lacks
    settings.MAIL_LEAVES = False
    assert imprint.lacking(store) == []
