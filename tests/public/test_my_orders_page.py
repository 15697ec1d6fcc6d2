"""All orders of a customer, by a link that only their mailbox gets."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.tasks import sweep_until_quiet
from customers.models import Customer
from messaging.models import Account, Message
from orders.models import Order
from tests.public.conftest import PLACED, add_line, add_mail

NOW = PLACED + timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_day_later(travel, db):
    travel(NOW)


@pytest.fixture
def second(order) -> Order:
    """A newer order of the same customer."""
    fields = {name: getattr(order, name) for name in ("store", "customer", "currency", "shop_currency", "financial_status", "created_at")}
    newer = Order.objects.create(
        **fields, external_id="9002", number="1043", placed_at=NOW - timedelta(hours=1), total_minor=1250, shop_total_minor=1250
    )
    add_line(newer, "Filters")
    return newer


@pytest.fixture
def stranger(store) -> Order:
    bo = Customer.objects.create(store=store, email="bo@example.com", email_key="bo@example.com", name="Bo", created_at=PLACED)
    return Order.objects.create(
        store=store, customer=bo, external_id="1", number="77", placed_at=PLACED, currency="EUR", total_minor=1, shop_currency="EUR",
        shop_total_minor=1, created_at=PLACED,
    )  # fmt: skip


def asked(client, order) -> Message:
    answer = client.post(f"/t/{order.token}/orders/", follow=True)
    assert answer.redirect_chain == [(f"/t/{order.token}/?mailed#my-orders", 303)]
    assert "The link is on its way to the e-mail address of this order." in answer.content.decode()
    return Message.objects.get(step="my-orders")


def test_the_link_goes_to_the_address_of_the_order_and_leads_to_all_of_them(client, order, second, stranger, mailoutbox):
    message = asked(client, order)
    sweep_until_quiet()
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["Ana Silva <Ana@Example.com>"], "Your orders at Marlow & Finch")
    link = re.search(r"https?://[^/]+(/o/[\w-]+/)", mail.body)
    assert link
    assert link[1] == f"/o/{message.token}/"
    page = client.get(link[1]).content.decode()
    assert re.findall(r'href="/t/([\w-]{20,})/"', page) == [second.token, order.token]
    assert "€12.50" in page
    assert "We are packing your order" in page
    assert "1 November 2026" in page
    assert "77" not in re.sub(r'href="[^"]*"', "", page)


def test_the_link_comes_from_the_sender_of_order_mails(client, order, store):
    Account.objects.create(
        store=store, stream="transactional", provider="smtp", from_email="orders@marlow.example", from_name="Marlow, orders",
        reply_to="help@marlow.example", created_at=NOW,
    )  # fmt: skip
    mail = asked(client, order)
    assert (mail.from_email, mail.from_name, mail.reply_to) == ("orders@marlow.example", "Marlow, orders", "help@marlow.example")


def test_the_tracker_itself_shows_no_other_order(client, order, second):
    page = client.get(f"/t/{order.token}/").content.decode()
    assert second.token not in page
    assert "Mail me the link" in page


def test_the_link_works_for_a_day(client, order, travel):
    message = asked(client, order)
    travel(NOW + timedelta(hours=23, minutes=59))
    assert client.get(f"/o/{message.token}/").status_code == 200
    travel(NOW + timedelta(hours=24, minutes=1))
    assert client.get(f"/o/{message.token}/").status_code == 404


def test_the_link_ends_when_the_shop_writes_to_another_address(client, order):
    message = asked(client, order)
    Customer.objects.filter(pk=order.customer_id).update(email="new@example.com", email_key="new@example.com")
    assert client.get(f"/o/{message.token}/").status_code == 404


@pytest.mark.parametrize("other", ["tracker", "mail"])
def test_no_other_token_opens_the_list(client, order, other):
    token = order.token if other == "tracker" else add_mail(order).token
    assert client.get(f"/o/{token}/").status_code == 404


def test_asking_again_mails_nothing_more(client, order):
    first = asked(client, order)
    assert asked(client, order).pk == first.pk


def test_an_unknown_tracker_mails_nobody(client, order):
    assert client.post(f"/t/{'A' * 22}/orders/").status_code == 404
    assert client.get(f"/t/{order.token}/orders/").status_code == 405
    assert not Message.objects.exists()


def test_a_customer_without_an_address_is_offered_no_mail(client, order):
    Customer.objects.update(email="", email_key=None)
    assert reverse("public:ask-my-orders", args=[order.token]) not in client.get(f"/t/{order.token}/").content.decode()
    client.post(f"/t/{order.token}/orders/")
    assert not Message.objects.exists()


def test_the_invoice_and_the_same_again_stand_beside_each_order(client, order, second, store):
    store.reorder_url = "https://shop.example/again?order={number}"
    store.save()
    Order.objects.filter(pk=order.pk).update(number="#10 42", invoice_url="https://shop.example/9001/authenticate?key=3f")
    Order.objects.filter(pk=second.pk).update(reorder_url="https://shop.example/cart/7:1")
    page = client.get(f"/o/{asked(client, order).token}/").content.decode()
    assert re.findall(r'href="(https://shop[^"]+)"', page) == [
        "https://shop.example/cart/7:1", "https://shop.example/9001/authenticate?key=3f", "https://shop.example/again?order=%2310%2042",
    ]  # fmt: skip
