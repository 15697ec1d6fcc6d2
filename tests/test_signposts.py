"""Fixed addresses that browsers, crawlers and password managers ask for, and what an address that is none answers."""

from io import BytesIO

import pytest
from django.contrib.staticfiles import finders
from PIL import Image

from tests.factories.stores import bearer


@pytest.mark.parametrize(
    ("path", "name", "size"), [("/favicon.ico", "icons/favicon.ico", (48, 48)), ("/apple-touch-icon.png", "icons/touch.png", (180, 180))]
)
def test_icons_stand_where_browsers_ask_for_them(client, db, path, name, size):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/static/{name}")
    with open(str(finders.find(name)), "rb") as file, Image.open(BytesIO(file.read())) as picture:
        assert picture.size == size


def test_crawlers_are_kept_out_of_everything(client, db):
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (
        200, "text/plain; charset=utf-8", b"User-agent: *\nDisallow: /\n",
    )  # fmt: skip


def test_a_password_manager_is_led_to_the_form(client, vic):
    assert client.get("/.well-known/change-password")["Location"] == "/password/change/"
    client.force_login(vic)
    assert client.get("/.well-known/change-password", follow=True).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/customers/abc/events", "/api/v1/nothing", "/api/v2/orders", "/api/"])
def test_machines_are_told_in_json_that_nothing_is_there(client, store, path):
    answer = client.get(path, headers=bearer(store))
    assert (answer.status_code, answer["Content-Type"], answer.json()) == (404, "application/json", {"detail": "Not found"})


def test_people_are_told_so_on_a_page(client, db):
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert "This page is not here" in answer.content.decode()
