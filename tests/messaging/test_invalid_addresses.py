"""An address that is none, as mail of one store has shown, is spared by the others: by a digest alone, and not on one store's word."""

import hashlib

import pytest

from messaging import sending
from messaging.models import InvalidAddress, Message, Suppression
from messaging.reasons import Reason
from messaging.returning import coming_back, suppressions
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.factories.stores import StoreFactory
from tests.messaging.providers_speaking import SPEAKERS, Tale, account

NO_ADDRESS = "550 5.1.2 no such domain"


@pytest.fixture
def now(db):
    return clock.read()


def bounce(store, now, reply=NO_ADDRESS) -> None:
    sent = MessageFactory(customer=customer(store, "ana@gone.example"), state="failed")
    coming_back.note_refusals([(sent, reply)], now=now)


def tried(store) -> tuple[str, str]:
    """Return what becomes of a mail to the address from a store that never wrote there."""
    made: Message = MessageFactory(customer=customer(store, "Ana@gone.example"), purpose="transactional")
    sending.drain(gate=lambda messages, refused, now: refused, is_urgent=True, now=clock.read())
    made.refresh_from_db()
    return made.state, made.reason


def test_what_the_installations_own_road_was_told_spares_every_store(store, other, now):
    bounce(store, now)
    assert tried(other) == ("cancelled", Reason.SUPPRESSED)
    listed = Suppression.objects.get(store=other)
    assert (listed.email_key, listed.cause) == ("ana@gone.example", "invalid")
    assert listed.evidence == "Mail to it from other stores of this installation bounced: it is no address."


def test_a_mailbox_that_only_one_server_does_not_know_is_that_stores_matter(store, other, now):
    bounce(store, now, "550 5.1.1 user unknown")
    assert (tried(other)[0], InvalidAddress.objects.count()) == ("sent", 0)


def test_a_store_with_a_road_of_its_own_is_not_believed_alone(store, other, now):
    account(store, "smtp", now=now)
    bounce(store, now)
    assert tried(other)[0] == "sent"
    second = StoreFactory(slug="second")
    account(second, "smtp", now=now)
    bounce(second, now)
    assert tried(StoreFactory(slug="third")) == ("cancelled", Reason.SUPPRESSED)


def test_only_a_digest_is_kept_for_all(store, now):
    bounce(store, now)
    assert InvalidAddress.objects.get().digest == hashlib.sha256(b"ana@gone.example").hexdigest()


def test_lifting_it_at_one_store_lets_that_store_try_again(store, other, alice, now):
    bounce(store, now)
    tried(other)
    suppressions.lift(Suppression.objects.get(store=other), why="It exists again", by=alice, now=now)
    again: Message = MessageFactory(customer=Message.objects.get(store=other).customer)
    sending.drain(gate=lambda messages, refused, now: refused, is_urgent=again.is_urgent, now=clock.read())
    again.refresh_from_db()
    assert again.state == "sent"


def test_a_mail_that_arrives_there_after_all_ends_it_for_all(store, other, now):
    bounce(store, now)
    road = account(other, "postmark", now=now)
    coming_back.keep(road, [SPEAKERS["postmark"](Tale("delivered", "", "ana@gone.example", now))], now=now)
    coming_back.drain(now=now)
    assert InvalidAddress.objects.count() == 0
