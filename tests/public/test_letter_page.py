"""A mail as a page, and its deadline for the calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.public import offer_days
from messaging import keeping
from messaging.models import Message
from offers.giving import Promise
from offers.models import Offer, OfferCode
from stores import clock, phrases
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def message(store):
    return MessageFactory(customer=customer(store), purpose="marketing", state="sent", html="<h1>Thanks</h1><script>alert(1)</script>")


def test_a_sent_mail_is_shown_as_it_was_sent_behind_a_sandbox(client, message):
    answer = client.get(f"/m/{message.token}/")
    assert answer.content.decode() == message.html
    assert answer["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")


def test_a_mail_that_was_not_sent_and_an_unknown_token_show_nothing(client, message):
    Message.objects.update(state="cancelled")
    assert client.get(f"/m/{message.token}/").status_code == 404
    assert client.get("/m/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert client.post(f"/m/{message.token}/").status_code == 405


def test_a_copy_is_kept_for_its_time_and_then_the_page_says_that_it_is_gone(client, message, settings, store):
    settings.MAIL_COPIES_KEPT_DAYS, old = 30, clock.read() - timedelta(days=31)
    kept = MessageFactory(customer=message.customer, state="sent", html="<p>New", created_at=old + timedelta(days=2))
    waiting = MessageFactory(customer=message.customer, state="retry", html="<p>On its way", created_at=old)
    Message.objects.filter(pk=message.pk).update(created_at=old, state="unknown")  # it may have come all the same
    assert client.get(f"/m/{message.token}/").status_code == 200
    assert (keeping.sweep(now=clock.read()), keeping.sweep(now=clock.read())) == (1, 0)
    answer = client.get(f"/m/{message.token}/?lang=de")
    assert (answer.status_code, "Diese Mail wird nicht mehr aufbewahrt" in answer.content.decode()) == (410, True)
    assert answer["Cache-Control"] == "no-store"
    assert client.get(f"/m/{kept.token}/").content == b"<p>New"
    waiting.refresh_from_db()
    assert waiting.html == "<p>On its way"


def test_the_days_of_its_offer_are_events_in_the_language_of_the_page(client, message, store):
    offer = Offer.objects.create(store=store, name="Launch", value="10% off", opens_at="2099-11-27T08:00Z")
    OfferCode.objects.create(
        store=store, offer=offer, code="A;B", customer=message.customer, issued_at=message.created_at, expires_at="2099-11-29T22:59Z"
    )
    answer = client.get(f"/i/{message.token}/?lang=de")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().split("\r\n")
    assert [line for line in lines if line.startswith(("UID", "DTSTART", "SUMMARY", "TRIGGER"))] == [
        f"UID:{message.token}-begins@doorstep", "DTSTART:20991127T080000Z",
        "SUMMARY:10 % Rabatt bei Marlow & Finch beginnt", "TRIGGER:-P1D",
        f"UID:{message.token}@doorstep", "DTSTART:20991129T215900Z",
        "SUMMARY:10 % Rabatt bei Marlow & Finch endet", "TRIGGER:-P1D",
    ]  # fmt: skip
    assert lines.count("BEGIN:VEVENT") == 2 and "DESCRIPTION:Code: A\\;B" in lines


@pytest.mark.parametrize(
    ("days", "starts", "status"),
    [
        ({}, ["20991127T080000Z", "20991129T215900Z"], ["CONFIRMED", "0"]),
        ({"opens_at": "2099-11-28T08:00"}, ["20991128T080000Z", "20991129T215900Z"], ["CONFIRMED", "90"]),  # put off by a day
        ({"ends_at": "2099-11-01T00:00"}, ["20991127T080000Z", "20991031T230000Z"], ["CANCELLED", "90"]),  # called off
    ],
)
def test_a_launch_that_is_moved_or_called_off_moves_the_same_events(store, days, starts, status):
    promised = Promise("10% off", "A", moment("2099-11-29T22:59"), "", moment("2099-11-27T08:00"))
    as_now = promised.as_now(Offer(store=store, **{name: moment(day) for name, day in days.items()}))
    change = 0 if as_now == promised else 90
    answer = offer_days.answer(as_now, store, phrases.of("en"), uid="token", now=clock.read(), change=change)
    lines = answer.content.decode().split("\r\n")
    assert [line.partition(":")[2] for line in lines if line.startswith("DTSTART")] == starts
    assert [line.partition(":")[2] for line in lines if line.startswith(("STATUS", "SEQUENCE"))] == status * 2
    assert [line for line in lines if line.startswith("UID")] == ["UID:token-begins@doorstep", "UID:token@doorstep"]


def test_a_mail_without_an_offer_has_no_calendar(client, message):
    assert client.get(f"/i/{message.token}/").status_code == 404
