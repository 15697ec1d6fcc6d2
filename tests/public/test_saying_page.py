"""What a customer does on the tracker, and what becomes of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.models import Pairing, Product, ProductGuide
from customers import tasks_for_staff
from customers.models import Event, Task
from orders.facts import milestones_of
from orders.models import Order
from stores import clock
from surveys.models import Response
from tests.public.conftest import PLACED, add_line, add_parcel

NOW = PLACED + timedelta(days=2, hours=4)
XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _third_of_november(travel):
    travel(NOW)


def post(client, order, name="tracker-said", **fields):
    return client.post(reverse(f"public:{name}", args=[order.token]), fields)


def shown(client, order, query="") -> str:
    return str(client.get(reverse("public:tracker", args=[order.token]) + query).content.decode())


def to_the_minute(moment):
    """The clock runs on from where a test puts it."""
    return moment.replace(second=0, microsecond=0)


def sent(order, **fields):
    return add_parcel(order, status="in_transit", shipped_at=PLACED + timedelta(days=1), **fields)


def test_it_arrived_is_taken_at_their_word_and_can_be_taken_back(client, order):
    sent(order)
    assert "Is it with you?" in shown(client, order)
    answer = post(client, order, said="arrived")
    assert (answer.status_code, answer["Location"]) == (303, f"/t/{order.token}/?arrived")
    assert post(client, order, said="arrived").status_code == 303
    order.refresh_from_db()
    assert (to_the_minute(order.received_at), order.received_by) == (NOW, "the customer")
    assert Event.objects.filter(kind="order.received").count() == 1
    page = shown(client, order, "?arrived")
    assert "Thank you. We count it as delivered from now on." in page
    assert "It is not there after all" in page
    post(client, order, said="not-yet")
    order.refresh_from_db()
    assert (order.received_at, order.received_by, to_the_minute(order.not_there_at)) == (None, "", NOW)
    assert "Is it with you?" in shown(client, order)


def test_not_yet_puts_off_what_would_have_been_taken_for_granted(client, order, travel):
    sent(order)
    assert milestones_of(order, order.store).assumed == PLACED + timedelta(days=6)
    travel(PLACED + timedelta(days=5))
    post(client, order, said="not-yet")
    order = Order.objects.get()
    assert to_the_minute(milestones_of(order, order.store).assumed) == PLACED + timedelta(days=8)
    assert to_the_minute(Event.objects.get(kind="order.awaited").occurred_at) == PLACED + timedelta(days=5)


def test_nobody_is_asked_about_what_has_not_left_or_is_there(client, order):
    assert "Is it with you?" not in shown(client, order)
    add_parcel(order, status="delivered", is_scanned=True, delivered_at=PLACED)
    assert "Is it with you?" not in shown(client, order)


def test_a_wish_becomes_a_task_and_stays_asked_until_the_shops_data_shows_it(client, order):
    add_line(order, "Cup")
    answer = post(client, order, "tracker-wish", what="address", words="Rua Nova 1, Porto")
    assert answer.status_code == 303
    task = Task.objects.get()
    assert (task.title, task.detail, task.order_number, task.state) == ("Asks for another address", "Rua Nova 1, Porto", "1042", "open")
    assert task.due_at - task.opened_at == timedelta(hours=4)
    page = shown(client, order)
    assert "<strong>Send it to another address.</strong> Asked" in page
    assert "13:00</time>; the shop will confirm it." in page
    assert "Rua Nova" not in page
    tasks_for_staff.close(task, by=None, now=NOW + timedelta(hours=1))
    assert "The shop looked after it" in shown(client, order)
    order.shipping_address = {**order.shipping_address, "address1": "Rua Nova 1", "city": "Porto"}
    order.save()
    assert "Send it to another address.</strong>" not in shown(client, order)


def test_a_wish_to_cancel_is_settled_by_the_shop_cancelling(client, order):
    post(client, order, "tracker-wish", what="cancel")
    assert "<strong>Cancel the order.</strong> Asked" in shown(client, order)
    order.cancelled_at = NOW
    order.save()
    page = shown(client, order)
    assert "Your order was cancelled" in page
    assert "Cancel the order.</strong>" not in page


def test_asking_again_opens_a_closed_task_with_the_latest_words(client, order):
    post(client, order, "tracker-wish", what="change", words="Two cups")
    tasks_for_staff.close(Task.objects.get(), by=None, now=NOW)
    post(client, order, "tracker-wish", what="change", words="Three cups")
    task = Task.objects.get()
    assert (task.state, task.detail) == ("open", "Three cups")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Choose what it is about."),
        ({"what": "refund-me"}, "Choose what it is about."),
        ({"what": "return", "words": "x"}, "Choose what it is about."),
        ({"what": "address", "words": "  "}, "Write the whole new address."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(client, order, fields, problem):
    answer = post(client, order, "tracker-wish", **fields)
    page = answer.content.decode()
    assert (answer.status_code, Task.objects.count()) == (422, 0)
    assert problem in page
    assert "<title>Error: " in page


@pytest.mark.parametrize(
    ("parcel", "offered", "not_offered"),
    [
        (None, ["Cancel the order", "Send it to another address"], ["Send something back"]),
        ({"status": "in_transit", "shipped_at": PLACED}, ["It takes too long"], ["Cancel the order", "Send something back"]),
        ({"status": "delivered", "delivered_at": PLACED}, ["It is not here", "Send something back"], ["Cancel the order"]),
    ],
)
def test_what_may_be_asked_depends_on_where_the_order_is(client, order, parcel, offered, not_offered):
    if parcel:
        add_parcel(order, **parcel)
    page = shown(client, order)
    assert [words in page for words in offered] == [True] * len(offered)
    assert [words in page for words in not_offered] == [False] * len(not_offered)


def test_the_one_question_is_answered_by_pressing_and_then_no_longer_asked(client, order):
    add_parcel(order, status="delivered", delivered_at=PLACED)
    assert "How is life with what you bought?" in shown(client, order)
    assert not Response.objects.exists()
    answer = post(client, order, said="4")
    response = Response.objects.get()
    assert (response.score, answer["Location"]) == (4, f"/q/{response.token}/")
    assert "How is life with what you bought?" not in shown(client, order)


def test_the_day_goes_into_a_calendar_and_only_while_one_is_promised(client, order):
    assert client.get(reverse("public:tracker-calendar", args=[order.token])).status_code == 404
    sent(order, expected_at=PLACED + timedelta(days=5))
    order.store.name = "Marlow, Finch"
    order.store.save()
    answer = client.get(reverse("public:tracker-calendar", args=[order.token]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().split("\r\n")
    assert "DTSTART;VALUE=DATE:20261106" in lines
    assert "DTEND;VALUE=DATE:20261107" in lines
    assert "SUMMARY:Parcel from Marlow\\, Finch arrives" in lines


def test_too_many_words_from_one_place_are_put_off(client, order):
    sent(order)
    for _ in range(10):
        assert post(client, order, said="not-yet")["Location"].endswith("?not-yet")
    assert post(client, order, said="not-yet")["Location"].endswith("?often")
    assert "That was too often for now." in shown(client, order, "?often")


def test_what_came_from_outside_is_shown_as_text(client, order):
    product = Product.objects.create(store=order.store, external_id="p", title=XSS, url="https://shop.example/p")
    more = Product.objects.create(store=order.store, external_id="q", title=XSS, url="https://shop.example/q")
    ProductGuide.objects.create(store=order.store, product=product, headline=XSS, tips=[XSS], mistake=XSS, video_url="javascript:alert(1)")
    Pairing.objects.create(store=order.store, product=product, suggested=more, reason=XSS)
    add_line(order, XSS, product=product)
    sent(order, carrier=XSS[:80], tracking_number=XSS, scans=[[NOW.isoformat(), "in_transit", XSS, XSS]])
    order.number, order.shipping_address = XSS, {"city": XSS}
    order.save()
    post(client, order, "tracker-wish", what="change", words=XSS)
    page = shown(client, order)
    assert "<img src=x" not in page
    assert "alert(1)</script>" not in page
    assert "javascript:" not in page
    assert page.count("&lt;script&gt;alert(1)") > 8
    refused = post(client, order, "tracker-wish", words=XSS).content.decode()
    assert "<img src=x" not in refused


def test_tips_pairings_and_links_stand_there_and_nothing_is_sold_in_trouble(client, order):
    kettle = Product.objects.create(store=order.store, external_id="p", title="Kettle", url="https://shop.example/kettle")
    filters = Product.objects.create(store=order.store, external_id="q", title="Filters", url="https://shop.example/filters")
    ProductGuide.objects.create(store=order.store, product=kettle, headline="a first brew", tips=["Rinse it."])
    Pairing.objects.create(store=order.store, product=kettle, suggested=filters, reason="They fit.")
    order.lines.update(product=kettle)
    order.invoice_url = "https://shop.example/invoice.pdf"
    order.save()
    page = shown(client, order)
    assert "Kettle: a first brew" in page
    assert '<a href="https://shop.example/filters" rel="noreferrer" dir="auto">Filters</a>' in page
    assert '<a href="https://shop.example/invoice.pdf" rel="noreferrer">Invoice and details</a>' in page
    assert '<a href="https://shop.example/kettle" rel="noreferrer">Order <bdi>Kettle</bdi> again</a>' in page
    order.invoice_url += "?key=3f"
    order.save()
    assert "invoice.pdf" not in shown(client, order)  # whoever has the tracker's link is not who the key is for
    sent(order, expected_at=clock.read() - timedelta(days=2))
    assert "Goes well with it" not in shown(client, order)


def test_what_a_carrier_says_of_a_delivery_is_kept_from_strangers(client, order):
    scans = [
        [(NOW - timedelta(hours=9)).isoformat(), "in_transit", "Sorted", "Bremen"],
        [NOW.isoformat(), "delivered", "Signed by A. SILVA", "Lisbon"],
    ]
    add_parcel(order, status="delivered", is_scanned=True, delivered_at=NOW, scans=scans)
    page = shown(client, order)
    assert "Where it has been (2)" in page
    assert "SILVA" not in page
    assert page.index("Lisbon") < page.index("Bremen")
