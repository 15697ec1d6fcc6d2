"""What holds for all of the customers' pages."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from customers.models import Customer
from lifecycle.public import brand
from orders.models import Order, OrderLine, Shipment
from stores.models import Store
from surveys import answers, reviews
from surveys.models import Review, Survey
from tests.public.conftest import PLACED

PAGES = ["tracker", "check-in", "unsubscribe", "preferences", "lookup", "my-orders", "review", "later", "share", "friend"]


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


@pytest.mark.parametrize("path", ["t", "q", "u", "p", "o", "r", "w", "a", "b", "f"])
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
    with django_assert_max_num_queries({"my-orders": 5, "tracker": 2}.get(name, 4)):
        client.get(addresses[name])


@pytest.mark.parametrize(("own", "shown"), [("#FFEE00", "ffee00"), ("red", "2451a9"), ("#fff;}b{", "2451a9")])
def test_pages_wear_the_shops_colour_and_one_that_is_none_becomes_our_own(client, addresses, store, own, shown):
    store.brand_color = own[:7]
    store.save()
    assert [name for name in PAGES if f'href="/t/brand/{shown}.css"' not in client.get(addresses[name]).content.decode()] == []


def test_whatever_stands_in_the_rows_no_page_runs_it(client, addresses, order, response):
    hostile = "<img src=x onerror=alert(1)>'\"><script>alert(2)</script>{{ 7 }}{% now %}"
    answers.answer(response, score=5, comment=hostile, now=PLACED)
    reviews.give(Review.objects.get(), stars=5, text=hostile, name=hostile, now=PLACED)
    Review.objects.update(title=hostile, answer=hostile)
    Survey.objects.update(question=hostile)
    Customer.objects.update(name=hostile, first_name=hostile)
    Store.objects.filter(pk=order.store_id).update(
        name=hostile[:120], sender_name=hostile[:120], postal_address=hostile,
        topics={key: [hostile, hostile, hostile] for key in ("tips", "questions", "offers", "news")},
    )  # fmt: skip
    Order.objects.update(number=hostile, shipping_address={"city": hostile})
    OrderLine.objects.update(name=hostile)
    scan = [PLACED.isoformat(), "in_transit", hostile, hostile]
    Shipment.objects.update(carrier=hostile[:80], tracking_number=hostile, tracking_url="javascript:alert(3)", lines=["1"], scans=[scan])
    for name, address in addresses.items():
        for query in ("?lang=ar", '?change=1&lang="><script>'):
            page = client.get(address + ("&" if "?" in address else "") + query.lstrip("?" if "?" in address else "")).content.decode()
            assert re.findall(r"<script(?! type=\"module\" src=\"/static/js/)|<img|href=\"javascript|\son\w+=\"", page) == [], name


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
