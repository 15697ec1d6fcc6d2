"""The list of customers: filters in the address, saved views, and what is done with many at once."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from customers.models import Customer, Rfm, SavedView
from lifecycle.console import paging
from segments.models import BulkAct, Segment
from tests.factories.customers import bought, customer

LIST = "/s/marlow/customers/"
ACT = f"{LIST}act/"


@pytest.fixture
def four(store, other, now):
    """Ana buys often and lately, Ben bought once long ago, Cleo never did, Dan says =1+1; and somebody elsewhere."""
    ana = customer(store, "ana@example.com", name="Ana", country="PT", city="Porto", tags=["press", "vip"], marketing="subscribed")
    ben = customer(store, "ben@example.com", name="Ben", country="DE", tags=["press"])
    cleo = customer(store, "cleo@example.com", name="Cleo", country="DE", marketing="unsubscribed")
    dan = customer(store, "dan@example.com", name="=1+1")
    customer(other, "eve@example.com", name="Eve", country="PT", tags=["vip"])
    facts = ((ana, 4, 25_000, 3, "champions", "loyal", 5, 5, "active"), (ben, 1, 2_000, 200, "inactive", "recent", 1, 1, "lost"))
    for person, orders, spent, days, group, was, recency, frequency, stage in facts:
        last = now - timedelta(days=days)
        bought(person, orders_count=orders, total_spent_minor=spent, first_order_at=last, last_order_at=last)
        Rfm.objects.create(
            store=store, customer=person, recency=recency, frequency=frequency, monetary=3, group=group, last_month_group=was, stage=stage,
            changed_at=now,
        )  # fmt: skip
    return ana, ben, cleo, dan


def listed(browser, **query):
    page = browser.get(f"{LIST}?{urlencode(query)}")
    assert page.status_code == 200
    return [row["customer"].name for row in page.context["rows"]]


def walked(browser, query):
    """Return the names on all pages of a list, in order, and the last page's context."""
    page = browser.get(LIST, query).context
    names = [row["customer"].name for row in page["rows"]]
    while page["page"].older:
        page = browser.get(LIST, {**query, "after": page["page"].older}).context
        names += [row["customer"].name for row in page["rows"]]
    return names, page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"group": "champions"}, ["Ana"]), ({"was": "recent"}, ["Ben"]), ({"was": "none"}, []), ({"r": "5", "f": "5"}, ["Ana"]),
        ({"r": "5", "f": "1"}, []), ({"stage": "lost"}, ["Ben"]), ({"orders": "none"}, ["=1+1", "Cleo"]), ({"orders": "one"}, ["Ben"]),
        ({"orders": "more"}, ["Ana"]), ({"country": "de"}, ["Ben", "Cleo"]), ({"city": "porto"}, ["Ana"]), ({"tag": "vip"}, ["Ana"]),
        ({"tag": "press", "country": "DE"}, ["Ben"]), ({"marketing": "unsubscribed"}, ["Cleo"]), ({"spent": "20"}, ["Ana", "Ben"]),
        ({"spent": "20.01"}, ["Ana"]), ({"since": "2026-02-01"}, ["Ana"]), ({"before": "2026-02-01"}, ["Ben"]), ({"q": "ben"}, ["Ben"]),
    ],
)  # fmt: skip
def test_a_filter_shows_whom_it_is_about(four, vic, signed_in, query, names):
    assert sorted(listed(signed_in(vic), **query)) == names


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("sort", ["spent", "orders", "last_order"])
def test_everybody_by_a_figure_is_walked_page_by_page_there_and_back(four, vic, signed_in, monkeypatch, sort, size):
    monkeypatch.setattr(paging, "SIZE", size)
    browser = signed_in(vic)
    there, page = walked(browser, {"sort": sort})
    assert there == ["Ana", "Ben", "=1+1", "Cleo"]
    back = [row["customer"].name for row in page["rows"]]
    while page["page"].newer:
        page = browser.get(LIST, {"sort": sort, "before": page["page"].newer}).context
        back = [*(row["customer"].name for row in page["rows"]), *back]
    assert back == there
    assert listed(browser, sort=sort, after="W10") == there[:size]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"tag": "press", "sort": "spent"}, ["Ana", "Ben"]), ({"country": "DE", "sort": "orders"}, ["Ben", "Cleo"]),
        ({"orders": "none", "sort": "last_order"}, ["=1+1", "Cleo"]), ({"q": "example", "sort": "name"}, ["=1+1", "Ana", "Ben", "Cleo"]),
        ({"country": "DE", "sort": "name"}, ["Ben", "Cleo"]),
    ],
)  # fmt: skip
def test_those_a_filter_shows_are_walked_in_order_page_by_page(four, vic, signed_in, monkeypatch, query, names):
    monkeypatch.setattr(paging, "SIZE", 1)
    assert walked(signed_in(vic), query)[0] == names


