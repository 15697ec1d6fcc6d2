"""What helps while a flow is written: undo and redo, tests of a mail, and reading it as any customer."""

import re
from html import unescape

import pytest
from django.core.cache import cache

from campaigns import recipes
from campaigns.writing.models import Proofreader
from messaging.models import Message
from orders.models import Cart
from stores import clock
from tests.console.test_flow_editor_page import EDIT, form_of, html, step
from tests.factories.customers import customer
from tests.factories.orders import place


@pytest.fixture
def browser(flow, mara, signed_in):
    return signed_in(mara)


def test_a_change_is_undone_and_done_again_from_beside_the_line(order, browser):
    assert 'id="undo"' not in html(browser.get(EDIT))
    browser.post(f"{EDIT}remove/", {"step": "tips"})
    assert "“Usage tips” is taken out, by Mara" in html(browser.get(EDIT))
    assert "Undone: “Usage tips” is taken out." in html(browser.post(f"{EDIT}undo/", follow=True))
    assert step("tips").name == "Usage tips"
    page = html(browser.get(EDIT))
    assert ('id="undo"' in page, 'id="redo"' in page, "Nothing changed yet" in page) == (False, True, True)
    browser.post(f"{EDIT}redo/")
    assert "Taken out" in html(browser.get(EDIT))
    assert "There is nothing to do again." in html(browser.post(f"{EDIT}redo/", follow=True))


def test_a_test_goes_to_those_who_are_ticked_in_the_wording_on_the_page_and_is_counted_nowhere(order, browser, store, mara, mailoutbox):
    address, acts = f"{EDIT}steps/tips/", f"{EDIT}steps/tips/test/"
    browser.post(f"{EDIT}steps/tips/wordings/", {"act": "add"})
    browser.post(address, form_of(step("tips"), subject="Four steps", wording="b"))
    assert "Write an address like name@example.com." in html(browser.post(acts, {"act": "add", "email": "jo"}, follow=True))
    page = html(browser.post(acts, {"act": "add", "email": " Jo@Example.com "}, follow=True))
    jo = Proofreader.objects.get()
    assert f'value="remove:{jo.pk}"' in page
    said = {"act": "send", "me": "on", "tester": [str(jo.pk), "999"], "wording": "b", "as": str(order.pk)}
    assert "on its way to mara@" in html(browser.post(acts, said, follow=True))
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [
        ("[Test] Four steps", [f"Mara <{mara.email}>"]),
        ("[Test] Four steps", [jo.email]),
    ]
    assert not Message.objects.exists()
    assert "Tick who is to get the test" in html(browser.post(acts, {"act": "send"}, follow=True))
    browser.post(acts, {"act": f"remove:{jo.pk}"})
    assert not Proofreader.objects.exists()


def test_the_mail_is_read_as_any_customer_and_made_hard(order, browser, store):
    place(store, "#77", customer={"external_id": "c2", "email": "zoe@example.com", "name": "Zoë Quill"})
    page = html(browser.get(f"{EDIT}steps/tips/?q=lovelace&view=inbox&case=no-name"))
    assert "Ada Lovelace" in page
    assert "Zoë Quill" not in page
    assert 'class="inbox-row"' in page
    page = html(browser.get(f"{EDIT}steps/tips/?q=nobody", headers={"HX-Request": "true"}))
    assert "No order has these words in it." in page
    assert page.lstrip().startswith("<section") or 'id="preview"' in page


def read(browser, url: str) -> tuple[str, str]:
    """Return a step's page, and the mail in its frame."""
    page = html(browser.get(url))
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert frame
    return page, unescape(html(browser.get(unescape(frame[1]))))


def test_a_mail_about_no_order_is_read_as_anybody_also_as_who_bought_nothing(flow, browser, store, mailoutbox):
    for key in ("birthday", "abandoned-cart"):
        recipes.install(store, key, now=clock.read())
    assert "Ana Ribeiro</bdi> (made up)" in read(browser, "/s/marlow/flows/birthday/edit/steps/greeting/")[0]
    place(store, customer={"external_id": "c9", "email": "zoe@example.com", "name": "Zoë Quill"})
    ines = customer(store, "ines@example.com", name="Ines Vale", first_name="Ines")
    url = "/s/marlow/flows/birthday/edit/steps/greeting/"
    assert "Zoë" in read(browser, url)[1]  # who ordered last has more to show
    page, mail = read(browser, f"{url}?q=ines")
    assert f"as=c{ines.pk}&amp;view=phone" in page
    assert "Ines" in mail and "Zoë" not in mail
    assert ("case=no-name" in page, "case=twelve-items" in page) == (True, False)
    browser.post(f"{url}test/", {"act": "send", "me": "on", "as": f"c{ines.pk}"})
    assert "Ines" in mailoutbox[0].body
    assert "Zoë" in read(browser, f"{url}?as=c{ines.pk}999")[1]  # nobody of that number
    left = {"total_minor": 2400, "currency": "EUR", "started_at": clock.read(), "updated_at": clock.read()}
    cart = Cart.objects.create(store=store, customer=ines, external_id="k1", lines=[{"name": "Blue teapot", "quantity": 1}], **left)
    mail = read(browser, f"/s/marlow/flows/abandoned-cart/steps/left-behind/?as=c{ines.pk}")[1]
    assert "Blue teapot" in mail and cart.token not in mail


def test_the_frame_shows_the_mail_that_was_drawn_while_one_typed_whoever_is_asked_for_it(order, browser, mallory, other, signed_in):
    def frame_of(subject: str) -> str:
        said = form_of(step("tips"), subject=subject)
        page = html(browser.post(f"{EDIT}steps/tips/", said, headers={"HX-Request": "true", "HX-Trigger": "step-form"}))
        found = re.search(r'<iframe[^>]* src="([^"]+)"', page)
        assert found
        return unescape(found[1])

    browser.post(f"{EDIT}off/", {"step": "thanks"})
    first, second = frame_of("One"), frame_of("Two")
    assert [("<title>One" in html(browser.get(each)), "<title>Two" in html(browser.get(each))) for each in (first, second)] == [
        (True, False), (False, True)
    ]  # fmt: skip
    assert signed_in(mallory).get(first.replace("/marlow/", "/other/")).status_code == 404
    cache.clear()
    assert "<title>Two" in html(browser.get(first))
