"""Each day's mails, counted once: anew when something was said of them, when more were sent, and when the day is over."""

from datetime import date, timedelta

import pytest

from messaging import tasks
from messaging.models import Click, CountedDay, DayCount, Link, Message
from messaging.returning import coming_back, day_counts
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.providers_speaking import SPEAKERS, Tale, account

SINCE = date(2026, 11, 1)


@pytest.fixture
def sent(store, at):
    """Send a mail at a Berlin wall time."""

    def make(when: str, email: str = "ana@gmail.example", **fields) -> Message:
        given = {
            "state": "sent",
            "sent_at": at(when),
            "created_at": at(when),
            "flow": "post-purchase",
            "step": "tips",
            "purpose": "service",
        }
        mail: Message = MessageFactory(customer=customer(store, email), **{**given, **fields})
        return mail

    return make


def figures(store) -> dict[str, int]:
    return {name: number for name, number in day_counts.total(day_counts.by_step(store, since=SINCE)).items() if number}


@pytest.fixture
def noon(at):
    """Stand at noon of 5 November; each call stands two minutes later, and counts."""
    clock.set_to(at("2026-11-05 12:00"))

    def count(minutes: int = 2) -> None:
        clock.set_to(clock.read() + timedelta(minutes=minutes))
        tasks.count_mails()

    return count


def test_a_mail_belongs_to_the_day_of_the_shops_clock(store, sent, noon):
    sent("2026-11-03 23:59", "a@x.example")
    sent("2026-11-04 00:00", "b@x.example")
    noon()
    assert sorted(DayCount.objects.filter(purpose="service").values_list("day", "sent")) == [(date(2026, 11, 3), 1), (date(2026, 11, 4), 1)]


def test_what_is_said_of_an_old_mail_has_its_day_counted_anew(store, sent, noon):
    mail = sent("2026-11-03 10:00")
    noon()
    road = account(store, "postmark", now=clock.read())
    coming_back.keep(road, [SPEAKERS["postmark"](Tale("delivered", mail.token, mail.to_email, clock.read()))], now=clock.read())
    coming_back.drain(now=clock.read())
    noon()
    assert figures(store) == {"sent": 1, "delivered": 1}


def test_a_persons_click_and_an_unsubscription_have_it_counted_anew(client, store, sent, noon):
    mail = sent("2026-11-03 10:00")
    noon()
    client.post(f"/u/{mail.token}/", "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    link = Link.objects.create(store=store, message=mail, url="https://marlow.example/")
    Click.objects.create(store=store, link=link, at=clock.read() - timedelta(minutes=5), kind="human")
    day_counts.touch([mail.pk])
    noon()
    assert figures(store) == {"sent": 1, "unsubscribed": 1, "clicked": 1}


def test_more_mails_of_today_are_counted_and_nothing_is_counted_twice_within_a_minute(store, sent, noon, at):
    sent("2026-11-05 11:00", "a@x.example")
    noon()
    sent("2026-11-05 12:02", "b@x.example", sent_at=clock.read())
    day_counts.catch_up(store, now=clock.read() + timedelta(seconds=30))
    assert figures(store) == {"sent": 1}
    noon()
    assert figures(store) == {"sent": 2}


def test_a_day_is_counted_once_more_when_it_is_over_and_then_left_alone(store, sent, noon, at):
    sent("2026-11-05 11:00")
    noon()
    noon(minutes=14 * 60)
    over = CountedDay.objects.get(day=date(2026, 11, 5)).counted_at
    noon(minutes=60)
    assert CountedDay.objects.get(day=date(2026, 11, 5)).counted_at == over


def test_another_clock_of_the_shop_is_another_day(store, sent, noon):
    sent("2026-11-03 23:30")
    noon()
    store.timezone = "Asia/Tokyo"
    store.save()
    noon()
    assert list(DayCount.objects.filter(purpose="service").values_list("day", "sent")) == [(date(2026, 11, 4), 1)]


def test_a_store_that_has_sent_nothing_has_nothing_to_count(store, noon):
    noon()
    assert CountedDay.objects.count() == 0
