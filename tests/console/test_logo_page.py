"""The logo from upload to mail, customers' pages and removal."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.models import Step
from campaigns.writing import preview
from stores.models import Logo
from tests.stores.test_logos import picture

URL = "/s/marlow/settings/logo/"


@pytest.fixture
def upload(alice, signed_in):
    """Upload a file as the owner, from the set-up's page; return the page one lands on."""

    def send(content: bytes, name="logo.png"):
        data = {"logo": SimpleUploadedFile(name, content), "next": "/s/marlow/start/brand/"}
        return signed_in(alice).post(URL, data, follow=True)

    return send


def test_an_owner_uploads_a_logo_and_sees_it_on_both_grounds(flow, store, upload):
    page = upload(picture())
    store.refresh_from_db()
    assert page.redirect_chain == [("/s/marlow/start/brand/", 303)]
    assert "Saved. The logo stands on every mail" in page.content.decode()
    assert page.content.decode().count(f'<img src="{store.logo_path}"') == 2


def test_the_settings_have_it_too(store, alice, upload, signed_in):
    upload(picture())
    store.refresh_from_db()
    assert f'<img src="{store.logo_path}"' in signed_in(alice).get("/s/marlow/settings/brand/").content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<svg/>", "The logo was not changed. SVG files can carry programs"), (b"hello", "This file cannot be read as a picture.")],
)
def test_a_refused_file_says_why_and_changes_nothing(flow, store, upload, content, words):
    assert words in upload(content).content.decode()
    store.refresh_from_db()
    assert (store.logo_path, Logo.objects.count()) == ("", 0)


def test_no_file_is_no_change(flow, alice, signed_in):
    page = signed_in(alice).post(URL, {"next": "/s/marlow/start/brand/"}, follow=True)
    assert "Choose a picture first, then upload it." in page.content.decode()


def test_removing_it_lets_the_name_stand_again_and_keeps_what_sent_mails_show(store, alice, client, upload, signed_in):
    upload(picture())
    store.refresh_from_db()
    address = store.logo_path
    assert signed_in(alice).post(URL, {"remove": "1"})["Location"] == "/s/marlow/settings/brand/"
    store.refresh_from_db()
    assert store.logo_path == ""
    assert client.get(address).status_code == 200


def test_its_address_is_public_and_may_be_kept_for_good(store, client, upload):
    upload(picture())
    store.refresh_from_db()
    answer = client.get(store.logo_path)
    assert answer.content == bytes(Logo.objects.get().content)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in answer and not answer.cookies
    assert client.post(store.logo_path).status_code == 405


@pytest.mark.parametrize("digest", ["0" * 32, "x", "a" * 5000])
def test_an_unknown_address_has_no_picture(client, db, digest):
    assert client.get(f"/l/{digest}.png").status_code == 404


def test_a_mail_shows_the_logo_with_size_name_and_whole_address(order, store, settings, upload):
    settings.PUBLIC_URL = "https://mails.example"
    upload(picture())
    store.refresh_from_db()
    shown = preview.sample(preview.samples(store)[0])
    for step in Step.objects.select_related("offer__store"):
        html = preview.mail_for(step, shown, now=order.placed_at).html
        image = re.search(r"<img class=\"lg\"[^>]*>", html)
        assert image is not None
        assert f'src="https://mails.example{store.logo_path}"' in image[0]
        assert 'alt="Marlow &amp; Finch"' in image[0]
        assert 'width="240"' in image[0] and 'height="60"' in image[0]


def test_without_a_logo_the_name_stands_on_the_mail(order, store):
    shown = preview.sample(preview.samples(store)[0])
    html = preview.mail_for(Step.objects.select_related("offer__store").get(key="tips"), shown, now=order.placed_at).html
    assert 'class="lg"' not in html
    assert re.search(r'class="m"[^>]*>Marlow &amp; Finch</td>', html)


def test_customers_pages_show_it(order, store, client, upload):
    upload(picture())
    store.refresh_from_db()
    image = f'<img src="{store.logo_path}" alt="Marlow &amp; Finch" width="240" height="60">'
    for path in (f"/t/{order.token}/", f"/p/{order.customer.token}/"):
        assert image in client.get(path).content.decode()


def test_only_owners_change_it(flow, store, mara, mallory, signed_in):
    data = {"logo": SimpleUploadedFile("logo.png", picture())}
    assert signed_in(mara).post(URL, data).status_code == 403
    assert signed_in(mallory).post(URL, data).status_code == 404
    assert Logo.objects.count() == 0
