"""From a shop's first delivery to the last of five mails, with all that can happen on the way."""

import re

import pytest

from campaigns.travel import travel_to
from customers import tasks_for_staff
from customers.models import Customer, Event, Task
from orders.models import Order
from stores import clock
from tests.journeys.conftest import order, parcel

FIVE = ["confirmation", "tips", "goes-well", "check-in", "thanks"]


def link(message, letter: str) -> str:
    """Return the path of a mail's public link of that letter, from its text."""
    found = re.search(rf"https?://[^/\s]+(/{letter}/[\w-]+/)", message.body)
    assert found, message.body
    return found[1]


def test_a_life_without_trouble(shop, at, mails, client):
    shop.tell("orders/create", order(at=clock.read()))
    assert [item["state"] for item in shop.planned().values()].count("waiting") == 4
    travel_to(at("2026-11-03 12:00"))
    expected = at("2026-11-06 18:00").isoformat()
    shop.tell("shipments/create", parcel(at=clock.read(), shipped_at=clock.read().isoformat(), expected_at=expected))
    travel_to(at("2026-11-06 14:00"))
    shop.tell("shipments/update", parcel(at=clock.read(), status="delivered", delivered_at=clock.read().isoformat()))
    travel_to(at("2026-12-01 09:00"))
    assert shop.sent() == FIVE
    when = {message["step"]: message["sent_at"][:16] for message in shop.get("/messages")["items"]}
    assert when == {
        "confirmation": "2026-11-02T08:00", "tips": "2026-11-04T11:00", "goes-well": "2026-11-10T09:00", "check-in": "2026-11-13T13:00",
        "thanks": "2026-11-20T13:00",
    }  # fmt: skip
    confirmation, tips, goes_well, check_in, thanks = mails()
    assert "Pour-over kettle" in confirmation.body and "€79.00" in confirmation.body
    assert "Rinse it." in tips.body
    assert "38 people added filters" in goes_well.body
    assert "THANKS10" in thanks.body
    assert client.get(link(confirmation, "t")).status_code == 200
    assert client.get(link(check_in, "q")).status_code == 200
    assert client.get(link(thanks, "m")).status_code == 200
    calendar = client.get(link(thanks, "i")).content.decode()
    assert "SUMMARY:€10 off at Marlow & Finch ends\r\n" in calendar
    assert "DTEND:20261204T225900Z\r\n" in calendar
    kinds = list(Event.objects.order_by("occurred_at", "pk").values_list("kind", flat=True))
    once = ("order.placed", "shipment.shipped", "shipment.delivered", "order.received")
    assert ([kinds.count(kind) for kind in once], kinds.count("mail.sent")) == ([1, 1, 1, 1], 5)


def test_a_moved_estimate_moves_what_is_not_sent_yet(shop, at):
    shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-03 12:00"))
    shipped = clock.read().isoformat()
    shop.tell("shipments/create", parcel(at=clock.read(), shipped_at=shipped, expected_at=at("2026-11-04 12:00").isoformat()))
    assert shop.planned()["tips"]["due_at"].startswith("2026-11-04T05:00")
    travel_to(at("2026-11-03 18:00"))
    shop.tell("shipments/update", parcel(at=clock.read(), shipped_at=shipped, expected_at=at("2026-11-09 12:00").isoformat()))
    assert shop.planned()["tips"]["due_at"].startswith("2026-11-04T11:00")
    assert (shop.planned()["check-in"]["state"], shop.planned()["check-in"]["due_at"][:16]) == ("waiting", "2026-11-16T11:00")
    assert Event.objects.filter(kind="shipment.moved").count() == 1


def test_cancelled_after_the_second_mail(shop, at):
    placed = order(at=clock.read())
    shop.tell("orders/create", placed)
    travel_to(at("2026-11-03 12:00"))
    shop.tell("shipments/create", parcel(at=clock.read(), shipped_at=clock.read().isoformat()))
    travel_to(at("2026-11-05 12:00"))
    assert shop.sent() == ["confirmation", "tips"]
    now = clock.read().isoformat()
    shop.tell("orders/update", {**placed, "cancelled_at": now, "updated_at": now})
    travel_to(at("2026-12-30 12:00"))
    assert shop.sent() == ["confirmation", "tips"]
    assert {item["state"] for item in shop.planned().values()} == {"handed_over", "cancelled"}
    assert shop.planned()["thanks"]["reason"] == "cancelled"


def test_a_refunded_item_leaves_every_later_mail(shop, at, mails):
    lines = [
        {"external_id": "1", "name": "Pour-over kettle", "quantity": 1, "unit_price": "79.00", "product_external_id": "kettle"},
        {"external_id": "2", "name": "Walnut board", "quantity": 1, "unit_price": "64.00", "product_external_id": "board"},
    ]
    shop.tell("orders/create", order(at=clock.read(), lines=lines, total="143.00"))
    travel_to(at("2026-11-06 12:00"))
    delivered = parcel(at=clock.read(), status="delivered", delivered_at=clock.read().isoformat())
    shop.tell("shipments/create", delivered)
    travel_to(at("2026-11-08 12:00"))
    refund = {
        "external_id": "r1", "order_external_id": "ext-1042", "amount": "64.00", "at": clock.read().isoformat(),
        "lines": [{"external_id": "2", "quantity": 1}],
    }  # fmt: skip
    shop.tell("refunds/create", refund)
    shop.tell("refunds/create", refund)
    assert Order.objects.get().refunded_minor == 6400
    travel_to(at("2026-12-01 12:00"))
    assert "Walnut board" in mails()[0].body
    assert not any("Walnut board" in message.body for message in mails()[2:])
    assert shop.sent() == FIVE


