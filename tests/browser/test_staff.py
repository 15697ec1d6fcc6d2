"""The merchant's paths in a real browser."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from campaigns import flows, recipes, triggers
from catalog.models import Product, ProductGuide
from customers import tasks_for_staff
from stores.models import User
from surveys import answers
from tests.browser.looking import faults
from tests.factories.integrations import connect, refused
from tests.factories.orders import NOW, place

PAGES = [
    "/stores/?all", "/me/", "/help/keys/", "/styleguide/", "/styleguide/?theme=dark", "", "flows/", "flows/post-purchase/",
    "flows/post-purchase/activate/", "flows/post-purchase/people/", "flows/post-purchase/steps/tips/",
    "flows/post-purchase/steps/tips/?view=inbox", "flows/post-purchase/steps/confirmation/?view=dark&case=twelve-items", "customers/",
    "customers/{customer}/", "orders/", "orders/{order}/", "tasks/", "messages/",
    "messages/?days=30&outcome=bounced", "analytics/deliverability/?days=7", "analytics/engagement/", "settings/actions/",
    "products/", "products/{product}/", "offers/",
    "connections/", "connections/inputs/", "keys/", "settings/", "settings/sender/", "settings/sending/",
    "settings/domain/", "settings/team/", "settings/languages/", "flows/post-purchase/edit/steps/tips/?in=de",
    "search/?q=ada", "search/?q=zzzz", "customers/?q=nobody", "customers/{customer}/?until=soon", "reviews/pages/",
    "answers/", "answers/?score=high",
    "suppressions/", "settings/accounts/", "settings/accounts/new/", "/status/", "/api/v1/docs",
]  # fmt: skip


@pytest.fixture
def order(live_server, store, travel):
    """A live flow in two languages, an order in it, an open task, a product with tips and one failed input."""
    travel(NOW)
    store.languages = ["de", "ar"]
    store.save()
    flows.activate(recipes.install(store, "post-purchase", now=NOW - timedelta(days=30)), now=NOW - timedelta(days=30))
    kettle = Product.objects.create(store=store, external_id="p1", title="Kettle", price_minor=5990, currency="EUR")
    ProductGuide.objects.create(store=store, product=kettle, tips=["Rinse it."], headline="a first brew")
    order = place(store)
    triggers.read(now=NOW)
    response = answers.ask("check-in", store=store, customer=order.customer, order=order, now=NOW)
    answers.answer(response, score=1, comment="It leaks.", now=NOW)
    tasks_for_staff.open_task(order.customer, kind="call", key="call:1", title="Call back", due_at=NOW, now=NOW)
    refused(connect(store))
    return order


def sign_in(page: Page, user: User) -> None:
    """Give the window a session; who types a password does so in `test_setup` and `test_failures`."""
    known = Client()
    known.force_login(user)
    session = known.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "domain": "localhost", "path": "/"}])


def test_every_page_is_accessible_in_both_themes_wide_and_narrow_and_keeps_the_content_policy(page, order, alice):
    sign_in(page, alice)
    page.add_init_script("window.broken = []; addEventListener('securitypolicyviolation', (e) => broken.push(e.violatedDirective))")
    ids = {"customer": order.customer_id, "order": order.pk, "product": Product.objects.get(external_id="p1").pk}
    found, broken = [], []
    for path in PAGES:
        page.goto(path if path.startswith("/") else f"/s/marlow/{path.format(**ids)}")
        broken += [(path, directive) for directive in page.evaluate("broken")]
        found += faults(page)
    assert (found, broken) == ([], [])


def test_the_signed_out_pages_are_accessible(page, db):
    for path in ("/login/", "/login/code/", "/password/reset/"):
        page.goto(path)
        assert faults(page) == []


def test_support_skips_a_mail_and_takes_it_back(page, order, bob):
    sign_in(page, bob)
    page.goto("/s/marlow/")
    page.get_by_label("Customer, address or order number").first.fill("1001")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ada Lovelace").first.click()
    page.get_by_role("button", name="Skip Usage tips").click()
    expect(page.locator("#status")).to_contain_text("“Usage tips” is skipped.")
    page.get_by_role("button", name="Undo Usage tips").click()
    expect(page.get_by_role("button", name="Skip Usage tips")).to_be_visible()


def test_the_preview_shows_the_mail_and_runs_nothing(page, order, vic):
    sign_in(page, vic)
    page.goto("/s/marlow/flows/post-purchase/")
    page.get_by_role("link", name="2 · Usage tips").click()
    frame = page.frame_locator("iframe.mail-frame")
    expect(frame.get_by_text("Rinse it.").first).to_be_visible()
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.frame_locator("iframe.mail-frame").locator("pre")).to_contain_text("Rinse it.")


def test_the_menu_opens_on_a_phone_without_script(page, order, vic):
    sign_in(page, vic)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/s/marlow/")
    page.get_by_text("Menu").click()
    page.get_by_role("navigation", name="Pages (top)").get_by_role("link", name="Customers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")
