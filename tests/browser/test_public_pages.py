"""The customers' pages in Chromium: wide and narrow, light and dark, without a script, and by the keyboard alone."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from catalog.models import Pairing, Product, ProductGuide
from customers.models import Customer, Task
from orders.models import Order
from stores import clock, pictures, tokens
from surveys import reviews
from tests.browser.looking import faults
from tests.public.conftest import PLACED, add_parcel, customer, link, order, program  # noqa: F401
from tests.stores.test_logos import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(store, order, link):  # noqa: F811
    """An order on its way, of a product with tips and a pairing, watched by its carrier."""
    cache.clear()
    clock.set_to(PLACED + timedelta(days=2, hours=4))
    kettle = Product.objects.create(store=store, external_id="p", title="Stovetop kettle", url="https://shop.example/kettle")
    filters = Product.objects.create(store=store, external_id="q", title="Paper filters", url="https://shop.example/filters")
    ProductGuide.objects.create(
        store=store, product=kettle, headline="a first brew", tips=["Rinse it.", "Fill it."], mistake="No induction."
    )
    Pairing.objects.create(store=store, product=kettle, suggested=filters, reason="They fit.")
    order.lines.update(product=kettle)
    scans = [[(clock.read() - timedelta(hours=hours)).isoformat(), "in_transit", "Sorted", "Bremen"] for hours in (20, 9, 2)]
    add_parcel(
        order, carrier="DHL", tracking_number="JD0146", tracking_url="https://dhl.example/t", status="in_transit", is_scanned=True,
        shipped_at=PLACED + timedelta(days=1), expected_at=PLACED + timedelta(days=5), lines=["1"], scans=scans,
    )  # fmt: skip
    review = reviews.give(
        reviews.ask(order, now=PLACED), stars=4, text="Pours well.", photos=[pictures.drawn(picture((80, 80)))], now=PLACED
    )
    reviews.show(review)
    return {
        "reviews": "/reviews/marlow/?product=p",
        "review": reverse("public:review", args=[review.token]) + "?change=1",
        "tracker": reverse("public:tracker", args=[order.token]),
        "share": reverse("public:share", args=[link.token]),
        "friend": reverse("public:friend", args=[link.token]),
        "preferences": reverse("public:preferences", args=[order.customer.token]),
        "thanks": f"/thanks/marlow/?order=1042&key={tokens.signature(store.thanks_key, '1042')}",
    }


def test_every_page_reads_well_wide_and_narrow_in_both_themes(page, world):
    for address in world.values():
        page.goto(address)
        for summary in page.query_selector_all("summary"):
            summary.click()
        assert faults(page) == []


def test_without_a_script_everything_can_be_said_and_asked(chromium, live_server, world):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(world["tracker"])
    page.click("summary:has-text('Change something')")
    page.check("input[value=address]")
    page.fill("#words", "Rua Nova 1, Porto")
    page.click("button:text-is('Ask')")
    assert "the shop will confirm it" in page.inner_text("main")
    assert Task.objects.get().detail == "Rua Nova 1, Porto"
    page.click("button:text-is('It arrived')")
    assert page.inner_text("h1").startswith("Delivered today")
    page.goto(world["preferences"])
    page.uncheck("input[value=questions]")
    page.click("button:text-is('Save')")
    assert "Saved. It works at once." in page.inner_text("main")
    assert Customer.objects.get().declined_topics == ["questions"]
    page.goto(world["thanks"])
    page.click("button:text-is('A friend told me')")
    assert "Thank you, that helps us." in page.inner_text("main")
    context.close()


def test_by_the_keyboard_alone(page, world):
    page.goto(world["tracker"])
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "It arrived":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/?arrived")
    assert Order.objects.get().received_by == "the customer"
    page.goto(world["preferences"])
    page.focus("input[value=offers]")
    page.keyboard.press("Space")
    page.focus("button[value=save]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?saved=1")
    assert Customer.objects.get().marketing == "subscribed"


def test_the_tracker_brings_itself_up_to_date(page, world):
    page.clock.install()
    page.goto(world["tracker"])
    Order.objects.get().shipments.update(status="out_for_delivery")
    page.clock.run_for(61_000)
    page.wait_for_selector("#parcels >> text=Out for delivery")