def test_doubled_and_shuffled_deliveries_end_as_if_they_came_once_and_in_order(shop, at):
    placed = clock.read()
    created = order(at=placed)
    shipped = parcel(at=placed.replace(hour=12), shipped_at=placed.replace(hour=12).isoformat())
    delivered = parcel(at=placed.replace(hour=14), status="delivered", delivered_at=placed.replace(hour=14).isoformat())
    for topic, payload in [("shipments/update", delivered), ("orders/create", created), ("shipments/create", shipped)]:
        shop.tell(topic, payload)
    shop.tell("orders/create", created, delivery="same")
    shop.tell("orders/create", created, delivery="same")
    travel_to(at("2026-12-01 12:00"))
    assert shop.sent() == FIVE
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert (kinds.count("order.placed"), kinds.count("shipment.shipped"), kinds.count("shipment.delivered")) == (1, 1, 1)


def test_two_stores_with_the_same_order_id_never_meet(shop, other_shop, at):
    shop.tell("orders/create", order(at=clock.read()))
    other_shop.tell("orders/create", order(at=clock.read(), customer={"email": "ana@example.com", "name": "Another Ana"}))
    assert (shop.sent(), other_shop.sent()) == (["confirmation"], ["confirmation"])
    assert Customer.objects.count() == 2
    assert [item["email"] for item in shop.get("/orders")["items"]] == ["ana@example.com"]
    assert shop.get("/customers")["items"][0]["name"] == "Ana Ribeiro"
    assert other_shop.get("/customers")["items"][0]["name"] == "Another Ana"


def test_a_guest_who_returns_in_another_case_is_the_same_customer(shop):
    shop.tell("orders/create", order("1", at=clock.read()))
    shop.tell("orders/create", order("2", at=clock.read(), customer={"email": "  ANA@Example.COM "}))
    found = shop.get("/customers", email="ana@EXAMPLE.com")["items"]
    assert [(item["orders_count"], item["total_spent"]) for item in found] == [(2, "158.00")]
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("currency", "total", "shown", "wire"), [("JPY", "7900", "¥7,900", "7900"), ("KWD", "79.125", "KWD\N{NO-BREAK SPACE}79.125", "79.125")]
)
def test_yen_have_no_cents_and_dinars_three(shop, mails, currency, total, shown, wire):
    lines = [{"external_id": "1", "name": "Pour-over kettle", "quantity": 1, "unit_price": total, "product_external_id": "kettle"}]
    shop.tell("orders/create", order(at=clock.read(), currency=currency, total=total, lines=lines))
    assert shown in mails()[0].body
    assert shop.get("/orders/ext-1042")["total"] == wire


def test_an_unhappy_answer_stops_selling_until_a_person_has_cared(shop, at, mails, client, bob):
    shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-06 14:00"))
    shop.tell("shipments/create", parcel(at=clock.read(), status="delivered", delivered_at=clock.read().isoformat()))
    travel_to(at("2026-11-13 15:00"))
    path = link(mails()[-1], "q")
    client.get(path, {"score": "1"})
    assert Task.objects.count() == 0
    assert client.post(path, {"score": "1", "comment": "The lid leaks."}).status_code in (302, 303)
    travel_to(at("2026-11-13 16:00"))
    assert [(task["state"], task["email"]) for task in shop.get("/tasks")["items"]] == [("open", "ana@example.com")]
    assert (shop.planned()["thanks"]["state"], shop.planned()["thanks"]["reason"]) == ("held", "open_task")
    travel_to(at("2026-11-21 12:00"))
    assert shop.sent()[-1] == "check-in"
    tasks_for_staff.close(Task.objects.get(), by=bob, now=clock.read())
    travel_to(at("2026-11-21 12:05"))
    assert shop.sent()[-1] == "thanks"


def test_one_click_stops_the_selling_and_leaves_the_order_mails(shop, at, mails, client):
    shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-06 14:00"))
    shop.tell("shipments/create", parcel(at=clock.read(), status="delivered", delivered_at=clock.read().isoformat()))
    travel_to(at("2026-11-11 12:00"))
    goes_well = mails()[-1]
    path = "/" + goes_well.extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    client.get(path)
    assert Customer.objects.get().marketing == "subscribed"
    assert client.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded").status_code == 200
    assert Customer.objects.get().marketing == "unsubscribed"
    travel_to(at("2026-12-01 12:00"))
    assert shop.planned()["thanks"]["reason"] == "unsubscribed"
    shop.tell("orders/create", order("1043", at=clock.read()))
    assert shop.sent()[-1] == "confirmation"


def test_history_is_kept_and_mails_nobody(shop, at, mails):
    shop.tell("orders/create", order(at=at("2026-11-02 08:59")))
    assert (shop.get("/orders")["items"][0]["number"], mails(), shop.sent()) == ("1042", [], [])
