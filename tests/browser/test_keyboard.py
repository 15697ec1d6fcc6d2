"""What script adds: lists that answer while one types, actions in place, the palette, the keys; and what stays when it fails."""

import gzip
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import expect

from campaigns.models import StepRun
from customers.models import Task
from lifecycle.stylesheets import served
from stores import team
from tests.browser.looking import faults
from tests.browser.test_staff import order, sign_in
from tests.factories.customers import customer
from tests.factories.orders import NOW

__all__ = ["order"]
OF_A_PAGE, OF_ALL = 23_000, 25_000


def test_script_is_small_on_every_page_and_all_together():
    base, own = Path(settings.BASE_DIR), sorted((Path(settings.BASE_DIR) / "static/js").glob("*.js"))
    weights = {path.name: len(gzip.compress(served(f"js/{path.name}").encode())) for path in own}
    asked = {path: set(re.findall(r"js/([\w-]+\.js)", path.read_text())) for path in (base / "templates").rglob("*.html")}
    everywhere = asked.pop(base / "templates/base_staff.html")
    htmx = len(gzip.compress(Path(str(finders.find("django_htmx/htmx-2.min.js"))).read_bytes()))
    heaviest = max(sum(weights[name] for name in names | everywhere) for names in asked.values())
    assert (htmx + heaviest <= OF_A_PAGE, htmx + sum(weights.values()) <= OF_ALL) == (True, True)
    assert everywhere.union(*asked.values()) == set(weights)
    assert [path.name for path in own if len(path.read_text().splitlines()) > 80] == []


def test_a_list_answers_while_one_types_and_back_restores_it(page, order, store, vic):
    customer(store, "bo@example.com", name="Bo Ek")
    sign_in(page, vic)
    page.goto("/s/marlow/customers/")
    box = page.get_by_role("searchbox", name="Name, e-mail or order number")
    box.press_sequentially("ada")
    expect(page.locator(".count span")).to_have_text("1 customer")
    expect(page).to_have_url(re.compile(r"/customers/\?q=ada&sort=newest$"))
    expect(box).to_be_focused()
    expect(page.locator("#heard")).to_have_text("1 customer")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    page.go_back()
    expect(page.locator(".count span")).to_have_text("1 customer")
    expect(page.get_by_role("searchbox", name="Name, e-mail or order number")).to_have_value("ada")
    expect(page.locator(".sidebar")).to_be_visible()


def test_a_mail_is_skipped_in_place_and_focus_stays_in_its_row(page, order, bob):
    sign_in(page, bob)
    page.goto(f"/s/marlow/customers/{order.customer_id}/?show=orders")
    loads = []
    page.on("load", lambda: loads.append(page.url))
    run = StepRun.objects.get(order=order, step_key="tips")
    page.get_by_role("button", name="Skip Usage tips").click()
    expect(page.locator("#status")).to_contain_text("“Usage tips” is skipped.")
    expect(page.locator(f"#run-{run.pk}-release")).to_be_focused()
    assert loads == []
    assert page.url.endswith("?show=orders")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Skip Usage tips")).to_be_visible()


def test_a_note_begun_survives_an_action(page, order, bob):
    sign_in(page, bob)
    page.goto(f"/s/marlow/customers/{order.customer_id}/")
    page.get_by_label("Note for colleagues").fill("Half a sentence")
    page.get_by_role("button", name="Skip Usage tips").click()
    expect(page.locator("#status")).to_contain_text("is skipped")
    expect(page.get_by_label("Note for colleagues")).to_have_value("Half a sentence")


def test_a_task_closes_in_place(page, order, bob):
    sign_in(page, bob)
    page.goto("/s/marlow/tasks/")
    page.get_by_role("button", name="Close Call back, Ada Lovelace").click()
    expect(page.get_by_role("button", name="Close Call back")).to_have_count(0)
    expect(page.locator("#status")).to_contain_text("Closed: Call back.")
    assert Task.objects.get(title="Call back").state == "closed"


def test_the_palette_finds_and_goes(page, order, vic):
    sign_in(page, vic)
    page.goto("/s/marlow/")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Find anything")
    expect(palette.get_by_role("link", name="Customers")).to_be_visible()
    page.keyboard.type("lovelace")
    expect(palette.get_by_role("link", name="Ada Lovelace").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("1001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")


def test_keys_go_move_and_stay_out_of_fields(page, order, vic):
    sign_in(page, vic)
    page.goto("/s/marlow/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")
    page.wait_for_load_state()  # keys are heard once the script runs
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ada Lovelace")).to_be_focused()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Name, e-mail or order number")
    expect(box).to_be_focused()
    page.keyboard.type("gj?")
    expect(box).to_have_value("gj?")
    box.blur()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")


def test_keys_do_nothing_for_who_switched_them_off(page, order, vic):
    vic.shortcuts = False
    vic.save()
    sign_in(page, vic)
    page.goto("/s/marlow/")
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_everything_works_without_script(chromium, live_server, order, bob):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, bob)
    page.goto("/s/marlow/customers/")
    page.get_by_role("searchbox", name="Name, e-mail or order number").fill("ada")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".count span")).to_have_text("1 customer")
    page.get_by_role("link", name="Ada Lovelace").click()
    page.get_by_role("button", name="Skip Usage tips").click()
    expect(page.locator("#status")).to_contain_text("“Usage tips” is skipped.")
    page.goto("/s/marlow/tasks/")
    page.get_by_role("button", name="Close Call back").click()
    expect(page.get_by_role("button", name="Close Call back")).to_have_count(0)
    context.close()


def test_the_open_palette_and_an_invitation_are_accessible(page, order, store, alice):
    _, token = team.invite(store, email="nia@example.com", role="support", by=alice, now=NOW)
    page.goto(f"/invite/{token}/")
    assert faults(page) == []
    sign_in(page, alice)
    page.goto("/s/marlow/")
    page.keyboard.press("Control+k")
    page.keyboard.type("ada")
    expect(page.locator("#palette").get_by_role("link", name="Ada Lovelace").first).to_be_visible()
    assert faults(page) == []
