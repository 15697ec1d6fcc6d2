"""What customers said, where everybody reads it: on a page, in a shop's frame, and as structured data."""

import json
from datetime import timedelta

import pytest

from catalog.models import Product
from orders.models import Order
from stores import pictures
from surveys import reviews
from surveys.models import Review, ReviewPhoto
from tests.public.conftest import PLACED
from tests.stores.test_logos import picture

HOSTILE = "</script><b>x</b>"


@pytest.fixture
def kettle(store, order) -> Product:
    """A product with three shown reviews, one of them with a picture and an answer, and one that waits."""
    kettle = Product.objects.create(store=store, external_id="k1", title="Stovetop kettle", sku="KTL", url="https://shop.example/kettle")
    order.lines.update(product=kettle)
    for place, stars in enumerate((5, 5, 2, 1)):
        one = order if not place else Order.objects.get(pk=_again(order, place))
        review = Review.objects.create(
            store=store, customer=order.customer, order=one, product=kettle, title="Stovetop kettle", name="Ana S.", asked_at=PLACED
        )
        photos = [pictures.drawn(picture((40, 40)))] if stars == 2 else []
        at = PLACED + timedelta(days=place)
        reviews.give(review, stars=stars, text=HOSTILE if stars == 2 else f"No {place}", photos=photos, now=at)
        if stars > 1:
            reviews.show(review)
    Review.objects.filter(stars=2).update(answer="We are sorry.")
    return kettle


def _again(order: Order, place: int) -> int:
    again = Order.objects.get(pk=order.pk)
    again.pk, again.external_id, again.number, again.token = None, f"{9001 + place}", f"{1042 + place}", "t" * 20 + str(place)
    again.save()
    return again.pk


def test_the_page_says_how_a_product_stands_and_shows_the_newest_first(client, kettle):
    answer = client.get("/reviews/marlow/?product=k1")
    page = answer.content.decode()
    assert "Reviews of <bdi>Stovetop kettle</bdi>" in page
    assert (">4.0</span>" in page, "3 reviews" in page, "No 3" in page, HOSTILE in page) == (True, True, False, False)
    assert page.index("&lt;/script&gt;") < page.index("No 1") < page.index("No 0")
    assert ("We are sorry." in page, page.count('src="/v/')) == (True, 1)
    assert (answer["Cache-Control"], "frame-ancestors *" in answer["Content-Security-Policy"]) == ("private, max-age=300", True)
    assert client.get(f"/v/{ReviewPhoto.objects.get().token}/")["Cache-Control"] == "public, max-age=300"
    few = client.get("/reviews/marlow/?product=k1&stars=2").content.decode()
    assert ("No 0" in few, "&lt;/script&gt;" in few, "Show all reviews" in few) == (False, True, True)


def test_in_a_shops_frame_it_stands_without_header_and_speaks_the_language_of_the_tag(client, kettle):
    page = client.get("/reviews/marlow/?product=k1&framed=1&lang=de").content.decode()
    assert ("3 Bewertungen" in page, 'class="shop"' in page, "shop-foot" in page, "framed.js" in page) == (True, False, False, True)


def test_ten_stand_on_a_page_and_the_next_begins_where_it_ended(client, kettle):
    rows = [Review(store=kettle.store, customer=each.customer, product=kettle, stars=4, text=f"More {n}", state="shown", asked_at=PLACED,
                   given_at=PLACED - timedelta(hours=n), order_id=_again(each.order, 10 + n))
            for each in [Review.objects.earliest("pk")] for n in range(9)]  # fmt: skip
    Review.objects.bulk_create(rows)
    first = client.get("/reviews/marlow/").context
    assert (len(first["rows"]), first["stands"].count) == (10, 12)
    second = client.get(first["older"]).context
    assert [row.text for row in second["rows"]] == ["More 7", "More 8"]
    assert second["older"] == ""


def test_search_engines_are_told_of_a_product_and_its_shown_reviews_only(client, kettle):
    answer = client.get("/reviews/marlow/facts.json?product=k1")
    assert (answer["Content-Type"], answer["Access-Control-Allow-Origin"]) == ("application/ld+json", "*")
    assert "</script>" not in answer.content.decode()
    said = json.loads(answer.content)
    assert (said["@type"], said["name"], said["sku"], said["@id"]) == ("Product", "Stovetop kettle", "KTL", "https://shop.example/kettle")
    rating = {"@type": "AggregateRating", "ratingValue": 4.0, "reviewCount": 3, "bestRating": 5, "worstRating": 1}
    assert said["aggregateRating"] == rating
    assert [(one["reviewRating"]["ratingValue"], one["datePublished"]) for one in said["review"]] == [
        (2, "2026-11-03"), (5, "2026-11-02"), (5, "2026-11-01"),
    ]  # fmt: skip
    assert (said["review"][0]["reviewBody"], len(said["review"][0]["image"])) == (HOSTILE, 1)


def test_where_nobody_said_anything_no_engine_is_told_and_what_is_unknown_is_not_there(client, store, other, kettle):
    Product.objects.create(store=store, external_id="k2", title="Mug")
    assert client.get("/reviews/marlow/facts.json?product=k2").status_code == 204
    assert "Nobody has said anything yet." in client.get("/reviews/marlow/?product=k2").content.decode()
    gone = ["/reviews/marlow/facts.json", "/reviews/marlow/facts.json?product=zz", "/reviews/marlow/?product=zz", "/reviews/nobody/"]
    gone += [f"/reviews/{other.slug}/?product=k1", f"/reviews/{other.slug}/facts.json?product=k1", "/reviews/nobody/kit.js"]
    assert {client.get(address).status_code for address in gone} == {404}


def test_the_script_of_a_shop_draws_the_frame_and_tells_the_engines(client, store):
    script = client.get("/reviews/marlow/kit.js").content.decode()
    assert 'frame.src = "http://127.0.0.1:8000/reviews/marlow/?" + query' in script
    assert 'fetch("http://127.0.0.1:8000/reviews/marlow/facts.json?" + query)' in script
    assert 'for (const name of ["product", "lang"])' in script
