"""The pages of an uploaded file: what they say before, while and after it is taken in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from integrations import uploads
from integrations.files import example
from integrations.models import ImportJob
from messaging.models import Message
from orders.models import Order
from stores import clock


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def browser(store, alice, signed_in):
    return signed_in(alice)


def send(browser, text=example.OF["orders"], name="orders.csv"):
    return browser.post("/s/marlow/start/import/", {"file": SimpleUploadedFile(name, text.encode())})


def words(browser, path=""):
    job = ImportJob.objects.get()
    return browser.get(f"/s/marlow/start/import/{job.pk}/{path}").content.decode()


def test_a_file_is_checked_then_imported_and_one_may_leave_meanwhile(browser, flow):
    assert send(browser).status_code == 303
    page = words(browser)
    assert "Checking: 0 orders read, nothing is written." in page
    assert 'data-refresh="3"' in page
    uploads.sweep(now=clock.read())
    page = words(browser)
    assert "2 orders can be imported.</strong> 2 new, 0 would change, 0 are here already. They come in as history and mail nobody." in page
    assert '<td data-label="Items">Pour-over kettle' not in page
    assert "1 × Pour-over kettle, 2 × Paper filters" in page
    assert "Import 2 orders" in page
    assert "data-refresh" not in page
    assert not Order.objects.exists()
    job = ImportJob.objects.get()
    browser.post(f"/s/marlow/start/import/{job.pk}/")
    assert '<progress value="0" max="2" aria-label="Orders imported">' in words(browser)
    assert "orders.csv" in browser.get("/s/marlow/start/import/").content.decode()
    uploads.sweep(now=clock.read())
    assert '<span class="big">2</span>new orders' in words(browser)
    assert job.owner
    assert (Order.objects.count(), Message.objects.count(), job.owner.email) == (2, 0, "alice@example.com")


def test_bad_rows_are_listed_and_can_be_downloaded_to_be_mended(browser):
    send(browser, "external_id,placed_at,total\n1,never,5\n=2,2025-01-01,=1+1\n")
    uploads.sweep(now=clock.read())
    page = words(browser)
    assert "0 orders can be imported, 2 cannot." in page
    assert "Line 2" in page
    assert "Import 0" not in page
    answer = browser.get(f"/s/marlow/imports/{ImportJob.objects.get().pk}/bad.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="bad-rows.csv"'
    assert answer.content.decode().splitlines() == [
        "line,reason,external_id,placed_at,total",
        "2,\"placed_at: 'never' is not a date, with the year first: 2026-12-31\",1,never,5",
        "3,\"total: '=1+1' is not an amount, with the decimal point: 1,234.50\",'=2,2025-01-01,'=1+1",
    ]


def test_unknown_columns_are_asked_on_the_same_page(browser):
    send(browser, "external_id,colour\n1,red\n")
    page = words(browser)
    assert "Which column is the placed on?" in page
    assert "Which column is the total?" in page
    assert '<span class="mid">red</span>' in page


def test_no_file_is_said(browser):
    answer = browser.post("/s/marlow/start/import/")
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_a_file_that_is_too_large_is_refused(browser, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 10)
    assert send(browser).status_code == 422
    assert not ImportJob.objects.exists()


def test_it_can_be_cancelled(browser):
    send(browser)
    job = ImportJob.objects.get()
    told = browser.post(f"/s/marlow/start/import/{job.pk}/", {"cancel": "1"}, follow=True).content.decode()
    assert "Cancelled. What was taken in before stays, and can be undone." in told
    assert not uploads.sweep(now=clock.read())


def test_the_example_can_be_downloaded(browser):
    assert browser.get("/s/marlow/imports/orders-example.csv").content.decode() == example.OF["orders"]


def test_only_an_owner_of_the_store_sees_a_file(browser, mara, mallory, other, signed_in):
    send(browser)
    job = ImportJob.objects.get()
    for path in ("", f"{job.pk}/", f"{job.pk}/columns/"):
        assert signed_in(mara).get(f"/s/marlow/start/import/{path}").status_code == 403
        assert signed_in(mallory).get(f"/s/marlow/start/import/{path}").status_code == 404
    assert signed_in(mallory).get(f"/s/other/start/import/{job.pk}/").status_code == 404
    assert signed_in(mallory).post(f"/s/other/start/import/{job.pk}/", {"cancel": "1"}).status_code == 404
    assert ImportJob.objects.get().state == "uploaded"
