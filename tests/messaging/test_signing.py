"""What we sign is verified by a library that is not ours, with the record we show for the DNS."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes

import dkim
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messaging.domains import dns_check
from messaging.models import Message, SendingDomain
from messaging.roads import signing
from messaging.roads.mime import mail_of
from messaging.roads.signing import Signer
from stores import clock
from tests.messaging.test_mime import BASE, mail


@pytest.fixture(scope="module")
def key():
    return signing.new_key()


def verified(content: bytes, public: str) -> bool:
    """Say whether a mail's signature holds, by the key that the DNS would give."""
    asked = []

    def ask(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return dns_check.dkim_record(public).encode()

    holds: bool = dkim.verify(content, dnsfunc=ask)
    assert asked == [b"doorstep._domainkey.marlow.example."]
    return holds


@pytest.fixture(scope="module")
def signer(key):
    return Signer("marlow.example", "doorstep", key)


@pytest.fixture(scope="module")
def public(key):
    return signing.public_of(key)


def marketing(**fields) -> bytes:
    built = Message(
        store_id=1, purpose="marketing", to_email="ana@example.com", to_name="Ana Müller", from_email="hello@marlow.example",
        from_name="Jo", reply_to="jo@marlow.example", subject="Zwei Filter für den Kessel", text="Hello", html="<p>Hello</p>",
        due_at=datetime(2026, 11, 3, tzinfo=UTC), token="wGl5jzm0T0yv7cYQ3kXb2A",
    )  # fmt: skip
    return replace(mail_of(built), **fields).as_bytes()


def test_a_signed_mail_is_verified_and_signs_what_unsubscribes_it(signer, public):
    content = marketing(signer=signer)
    assert verified(content, public)
    signature = "".join(message_from_bytes(content)["DKIM-Signature"].split())
    assert "c=relaxed/relaxed;d=marlow.example;s=doorstep;" in signature
    signed = signature.partition(";h=")[2].partition(";")[0].split(":")
    assert signed == [
        "from", "from", "to", "subject", "date", "message-id", "reply-to", "list-id", "list-unsubscribe", "list-unsubscribe-post",
        "feedback-id", "mime-version", "content-type",
    ]  # fmt: skip
    assert max(map(len, content.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lost"),
        (b"/u/wGl5", b"/u/xGl5"),
        (b"<p>Hello", b"<p>Hullo"),
        (b"ana@example.com", b"eve@example.com"),
        (b"\r\nSubject:", b"\r\nFrom: eve@marlow.example\r\nSubject:"),
    ],
)
def test_what_was_changed_on_the_way_is_found_out(signer, public, old, new):
    content = marketing(signer=signer)
    assert old in content
    assert not verified(content.replace(old, new), public)


def test_white_space_may_change_on_the_way(signer, public):
    content = marketing(signer=signer, text="Two  words\n\n\n")
    assert verified(content.replace(b"Subject: ", b"Subject:   ").replace(b"Two  words", b"Two \t words  ") + b"\r\n\r\n", public)


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@example(text=" \t \n\n  x\t\n . \n")
@example(text="")
def test_any_text_is_signed_so_that_it_verifies(signer, public, text):
    assert verified(mail(text=text, signer=signer).as_bytes(), public)


def test_a_key_is_made_once_sealed_and_of_2048_bits(store):
    made = signing.prepare(store, "marlow.example", now=clock.read())
    assert signing.prepare(store, "marlow.example", now=clock.read()) == made
    assert SendingDomain.objects.get().public_key == made.public_key
    assert "PRIVATE" not in made.sealed_key
    assert dns_check.key_bits(dns_check.dkim_record(made.public_key)) == 2048


@pytest.fixture
def by_smtp(settings):
    settings.EMAIL_BACKEND = "messaging.roads.smtp.Backend"
    signing.forget()
    yield
    signing.forget()


def test_nothing_is_signed_before_the_key_was_seen_in_the_dns(store, by_smtp):
    made = signing.prepare(store, "marlow.example", now=clock.read())
    built = Message(
        store=store, purpose="service", to_email="ana@example.com", from_email="Hello@Marlow.Example", subject="Hi", text="Hi", html="Hi",
        due_at=clock.read(),
    )  # fmt: skip
    assert mail_of(built).signer is None
    signing.switch(made, is_on=True, now=clock.read())
    signer = mail_of(built).signer
    assert signer is not None and (signer.domain, signer.selector) == ("marlow.example", made.selector)
    assert dkim.verify(mail_of(built).as_bytes(), dnsfunc=lambda name, timeout=5: dns_check.dkim_record(made.public_key).encode())
    signing.switch(made, is_on=False, now=clock.read())
    assert mail_of(built).signer is None


def test_a_provider_that_signs_itself_gets_no_signature_of_ours(store, settings):
    signing.switch(signing.prepare(store, "marlow.example", now=clock.read()), is_on=True, now=clock.read())
    built = Message(
        store=store, to_email="ana@example.com", from_email="hello@marlow.example", subject="Hi", text="Hi", due_at=clock.read()
    )
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"
    assert mail_of(built).signer is None


def test_a_key_that_cannot_be_read_any_more_lets_mails_go_unsigned(store, by_smtp, settings, caplog):
    signing.switch(signing.prepare(store, "marlow.example", now=clock.read()), is_on=True, now=clock.read())
    settings.SECRET_KEY = "another-key-that-was-never-used-to-seal"
    assert signing.signer_of(store.pk, "marlow.example") is None
    assert "go unsigned" in caplog.text


def test_the_key_is_asked_for_once_for_many_mails(store, by_smtp, django_assert_num_queries):
    signing.switch(signing.prepare(store, "marlow.example", now=clock.read()), is_on=True, now=clock.read())
    with django_assert_num_queries(1):
        assert len({id(signing.signer_of(store.pk, "marlow.example")) for _ in range(50)}) == 1


def test_the_base_mail_is_unsigned():
    assert b"DKIM-Signature" not in mail().as_bytes() and "signer" not in BASE
