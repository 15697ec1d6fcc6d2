import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.html import escape

from tests.public.conftest import PLACED, add_line, add_parcel

NASTY = Path(__file__).parents[3] / "shared/data/nasty/naughty_strings.json"


@pytest.fixture(autouse=True)
def _third_of_november(travel):
    travel(PLACED + timedelta(days=2, hours=4))


def shown(client, order) -> str:
    answer = client.get(reverse("public:tracker", args=[order.token]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_says_what_is_known_and_no_more(client, order):
    add_parcel(
        order, carrier="CTT", tracking_number="XY12", tracking_url="https://ctt.example/XY12", status="in_transit",
        shipped_at=PLACED + timedelta(days=1), expected_at=PLACED + timedelta(days=5), lines=["1"],
    )  # fmt: skip
    page = shown(client, order)
    assert '<h1 dir="auto">Arriving Friday 6 November</h1>' in page
    assert "It is on its way to Lisbon." in page
    assert '<html lang="en" dir="ltr">' in page
    assert page.count("Stovetop kettle") == 2
    assert '<a class="go" href="https://ctt.example/XY12" rel="noreferrer noopener">Follow it at <bdi>CTT</bdi></a>' in page
    assert "1 November 2026, 09:00 Berlin time" in page
    assert "All times are <bdi>Berlin time</bdi>." in page
    assert f'action="/t/{order.token}/ask/"' in page and "mailto:" not in page
    for secret in ("Rua das Flores", "1200-195", "ana@example.com", "Ana Silva", "49.90", "€"):
        assert secret not in page


def test_the_current_stop_is_named_for_those_who_cannot_see_it(client, order):
    page = shown(client, order)
    assert page.count('<li class="stop ') == 5
    assert page.count('aria-current="step"') == 1
    assert page.count("(your order is here)") == 1
    assert page.count("(not yet)") == 4


def test_two_parcels_are_numbered_and_a_called_off_one_is_not_shown(client, order):
    add_parcel(order, status="delivered", delivered_at=PLACED + timedelta(days=2))
    add_parcel(order, status="in_transit", shipped_at=PLACED)
    add_parcel(order, status="pending", is_cancelled=True)
    page = shown(client, order)
    assert "Package 1 of 2" in page
    assert "Package 2 of 2" in page
    assert "1 of 2 packages is already there." not in page  # no day is known: the heading says where the rest is
    assert "Label made" not in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x.example/"])
def test_only_web_addresses_become_tracking_links(client, order, url):
    add_parcel(order, status="in_transit", tracking_url=url)
    assert 'class="go"' not in shown(client, order)


def test_refunded_items_are_marked(client, order):
    add_line(order, "Two cups", quantity=2, refunded_quantity=1)
    order.financial_status = "partially_refunded"
    order.save()
    page = shown(client, order)
    assert "1 refunded" in page
    assert "Part of it was refunded." in page


def test_a_cancelled_order_has_no_bar(client, order):
    order.cancelled_at = PLACED + timedelta(days=1)
    order.save()
    page = shown(client, order)
    assert "Your order was cancelled" in page
    assert "stops" not in page


def test_who_has_no_address_is_led_to_the_shops_own_and_offered_nothing_where_it_has_none(client, order, store):
    order.customer.email_key = None
    order.customer.save()
    assert 'href="mailto:hello@marlow.example?subject=Order%201042"' in shown(client, order)
    store.sender_email = store.reply_to = ""
    store.save()
    page = shown(client, order)
    assert ("mailto:" in page, 'id="ask"' in page) == (False, False)


def test_merchants_and_buyers_words_stay_words(client, order, store):
    if not NASTY.exists():
        pytest.skip(f"{NASTY} is absent")
    names = [name.replace("\x00", "")[:500] for name in json.loads(NASTY.read_text(encoding="utf-8")) if name.strip()]
    for name in names:
        add_line(order, name)
    order.shipping_address = {"city": "<img src=x onerror=alert(1)>"}
    order.number = "'\"><script>alert(2)</script>"
    order.save()
    store.name = "<svg/onload=alert(3)>"
    store.save()
    page = shown(client, order)
    assert (page.count("<script"), page.count("<img")) == (1, 0)  # the page's own, which keeps it fresh
    assert page.count("<svg") == page.count("<svg viewBox")
    missing = [name for name in names if f'dir="auto">{escape(name)}</span>' not in page]
    assert missing == []


def test_ten_parcels_cost_as_many_queries_as_one(client, order, django_assert_num_queries):
    add_parcel(order, status="in_transit")
    with django_assert_num_queries(2):
        shown(client, order)
    for name in range(9):
        add_parcel(order, status="in_transit", lines=["1"])
        add_line(order, f"Cup {name}")
    with django_assert_num_queries(2):
        shown(client, order)
