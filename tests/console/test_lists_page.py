"""Home, customers, orders, tasks, messages and search: what they list, for whom."""

import re

import pytest

from catalog.models import Product
from customers import tasks_for_staff
from customers.models import Task
from messaging.models import Message
from tests.factories.customers import customer
from tests.factories.orders import NOW, place

LISTS = ["", "customers/", "orders/", "answers/", "tasks/", "messages/", "products/", "offers/", "flows/", "search/?q=ada"]


@pytest.mark.parametrize("path", LISTS)
def test_a_viewer_reads_every_list(order, vic, signed_in, path):
    answer = signed_in(vic).get(f"/s/marlow/{path}")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-cache"
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("path", [*LISTS, "connections/", "connections/inputs/", "keys/", "settings/"])
def test_a_stranger_learns_nothing(order, mallory, signed_in, path):
    assert signed_in(mallory).get(f"/s/marlow/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "customers/", "settings/"])
def test_who_is_not_signed_in_goes_to_the_door(order, client, path):
    answer = client.get(f"/s/marlow/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_home_counts_what_needs_a_person(order, bob, signed_in):
    tasks_for_staff.open_task(order.customer, kind="call", key="call:1", title="Call back", due_at=NOW, now=NOW)
    page = signed_in(bob).get("/s/marlow/").content.decode()
    assert '<a href="/s/marlow/tasks/"><span class="big">1</span>open task</a>' in page
    assert "Going out next" in page
    assert "Ada Lovelace" in page


@pytest.mark.parametrize("words", ["ada", "ADA@example", "#1001", "1001"])
def test_finds_a_customer_by_name_address_or_order_number(order, vic, signed_in, words):
    page = signed_in(vic).get("/s/marlow/customers/", {"q": words}).content.decode()
    assert "Ada Lovelace" in page
    assert "1 customer<" in page


def test_says_how_to_get_out_of_an_empty_search(order, vic, signed_in):
    page = signed_in(vic).get("/s/marlow/customers/", {"q": "nobody"}).content.decode()
    assert "Nobody found" in page
    assert "Show all customers" in page


@pytest.mark.parametrize("sort", ["newest", "name", "last_order", "orders", "spent"])
def test_pages_through_all_customers_once_and_back(store, vic, signed_in, sort):
    made = {customer(store, f"buyer{number}@example.com", name=f"Buyer {number % 7}").pk for number in range(120)}
    browser, seen, url = signed_in(vic), [], f"/s/marlow/customers/?sort={sort}"
    for _ in range(3):
        context = browser.get(url).context
        seen += [row["customer"].pk for row in context["rows"]]
        url = f"/s/marlow/customers/?sort={sort}&after={context['page'].older}"
    assert len(seen) == 120
    assert set(seen) == made
    back = browser.get(f"/s/marlow/customers/?sort={sort}&before={context['page'].newer}").context["rows"]
    assert [row["customer"].pk for row in back] == seen[50:100]


def test_a_cursor_that_was_tampered_with_means_the_first_page(order, vic, signed_in):
    for cursor in ("x", "WzEsMl0", "W251bGwsIDFd", "%00"):
        assert signed_in(vic).get(f"/s/marlow/customers/?after={cursor}").status_code == 200


def test_orders_are_found_by_tab(order, store, vic, signed_in):
    place(
        store,
        "1002",
        shipments=[{"external_id": "s1", "status": "in_transit", "shipped_at": "2026-03-01T11:30:00Z"}],
        fulfillment_status="fulfilled",
    )
    page = signed_in(vic).get("/s/marlow/orders/?state=under-way").content.decode()
    assert "#1002" in page
    assert "#1001" not in page
    assert "1 order<" in page


def test_an_order_shows_items_parcels_and_mails(order, vic, signed_in):
    page = signed_in(vic).get(f"/s/marlow/orders/{order.pk}/").content.decode()
    assert "1 × " in page
    assert "€59.90" in page
    assert "Usage tips" in page
    assert f"/t/{order.token}/" in page


def test_closes_a_task_and_opens_it_again(order, bob, signed_in):
    task = tasks_for_staff.open_task(order.customer, kind="call", key="call:1", title="Call back", due_at=NOW, now=NOW)
    browser = signed_in(bob)
    browser.post(f"/s/marlow/tasks/{task.pk}/close/")
    assert Task.objects.get().state == "closed"
    assert "Call back" in browser.get("/s/marlow/tasks/?state=closed").content.decode()
    browser.post(f"/s/marlow/tasks/{task.pk}/reopen/")
    assert Task.objects.get().state == "open"


def test_shows_the_exact_copy_of_a_mail(order, vic, mallory, signed_in):
    mail = Message.objects.create(
        store=order.store, customer=order.customer, order=order, dedupe_key="m1", purpose="service", is_urgent=False, state="unknown",
        to_email="ada@example.com", from_email="hello@marlow.example",
        subject="Your <kettle>", html="<p>Hi</p><script>1</script>", text="Hi",
        created_at=NOW, due_at=NOW, use_by=NOW,
    )  # fmt: skip
    url, browser = f"/s/marlow/customers/{order.customer_id}/mails/{mail.pk}/", signed_in(vic)
    page = browser.get(url).content.decode()
    assert "Your &lt;kettle&gt;" in page
    assert "Outcome unknown" in page
    frame = browser.get(f"{url}html/")
    assert frame.content.decode() == mail.html
    assert frame["Content-Security-Policy"].startswith("sandbox;")
    assert "Your &lt;kettle&gt;" in browser.get("/s/marlow/messages/?state=unknown").content.decode()
    assert signed_in(mallory).get(f"{url}html/").status_code == 404


def test_products_go_on_where_the_last_page_ended_gaps_and_best_sellers_first(order, store, kettle, vic, signed_in):
    """The kettle sold, but has its tips: sixty products without any come before it."""
    Product.objects.bulk_create(Product(store=store, external_id=f"x{n}", title=f"Thing {n:02}") for n in range(60))
    browser = signed_in(vic)
    first = browser.get("/s/marlow/products/").content.decode()
    older = re.search(r'href="(\?after=[^"]+)"', first)
    assert older
    rest = browser.get("/s/marlow/products/" + older[1]).content.decode()
    names = re.findall(r">(Thing \d\d|Kettle)</a>", first) + re.findall(r">(Thing \d\d|Kettle)</a>", rest)
    assert (names[-1], len(names), len(set(names))) == ("Kettle", 61, 61)
    assert "61 products" in rest


def test_a_state_no_mail_can_be_in_is_said_and_shows_all(order, vic, signed_in):
    page = signed_in(vic).get("/s/marlow/messages/?state=weird").content.decode()
    assert "No mail can be “weird”, so mails of every state are shown." in page
    assert "No mail can be" not in signed_in(vic).get("/s/marlow/messages/?state=sent").content.decode()


def test_a_task_shows_the_order_as_it_stands_and_leads_to_it_or_to_its_mail(order, bob, signed_in):
    for kind, key in (("wish", "wish:cancel"), ("unknown", "unknown:7")):
        tasks_for_staff.open_task(order.customer, kind=kind, key=key, title=kind, order_number=str(order), due_at=NOW, now=NOW)
    page = signed_in(bob).get("/s/marlow/tasks/").content.decode()
    assert page.count(f'<a href="/s/marlow/orders/{order.pk}/">#1001</a><br><span class="soft small">paid, not shipped') == 2
    assert f'<a href="/s/marlow/customers/{order.customer_id}/mails/7/">unknown</a>' in page
