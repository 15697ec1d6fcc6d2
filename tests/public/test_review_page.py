import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from stores import pictures
from surveys import reviews
from tests.public.conftest import PLACED
from tests.stores.test_logos import picture


@pytest.fixture
def review(order):
    return reviews.ask(order, now=PLACED)


@pytest.fixture
def address(review) -> str:
    return reverse("public:review", args=[review.token])


def checked(page: str) -> list[int]:
    return [stars for stars in range(1, 6) if f'value="{stars}" required checked' in page]


def test_asks_for_stars_only_and_the_link_preselects_without_counting(client, address, review):
    page = client.get(address + "?stars=4").content.decode()
    assert "How many stars for <bdi>Stovetop kettle</bdi>?" in page
    assert (checked(page), "textarea" in page) == ([4], False)
    assert checked(client.get(address + "?stars=9").content.decode()) == []
    review.refresh_from_db()
    assert review.given_at is None


def test_a_visitor_without_a_cookie_gives_stars_then_words(address, review):
    visitor = Client(enforce_csrf_checks=True)
    token = visitor.get(address).context["csrf_token"]
    said = {"stars": "5", "csrfmiddlewaretoken": token}
    assert visitor.post(address, said, headers={"origin": "http://testserver"})["Location"] == address
    page = visitor.get(address).content.decode()
    assert "Jo</bdi> reads it first, then others can." in page
    assert 'value="Ana S."' in page
    visitor.post(address, {**said, "text": "Pours <b>well</b>", "name": "Ana"}, headers={"origin": "http://testserver"})
    review.refresh_from_db()
    assert (review.stars, review.text, review.name, review.state) == (5, "Pours <b>well</b>", "Ana", "waiting")
    assert "Pours &lt;b&gt;well&lt;/b&gt;" in visitor.get(address).content.decode()


def test_it_can_be_changed_and_keeps_its_words(client, address, review):
    reviews.give(review, stars=2, text="The lid", now=PLACED)
    assert "reads this today and writes to you" in client.get(address).content.decode()
    page = client.get(address + "?change=1").content.decode()
    assert (checked(page), ">The lid</textarea>" in page) == ([2], True)
    client.post(address, {"stars": "4"})
    review.refresh_from_db()
    assert (review.stars, review.text) == (4, "The lid")


def test_sending_without_stars_says_how_to_mend_it(client, address, review):
    answer = client.post(address, {"text": "Only words"})
    assert (answer.status_code, "Choose one to five stars." in answer.content.decode()) == (422, True)
    review.refresh_from_db()
    assert review.given_at is None


def test_it_says_when_others_can_read_it_and_what_the_shop_answered(client, address, review, alice):
    reviews.give(review, stars=4, text="Good", now=PLACED)
    reviews.show(review)
    reviews.answer(review, text="Glad to hear", by=alice, now=PLACED)
    page = client.get(address).content.decode()
    assert "Others can read it now." in page
    assert "Glad to hear" in page


def test_a_happy_check_in_leads_to_it_and_only_until_it_is_given(client, response):
    check_in = reverse("public:check-in", args=[response.token])
    client.post(check_in, {"score": "2"})
    assert "/r/" not in client.get(check_in).content.decode()
    client.post(check_in, {"score": "5"})
    review = response.order.reviews.get()
    assert f'href="/r/{review.token}/?stars=5"' in client.get(check_in).content.decode()
    reviews.give(review, stars=5, now=PLACED)
    assert "/r/" not in client.get(check_in).content.decode()


def test_a_picture_is_drawn_anew_and_seen_by_others_only_beside_a_shown_review(client, address, review):
    reviews.give(review, stars=5, now=PLACED)
    shot = SimpleUploadedFile("me.jpg", picture((800, 400), kind="JPEG", exif=b"Exif\x00\x00Here I live", comment=b"Here I live"))
    assert client.post(address, {"stars": "5", "text": "Look", "photos": [shot]}).status_code == 303
    photo = review.photos.get()
    own, public = reverse("public:my-review-photo", args=[review.token, photo.pk]), reverse("public:review-photo", args=[photo.token])
    assert f'src="{own}"' in client.get(address).content.decode()
    answer = client.get(own)
    assert (answer["Content-Type"], Image.open(io.BytesIO(answer.content)).size) == ("image/png", (800, 400))
    assert b"Here I live" not in bytes(photo.content)
    assert client.get(public).status_code == 404
    reviews.show(review)
    assert client.get(public).content == answer.content
    reviews.hide(review, because="private")
    assert [client.get(each).status_code for each in (public, own)] == [404, 200]
    client.post(address, {"away": str(photo.pk)})
    assert review.photos.count() == 0


def test_what_is_no_picture_is_refused_in_words_and_what_was_typed_stays(client, address, review):
    reviews.give(review, stars=5, now=PLACED)
    page = SimpleUploadedFile("me.svg", b"<svg onload='alert(1)'/>")
    answer = client.post(address, {"stars": "4", "text": "Pours well", "photos": [page]})
    assert (answer.status_code, review.photos.count(), "cannot be read as a picture" in answer.content.decode()) == (422, 0, True)
    assert ">Pours well</textarea>" in answer.content.decode()


def test_beside_a_review_stand_three_pictures_each_once_and_new_ones_are_looked_at_again(review):
    drawn = [pictures.drawn(picture((40 + size, 40))) for size in range(5)]
    reviews.give(review, stars=5, photos=drawn[:2], now=PLACED)
    reviews.show(review)
    reviews.give(review, stars=5, photos=drawn[:2], now=PLACED)
    review.refresh_from_db()
    assert (review.state, review.photos.count()) == ("shown", 2)
    reviews.give(review, stars=5, photos=drawn, now=PLACED)
    review.refresh_from_db()
    assert (review.state, review.photos.count()) == ("waiting", 3)
