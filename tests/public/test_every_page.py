"""What holds for all of the customers' pages."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse

from lifecycle.public import brand, my_orders
from messaging.models import Message
from orders.models import Cart
from stores import clock
from surveys import reviews
from tests.public.conftest import PLACED, add_mail, add_parcel

PAGES = ["tracker", "check-in", "unsubscribe", "preferences", "lookup", "my-orders", "review", "later"]


@pytest.fixture
def addresses(customer, order, response) -> dict[str, str]:
    add_parcel(order, carrier="CTT", status="in_transit")
    my_orders.send_link(order.store, customer, now=clock.read())
    tokens = {
        "tracker": order.token, "check-in": response.token, "unsubscribe": add_mail(order).token, "preferences": customer.token,
        "lookup": order.store.slug, "my-orders": Message.objects.get(step="my-orders").token,
        "later": Cart.objects.create(
            store=order.store, customer=customer, external_id="c1", currency="EUR", total_minor=100, started_at=PLACED, updated_at=PLACED
        ).token,
        "review": reviews.ask(order, now=clock.read()).token,
    }  # fmt: skip
    return {name: reverse(f"public:{name}", args=[token]) for name, token in tokens.items()}


def everything() -> dict[str, list[dict[str, object]]]:
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_page_changes_nothing(client, addresses, name, method):
    before = everything()
    for query in ("", "?score=1", "?act=stop&topic=marketing", "?List-Unsubscribe=One-Click", "?marketing=on", "?change=1"):
        assert getattr(client, method)(addresses[name] + query).status_code == 200
    assert everything() == before


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_private_small_and_without_inline_code(client, addresses, name):
    answer = client.get(addresses[name])
    page = answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"
    assert "style-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert not re.search(r"<script(?! type=\"module\" src=\"/static/js/)|<style|\sstyle=|\son\w+=", page)
    sheets = [Path(settings.BASE_DIR, "static", path) for path in re.findall(r'(?:href|src)="/static/([^"]+)"', page)]
    assert len(answer.content) + sum(sheet.stat().st_size for sheet in sheets) < 50_000
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize("path", ["t", "q", "u", "p", "o", "r", "w"])
@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", "ä" * 22, "a" * 5000])
def test_an_unknown_token_gets_a_friendly_page(client, db, path, token):
    answer = client.get(f"/{path}/{token}/")
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex, nofollow", "no-store")


@pytest.mark.parametrize("name", PAGES)
def test_other_methods_are_refused(client, addresses, name):
    assert client.delete(addresses[name]).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_few_queries(client, addresses, name, django_assert_max_num_queries):
    with django_assert_max_num_queries({"my-orders": 5, "tracker": 10}.get(name, 4)):
        client.get(addresses[name])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("own", ["", "red", "#12345", "#ffffff;}body{", "#FFEE00"])
def test_a_colour_that_is_none_becomes_our_own(client, addresses, store, name, own):
    store.brand_color = own[:7]
    store.save()
    page = client.get(addresses[name]).content.decode()
    expected = "ffee00" if own == "#FFEE00" else "ffffff" if own.startswith("#ffffff") else "2451a9"
    assert f'href="/t/brand/{expected}.css"' in page


@pytest.mark.parametrize("color", ["2451a9", "ffee00", "ffffff", "000000", "808080", "ff0000", "00ff00", "0000ff", "7f7f00", "f5ae39"])
def test_a_brand_colour_can_be_read_on_every_ground_and_under_its_text(color):
    for grounds in (("ffffff", "fbf9f6"), ("181b21", "101317")):
        seen = brand.readable(color, grounds)
        assert min(brand.contrast(seen, ground) for ground in grounds) >= 4.5
        assert brand.contrast(brand.on(seen), seen) >= 4.5


def test_a_colour_that_reads_well_stays_as_it_is():
    assert brand.readable("2451a9", ("ffffff", "fbf9f6")) == "2451a9"
    assert brand.contrast("ffffff", "000000") == pytest.approx(21)


def test_the_colours_stylesheet_may_be_kept_for_good(client, db):
    answer = client.get("/t/brand/2451a9.css")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/css", "public, max-age=31536000, immutable")
    assert answer.content.startswith(b":root{--brand:#2451a9;--brand-ink:#2451a9;--on-brand:#ffffff}")
    assert client.get("/t/brand/red.css").status_code == 404
