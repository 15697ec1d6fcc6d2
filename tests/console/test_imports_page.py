"""The pages of imports: columns asked, consent only with its basis, what an undo took back and what it left."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers.models import Consent, Customer
from integrations import uploads
from integrations.files import example
from integrations.models import ImportJob
from orders.models import Order
from stores import clock

UNKNOWN = 'Bestellung,Datum,Summe,Kunde\nB1,03/04/2026,"1,234",ana@example.com\nB2,05/06/2026,"2,100",tom@example.com\n'


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path, at):
    settings.MEDIA_ROOT = tmp_path
    clock.set_to(at("2026-11-02 09:00"))


@pytest.fixture
def browser(store, alice, signed_in):
    return signed_in(alice)


def send(browser, text, name="people.csv"):
    browser.post("/s/marlow/imports/", {"file": SimpleUploadedFile(name, text.encode())})
    uploads.sweep(now=clock.read())
    return f"/s/marlow/imports/{ImportJob.objects.get().pk}/"


def words(browser, path):
    return browser.get(path).content.decode()


def test_unknown_columns_and_doubtful_dates_and_amounts_are_asked_until_they_are_answered(browser):
    path = send(browser, UNKNOWN, "orders.csv")
    page = words(browser, path)
    assert "Which column is the order id or order number?" in page
    assert "In dates, does the day or the month come first?" in page
    assert '<span class="mid">ana@example.com · tom@example.com</span>' in page
    said = {"subject": "orders", "column-0": "number", "column-1": "placed_at", "column-2": "total", "column-3": "email"}
    answer = browser.post(path + "columns/", said | {"dates": "", "decimal": ""})
    assert answer.status_code == 422
    assert "In amounts, is the mark before the cents a point or a comma?" in answer.content.decode()
    answer = browser.post(path + "columns/", said | {"dates": "mdy", "decimal": ",", "currency": "KWD", "timezone": "UTC"})
    assert (answer.status_code, answer["Location"]) == (303, path)
    uploads.sweep(now=clock.read())
    page = words(browser, path)
    assert "2 orders can be imported." in page
    assert '<td data-label="Placed">04 Mar 2026, 00:00</td>' in page
    browser.post(path)
    uploads.sweep(now=clock.read())
    assert sorted(Order.objects.values_list("number", "total_minor", "currency")) == [("B1", 1234, "KWD"), ("B2", 2100, "KWD")]


def test_how_a_file_is_written_can_be_said_and_is_shown_anew(browser):
    path = send(browser, "who|mail\nAna|ana@example.com\n")
    page = words(browser, path + "columns/?subject=customers&separator=,")
    assert "<strong>who|mail</strong>" in page
    page = words(browser, path + "columns/?subject=customers&separator=|")
    assert "<strong>mail</strong>" in page


def test_a_yes_needs_its_basis_and_without_one_is_left_out(browser):
    path = send(browser, example.OF["customers"])
    assert "1 says yes to marketing. What does that rest on?" in words(browser, path)
    answer = browser.post(path, {"how": "a box at checkout", "wording": " "})
    assert answer.status_code == 422
    assert "Say where it was, and in which words they agreed" in answer.content.decode()
    browser.post(path, {"how": "a box at checkout", "wording": "Yes, news please"})
    uploads.sweep(now=clock.read())
    assert Consent.objects.values_list("source", "wording").get(is_granted=True) == ("file: a box at checkout", "Yes, news please")
    assert "file: a box at checkout: Yes, news please" in words(browser, path)
    assert sorted(Customer.objects.values_list("name", "marketing")) == [("Ana Ribeiro", "subscribed"), ("Tomás Vega", "unsubscribed")]


def test_an_import_is_undone_from_its_page_and_says_what_it_left(browser, bob, signed_in):
    path = send(browser, example.OF["customers"])
    browser.post(path)
    uploads.sweep(now=clock.read())
    page = words(browser, path)
    assert "Undo this import" in page
    assert '<span class="big">2</span>new customers' in page
    kept = Customer.objects.get(name="Ana Ribeiro")
    browser.post(f"/s/marlow/customers/{kept.pk}/note/", {"text": "Called."})
    assert signed_in(bob).post(path + "undo/").status_code == 403
    browser.post(path + "undo/")
    assert "Undoing: 0 orders and 0 customers taken back." in words(browser, path)
    uploads.sweep(now=clock.read())
    page = words(browser, path)
    assert "<dt>1 customer</dt>" in page
    assert "<strong>1 stays</strong>: there are notes about them" in page
    assert f'<a href="/s/marlow/customers/{kept.pk}/">Ana Ribeiro</a>' in page
    assert "Undo this import" not in page
    told = browser.post(path + "undo/", follow=True).content.decode()
    assert "cannot be undone: it brought nothing, or it ended more than 30 days ago." in told


@pytest.mark.parametrize("subject", ["orders", "customers"])
def test_each_example_is_recognised_and_taken_in_whole(browser, subject):
    text = browser.get(f"/s/marlow/imports/{subject}-example.csv").content.decode()
    path = send(browser, text)
    assert f"2 {subject} can be imported.</strong> 2 new" in words(browser, path)


def test_there_is_no_example_of_anything_else(browser):
    assert browser.get("/s/marlow/imports/passwords-example.csv").status_code == 404


def test_what_a_file_said_of_people_is_forgotten_after_thirty_days(browser, at):
    path = send(browser, example.OF["customers"] + "nobody,N\n")
    browser.post(path)
    uploads.sweep(now=clock.read())
    job = ImportJob.objects.get()
    assert (len(job.bad), job.sample, job.reading["samples"][0][0]) == (1, [], "ana@example.com")
    uploads.sweep(now=at("2026-12-03 09:00"))
    job.refresh_from_db()
    assert (job.bad, job.reading["samples"], job.refused) == ([], [], 1)
