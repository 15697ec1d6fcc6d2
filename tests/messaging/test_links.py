"""A mail's links lead by way of us, to where they were meant to lead, and a click is told once."""

import re
from datetime import timedelta
from html import unescape

import pytest

from customers.models import Event
from messaging import links, outbox
from messaging.models import Click, Link, Message
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory

SHOP = "https://shop.example/p?a=1&b=2"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
HTML = (
    '<p>See https://shop.example/said <img src="https://shop.example/p.jpg">'
    '<a class="ba" href="https://shop.example/p?a=1&amp;b=2" style="x"><strong>The</strong> kettle</a>'
    '<a class="a" href="{base}/t/order/">Track</a> <a href="mailto:jo@shop.example">Jo</a>'
    '<a class="a" href="https://shop.example/p?a=1&amp;b=2">Again</a> <a href="https://carrier.example/1">DHL</a></p>'
)
TEXT = (
    "See it:\nhttps://shop.example/p?a=1&b=2\n\nTrack:\n{base}/t/order/\n\nWrite to https://shop.example/said or\nhttps://video.example/v\n"
)


@pytest.fixture
def queued(store, settings):
    settings.PUBLIC_URL = "https://mail.example"
    ana = customer(store, "ana@example.com")

    def make(purpose="marketing", **fields) -> Message:
        words = {"html": HTML.format(base=settings.PUBLIC_URL), "text": TEXT.format(base=settings.PUBLIC_URL)}
        message: Message = MessageFactory.build(customer=ana, purpose=purpose, **{**words, **fields})
        outbox.queue([message])
        return message

    return make


def hrefs(html: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]+)"', html)]


def test_links_out_are_turned_and_ours_are_not(queued):
    message = queued()
    shop, carrier, video = message.links.order_by("pk")
    assert [(link.url, link.label) for link in (shop, carrier, video)] == [
        (SHOP, "The kettle"), ("https://carrier.example/1", "DHL"), ("https://video.example/v", ""),
    ]  # fmt: skip
    way = {link: f"https://mail.example/c/{link.token}/" for link in (shop, carrier, video)}
    assert hrefs(message.html) == [way[shop], "https://mail.example/t/order/", "mailto:jo@shop.example", way[shop], way[carrier]]
    assert 'src="https://shop.example/p.jpg"' in message.html
    assert 'style="x"><strong>The</strong> kettle</a>' in message.html
    assert message.text == (
        f"See it:\n{way[shop]}\n\nTrack:\nhttps://mail.example/t/order/\n\nWrite to https://shop.example/said or\n{way[video]}\n"
    )


def test_a_mail_looked_at_by_staff_leads_straight_on(queued, settings):
    assert links.straight(queued()) == HTML.format(base=settings.PUBLIC_URL)


@pytest.mark.parametrize(
    ("choice", "purposes"),
    [("none", set()), ("bulk", {"service", "marketing"}), ("all", {"transactional", "service", "marketing"})],
)
def test_the_store_says_in_which_mails_clicks_are_counted(queued, store, choice, purposes):
    store.track_clicks = choice
    store.save()
    assert {purpose for purpose in ("transactional", "service", "marketing") if queued(purpose).links.exists()} == purposes


def test_a_store_begins_with_help_and_marketing_mails(store):
    assert store.track_clicks == "bulk"


def test_a_batch_of_mails_costs_three_statements(store, django_assert_num_queries):
    ana = customer(store, "ana@example.com")
    messages = [MessageFactory.build(customer=ana, purpose="service", html=HTML, text=TEXT) for _ in range(20)]
    with django_assert_num_queries(3):  # their keys, the mails, their links
        outbox.queue(messages)
    assert Link.objects.count() == 20 * 3


def test_an_address_too_long_to_keep_stays_in_the_mail(queued):
    long = "https://shop.example/" + "x" * 2000
    assert hrefs(queued(html=f'<a href="{long}">Here</a>', text="Here").html) == [long]


def click(link: Link, at, agent=CHROME, method="GET") -> Click:
    links.clicked(link, at=at, method=method, agent=agent, network="203.0.113.0/24")
    return Click.objects.latest("pk")


@pytest.fixture
def sent(queued):
    message = queued(flow="post-purchase", step="goes-well")
    message.state, message.sent_at = Message.State.SENT, clock.read()
    message.save()
    return message


def test_a_persons_click_is_told_once_a_link(sent):
    shop, carrier, _ = sent.links.order_by("pk")
    later = sent.sent_at + timedelta(minutes=5)
    for link, seconds in ((shop, 0), (shop, 40), (carrier, 60)):
        click(link, later + timedelta(seconds=seconds))
    assert links.judge(now=later + timedelta(seconds=1)) == 0
    assert links.judge(now=later + timedelta(hours=1)) == 3
    assert links.judge(now=later + timedelta(hours=1)) == 0
    assert list(Click.objects.values_list("kind", "reason", "ip_prefix").distinct()) == [("human", "", "203.0.113.0/24")]
    told = Event.objects.filter(kind="mail.clicked").order_by("pk")
    assert [(event.key, event.occurred_at, event.data["url"]) for event in told] == [
        (f"mail.clicked:link:{shop.pk}", later, SHOP),
        (f"mail.clicked:link:{carrier.pk}", later + timedelta(seconds=60), "https://carrier.example/1"),
    ]


def test_machines_are_kept_with_their_reason_and_told_nobody(sent):
    later = sent.sent_at + timedelta(minutes=5)
    for place, link in enumerate(sent.links.order_by("pk")):
        click(link, later + timedelta(seconds=place / 2))
    assert click(sent.links.latest("pk"), later, method="HEAD").kind == "machine"
    links.judge(now=later + timedelta(hours=1))
    assert sorted(Click.objects.values_list("kind", "reason")) == [("machine", "burst")] * 3 + [("machine", "head")]
    assert not Event.objects.filter(kind="mail.clicked").exists()
