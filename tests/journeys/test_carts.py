"""Carts left behind: who is reminded, of what, how often, on which day, and when nobody says a word."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns import flows, recipes
from campaigns.models import Enrollment, StepRun
from campaigns.occasions import carts
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Event
from orders.models import Cart
from stores import clock
from tests.journeys.conftest import order, words_of


@pytest.fixture
def live(shop):
    for key in ("abandoned-cart", "abandoned-checkout"):
        flows.activate(recipes.install(shop.store, key, now=clock.read()), now=clock.read())
    return shop


def put(shop, number: str = "1", *, email: str = "bo@example.com", consent: str = "subscribed", **fields) -> None:
    """Tell of a person, who may have agreed to offers: a cart itself is no place to agree, and of their cart."""
    now = clock.read()
    person = {"external_id": email, "email": email, "name": "Bo Lind", "marketing_consent": consent, "updated_at": now.isoformat()}
    shop.tell("customers/update", person)
    shop.tell("carts/update", {
        "external_id": f"cart-{number}", "currency": "EUR", "total": "79.00", "started_at": now.isoformat(), "updated_at": now.isoformat(),
        "url": "https://shop.example/cart/1", "customer": {"email": email, "name": "Bo Lind"},
        "lines": [{"external_id": "1", "name": "Pour-over kettle", "quantity": 1, "unit_price": "79.00", "product_external_id": "kettle"}],
        **fields,
    })  # fmt: skip


def later(**span: float) -> None:
    travel_to(clock.read() + timedelta(**span))
    carts.note(now=clock.read())
    sweep_until_quiet()


def became() -> list[tuple[str, str, str]]:
    return [(run.step_key, run.state, run.reason) for run in StepRun.objects.order_by("pk")]


def test_a_quiet_cart_is_reminded_of_once_with_what_lies_in_it(live, mails):
    put(live)
    later(minutes=50)
    assert became() == []
    later(minutes=20)
    later(hours=20)
    [mail] = mails()
    assert (mail.subject, mail.to) == ("Still thinking about Pour-over kettle?", ["Bo Lind <bo@example.com>"])
    text = mail.body.replace("\n", " ")
    assert "- Pour-over kettle, €79.00" in text and "Total: €79.00" in text and f"/w/{Cart.objects.get().token}/" in text
    assert "You get this because you asked to hear from Marlow & Finch." in text


def test_a_second_cart_within_a_week_is_noted_and_not_mailed(live, mails):
    put(live)
    later(hours=2)
    put(live, "2")
    later(hours=2)
    assert Event.objects.filter(kind="cart.abandoned").count() == 2
    assert len(mails()) == 1


def test_who_never_agreed_nor_bought_is_not_written_to(live, mails):
    live.store.soft_opt_in = True
    live.store.save()
    put(live, consent="never")
    later(hours=2)
    assert became() == [("left-behind", "skipped", "no_consent")]
    put(live, "2", email="cy@example.com", consent="never", checkout=True)
    later(hours=2)
    assert [each.subject for each in mails()] == ["Your order is one step from done"]
    assert "because you began an order at Marlow & Finch" in mails()[0].body.replace("\n", " ")


def test_a_day_one_picks_brings_one_more_mail_and_buying_before_it_none(live, mails):
    put(live)
    later(hours=2)
    page = f"/w/{Cart.objects.get().token}/"
    visitor = Client()
    assert visitor.post(page, {"days": "3"})["Location"] == page
    assert "We remind you on Thursday 5 November" in words_of(visitor.get(page))
    later(days=2, hours=12)
    assert len(mails()) == 1
    later(hours=20)
    assert [each.subject for each in mails()] == ["Still thinking about Pour-over kettle?", "As you asked: Pour-over kettle"]
    assert "because you asked to be reminded" in mails()[1].body.replace("\n", " ")
    visitor.post(page, {"days": "7"})
    live.tell("orders/create", order("9", at=clock.read(), customer={"email": "bo@example.com", "name": "Bo"}))
    mails().clear()
    later(days=8)
    assert not [each for each in mails() if "asked" in each.subject]
    assert "You have bought it since" in visitor.get(page).content.decode()


@pytest.mark.parametrize("days", ["2", "-1", "x", "", "999"])
def test_another_day_is_refused(live, days):
    put(live)
    page = f"/w/{Cart.objects.get().token}/"
    assert Client().post(page, {"days": days}).status_code == 422
    assert Cart.objects.get().remind_at is None


def test_buying_before_it_is_quiet_says_nothing_and_after_it_counts_as_brought_back(live, mails):
    put(live)
    live.tell("orders/create", order("9", at=clock.read(), customer={"email": "bo@example.com", "name": "Bo"}))
    later(hours=2)
    assert not Event.objects.filter(kind="cart.abandoned").exists()
    put(live, "2", email="cy@example.com")
    later(hours=2)
    put(live, "2", email="cy@example.com", started_at="2026-11-02T08:00:00Z", completed_at=clock.read().isoformat())
    later(minutes=10)
    assert Cart.objects.get(external_id="cart-2").recovered_at is not None
    assert Event.objects.filter(kind="cart.recovered").count() == 1


def test_the_page_says_what_became_of_each(live, client, alice):
    put(live)
    later(hours=2)
    client.force_login(alice)
    page = " ".join(client.get("/s/marlow/carts/").content.decode().split())
    assert "1 open, worth €79.00." in page and "Left behind</span>" in page and ">Sent</a>" in page
    assert "1 cart<" in page and "Pour-over kettle" in page
    assert Enrollment.objects.get(flow__key="abandoned-cart").state == "done"
    assert "None came back yet" in client.get("/s/marlow/carts/?state=back").content.decode()