@pytest.mark.parametrize(
    "query",
    [
        {"group": "x"},
        {"r": "9"},
        {"spent": "much"},
        {"since": "yesterday"},
        {"before": "9999-99-99"},
        {"tag": "\0"},
        {"country": "Germany!"},
    ],
)
def test_a_filter_that_cannot_be_read_filters_nothing(four, vic, signed_in, query):
    assert len(listed(signed_in(vic), **query)) == 4


def test_each_filter_that_is_set_can_be_taken_out_by_itself(four, vic, signed_in):
    page = signed_in(vic).get(f"{LIST}?tag=press&country=DE&after=x").content.decode()
    assert 'href="?country=DE">Tag: press' in page
    assert 'href="?tag=press">Country: DE' in page


def test_filters_that_leave_nobody_say_so(four, vic, signed_in):
    assert "Nobody is all of this" in signed_in(vic).get(f"{LIST}?tag=vip&country=DE").content.decode()


def test_those_who_are_ticked_get_a_tag_and_lose_it(four, store, bob, signed_in):
    ana, ben, cleo, dan = four
    browser = signed_in(bob)
    chosen = {"pk": [ana.pk, cleo.pk, dan.pk], "here": "country=DE", "tag": " Gift,  buyer "}
    answer = browser.post(ACT, {**chosen, "verb": "tag"})
    assert (answer.status_code, answer["Location"]) == (303, f"{LIST}?country=DE")
    assert dict(Customer.objects.filter(store=store).values_list("name", "tags")) == {
        "Ana": ["Gift buyer", "press", "vip"], "Ben": ["press"], "Cleo": ["Gift buyer"], "=1+1": ["Gift buyer"],
    }  # fmt: skip
    assert "given to 3 customers" in browser.get(LIST).content.decode()
    browser.post(ACT, {**chosen, "verb": "untag", "pk": [ana.pk, ben.pk]})
    ana.refresh_from_db()
    assert ana.tags == ["press", "vip"]
    assert "taken from 1 customer." in browser.get(LIST).content.decode()


def test_all_of_a_list_are_tagged_whoever_is_ticked(four, other, bob, signed_in):
    signed_in(bob).post(ACT, {"scope": "all", "here": "tag=press", "tag": "mailed", "verb": "tag"})
    assert sorted(Customer.objects.filter(tags__contains=["mailed"]).values_list("name", flat=True)) == ["Ana", "Ben"]


def test_customers_of_another_store_cannot_be_ticked(four, other, bob, signed_in):
    eve = Customer.objects.get(store=other)
    signed_in(bob).post(ACT, {"pk": [eve.pk, "x", "9" * 30], "tag": "hers", "verb": "tag"})
    eve.refresh_from_db()
    assert eve.tags == ["vip"]


