"""A mail in several languages: a tab for each, begun from words there are, written on its own, and behind once the mail's own change."""

import pytest

from campaigns.models import Flow, Step
from campaigns.writing import drafts
from tests.console.test_flow_editor_page import form_of, html

URL = "/s/marlow/flows/post-purchase/edit/steps/tips/"


@pytest.fixture
def browser(flow, store, mara, signed_in):
    store.languages = ["de", "ar"]
    store.save()
    return signed_in(mara)


def step() -> Step:
    version = drafts.of(Flow.objects.select_related("draft", "version").get())
    assert version is not None
    return version.steps.get(key="tips")


def act(browser, verb: str, language: str = "de", **more: str) -> str:
    return html(browser.post(f"{URL}languages/", {"act": verb, "in": language, **more}, follow=True))


def save(browser, language: str, **changes: str) -> str:
    held = step()
    held.content = held.content["in"][language] if language else held.content
    return html(browser.post(URL, form_of(held, **changes) | {"in": language}, headers={"HX-Request": "true", "HX-Trigger": "step-form"}))


def test_a_language_without_words_says_what_goes_instead_and_begins_with_ours(order, browser):
    page = html(browser.get(f"{URL}?in=de"))
    assert "Whoever speaks German gets this mail in English, all of it." in page
    assert 'id="step-form"' not in page and "Try another wording" not in page
    page = act(browser, "begin", **{"from": "ours"})
    assert "German begins with our words. Change what you want." in page
    assert "Bevor es ankommt" in page and 'name="in" value="de"' in page
    assert step().content["in"]["de"]["blocks"][0]["text"].endswith("Bevor es ankommt{% endif %}")
    frame = html(browser.get("/s/marlow/flows/post-purchase/preview/tips/?of=draft&in=de"))
    assert '<html lang="de"' in frame and "Bevor es ankommt" in frame


def test_writing_in_one_language_leaves_the_others_and_the_mails_own_change_leaves_them_behind(order, browser):
    act(browser, "begin", **{"from": "en"})
    save(browser, "de", subject="Morgen ist es da")
    assert (step().content["subject"].startswith("{{ landing_words }}"), step().content["in"]["de"]["subject"]) == (
        True,
        "Morgen ist es da",
    )
    assert "behind" not in html(browser.get(URL))
    save(browser, "", subject="Tomorrow it is there")
    assert step().content["in"]["de"]["subject"] == "Morgen ist es da"
    page = html(browser.get(f"{URL}?in=de"))
    assert '<span class="badge warning">behind</span>' in page
    assert "The words in English changed since these in German were written." in page
    save(browser, "de", subject="Morgen ist es da")
    assert "behind" in html(browser.get(URL))
    assert "behind" not in act(browser, "right")


def test_a_fault_in_one_language_is_said_and_what_is_taken_out_goes_in_the_mails_own(order, browser):
    act(browser, "begin", **{"from": "en"})
    assert "There is no value &#x27;nobody&#x27;." in save(browser, "de", subject="Hallo {{ nobody }}")
    page = act(browser, "remove")
    assert "German is taken out. The mail goes in English." in page
    assert "in" not in step().content


def test_a_mail_in_arabic_is_shown_from_the_right(order, browser):
    assert "There are no words to do that with." in act(browser, "begin", "ar", **{"from": "fr"})
    act(browser, "begin", "ar", **{"from": "en"})
    save(browser, "ar", subject="طردك في الطريق")
    frame = html(browser.get("/s/marlow/flows/post-purchase/preview/tips/?of=draft&in=ar"))
    assert '<html lang="ar" dir="rtl"' in frame


def test_a_test_is_in_the_open_language_and_a_language_begun_is_undone(order, browser, mailoutbox):
    act(browser, "begin", **{"from": "en"})
    save(browser, "de", subject="Morgen ist es da")
    for language in ("de", ""):
        browser.post(f"{URL}test/", {"act": "send", "me": "on", "in": language, "as": str(order.pk)})
    german, own = (mail.subject for mail in mailoutbox)
    assert (german, "Morgen" in own) == ("[Test] Morgen ist es da", False)
    browser.post("/s/marlow/flows/post-purchase/edit/undo/")
    browser.post("/s/marlow/flows/post-purchase/edit/undo/")
    assert "in" not in step().content
