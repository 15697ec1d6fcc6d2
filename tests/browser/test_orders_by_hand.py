"""Marking an order by hand in a real browser: nothing is loaded anew, and what was done stays as long as one has chosen."""

from playwright.sync_api import Page, expect

from stores.models import User
from tests.browser.test_staff import order, sign_in

__all__ = ["order"]


def test_support_marks_an_order_as_shipped_and_undoes_it(page: Page, order, bob):
    User.objects.filter(pk=bob.pk).update(toast_seconds=0)
    sign_in(page, bob)
    page.goto(f"/s/marlow/orders/{order.pk}/")
    page.evaluate("window.same = true")
    page.get_by_text("Mark as shipped").click()
    page.get_by_label("Carrier").fill("DHL")
    page.get_by_role("button", name="It has left the shop").click()
    expect(page.get_by_text("Marked as shipped by Bob,")).to_be_visible()
    toast = page.locator("#status .toast")
    expect(toast).to_contain_text("is marked as shipped.")
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
    page.get_by_role("button", name="Undo shipped").click()
    expect(page.get_by_text("No parcel yet.")).to_be_visible()
    assert page.evaluate("window.same") is True


def test_a_hold_until_a_day_that_cannot_be_says_so_in_its_place(page: Page, order, bob):
    sign_in(page, bob)
    page.goto(f"/s/marlow/customers/{order.customer_id}/")
    page.get_by_text("Hold all mails").click()
    page.get_by_label("Or until").fill("2020-01-01")
    page.get_by_role("button", name="Hold until this day").click()
    expect(page.locator("#until-error")).to_contain_text("1 January 2020 is not ahead for this customer.")
    expect(page.get_by_label("Or until")).to_be_focused()
    page.get_by_label("Or until").fill("2026-03-20")
    page.get_by_role("button", name="Hold until this day").click()
    expect(page.locator("#status")).to_contain_text("are on hold until Friday 20 March 2026, 08:00")
    expect(page.get_by_role("button", name="Release all holds")).to_be_visible()