def test_those_who_are_ticked_are_put_on_a_list_and_taken_off_again(four, store, mara, bob, signed_in):
    ana, ben, *_ = four
    assert signed_in(bob).post(ACT, {"pk": [ana.pk], "verb": "list", "list_name": "Fair"}).status_code == 403
    browser = signed_in(mara)
    browser.post(ACT, {"pk": [ana.pk], "verb": "list"})
    assert "Choose a list, or name a new one; nothing was changed." in browser.get(LIST).content.decode()
    browser.post(ACT, {"pk": [ana.pk, ben.pk], "verb": "list", "list_name": "Fair", "here": "tag=press"})
    listed = Segment.objects.get(name="Fair")
    assert sorted(listed.memberships.values_list("customer__name", flat=True)) == ["Ana", "Ben"]
    page = browser.get(LIST).content.decode()
    assert "“Fair” has 2 customers more." in page
    assert f'<option value="{listed.pk}">Fair</option>' in page
    act = BulkAct.objects.get()
    assert signed_in(bob).post(f"{ACT}{act.pk}/undo/").status_code == 403
    answer = browser.post(f"{ACT}{act.pk}/undo/", {"here": "tag=press"})
    assert (answer["Location"], listed.memberships.count()) == (f"{LIST}?tag=press", 0)
    browser.post(f"{ACT}{act.pk}/undo/")
    page = browser.get(LIST).content.decode()
    assert "Taken back: 2 customers taken off “Fair”." in page
    assert "This was taken back already; nothing was changed." in page
    assert "Done with many lately" not in page


def test_a_file_of_the_list_holds_no_formula(four, store, mara, bob, signed_in):
    assert signed_in(bob).post(ACT, {"scope": "all", "verb": "export"}).status_code == 403
    Customer.objects.filter(name="Ana").update(birth_month=3, birth_day=14)
    answer = signed_in(mara).post(ACT, {"scope": "all", "verb": "export", "here": ""})
    assert answer["Content-Disposition"] == 'attachment; filename="customers-marlow.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["name"] for row in rows] == ["Ana", "Ben", "Cleo", "'=1+1"]
    assert {key: rows[0][key] for key in ("total_spent", "average_order", "tags", "birthday", "group", "city")} == {
        "total_spent": "250.00", "average_order": "62.50", "tags": "press, vip", "birthday": "'--03-14", "group": "champions",
        "city": "Porto",
    }  # fmt: skip
    assert (rows[2]["orders"], rows[2]["average_order"], rows[2]["stage"]) == ("0", "", "")


def test_a_view_is_kept_shown_as_a_tab_and_removed(four, bob, vic, signed_in):
    browser = signed_in(bob)
    assert "Keep these filters as" not in browser.get(LIST).content.decode()
    assert "Keep these filters as" in browser.get(f"{LIST}?tag=vip").content.decode()
    answer = browser.post(f"{LIST}views/", {"here": "tag=vip&sort=newest&after=zzz&q=", "name": "Our vips", "for_all": "on"})
    assert answer["Location"] == f"{LIST}?tag=vip"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.owner) == ("Our vips", "tag=vip", bob)  # only marketers keep one for everybody
    assert ("Our vips", True) in [tab[1:] for tab in browser.get(f"{LIST}?tag=vip").context["tabs"]]
    assert [tab[1] for tab in signed_in(vic).get(LIST).context["tabs"]] == ["All"]
    browser.post(f"{LIST}views/", {"here": "tag=vip", "name": "Our vips"})
    assert SavedView.objects.count() == 1
    browser.post(f"{LIST}views/{view.pk}/remove/")
    assert not SavedView.objects.exists()


def test_a_view_for_everybody_is_seen_by_all_and_removed_by_marketers(four, mara, bob, alice, vic, signed_in):
    signed_in(mara).post(f"{LIST}views/", {"here": "stage=lost", "name": "Gone", "for_all": "on"})
    view = SavedView.objects.get()
    assert "Gone" in [tab[1] for tab in signed_in(vic).get(LIST).context["tabs"]]
    assert signed_in(bob).post(f"{LIST}views/{view.pk}/remove/").status_code == 403
    assert signed_in(alice).post(f"{LIST}views/{view.pk}/remove/").status_code == 303
    mine = SavedView.objects.create(store=view.store, owner=mara, name="Mine", query="tag=x", created_at=view.created_at)
    assert signed_in(alice).post(f"{LIST}views/{mine.pk}/remove/").status_code == 404
