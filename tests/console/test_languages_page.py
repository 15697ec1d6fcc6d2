"""Settings, Languages: what is offered, how far the flows have words in it, and ours for the mails that say what a recipe says."""

import pytest

from campaigns import recipes, translating
from campaigns.models import Flow
from campaigns.writing import drafts, taught
from messaging import rendering
from stores import clock
from stores.models import SettingChange

URL = "/s/marlow/settings/languages/"


@pytest.fixture
def browser(flow, mara, signed_in):
    return signed_in(mara)


def offer(browser, *codes: str, own: str = "en") -> str:
    answer = browser.post(URL, {"language": own, "languages": codes}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_is_offered_is_kept_and_noted_and_each_flow_says_how_many_of_its_mails_go_out_so(store, browser):
    page = offer(browser, "de")
    store.refresh_from_db()
    assert (store.language, store.languages) == ("en", ["de"])
    assert [change.after for change in SettingChange.objects.filter(what="Also offered")] == ["German"]
    assert "0 of 5" in page and "All go in your shop’s language" in page
    assert "Take our words for 5 mails" in page


def test_the_shops_own_language_is_none_to_tick_and_stays_offered_once_it_is_another(store, browser):
    offered = browser.get(URL).context["form"].fields["languages"].choices
    assert [code for code, _ in offered] == ["ar", "de", "es", "fr", "pt-BR"]
    offer(browser, "fr", "de", own="de")
    store.refresh_from_db()
    assert (store.language, store.languages) == ("de", ["en", "fr"])
    assert [code for code, _ in browser.get(URL).context["form"].fields["languages"].choices] == ["en", "ar", "es", "fr", "pt-BR"]


def test_our_words_come_into_the_drafts_of_mails_that_say_what_a_recipe_says(store, browser, mara):
    offer(browser, "de")
    flow, now = Flow.objects.select_related("version", "draft").get(), clock.read()
    step = drafts.begin(flow, now=now).steps.get(key="tips")
    changed = {**step.content, "subject": "Our own subject"}
    drafts.edit(flow, "tips", revision=step.revision, changes={"content": changed}, by=mara, now=now)
    answer = browser.post(f"{URL}teach/", {"language": "de"}, follow=True).content.decode()
    assert "4 mails can be read in German now. Publish the changes of 1 flow, and they go out so." in answer
    assert "4 of 5" in answer and "Some go in your shop’s language" in answer
    flow.refresh_from_db()
    assert flow.draft is not None and flow.version is not None
    steps = {each.key: rendering.languages(each.content) for each in flow.draft.steps.all()}
    assert (steps["confirmation"], steps["tips"]) == (["en", "de"], ["en"])
    assert {len(rendering.languages(each.content)) for each in flow.version.steps.all()} == {1}
    assert "Take our words" not in answer


def test_a_language_that_is_not_offered_is_not_taught(store, browser):
    answer = browser.post(f"{URL}teach/", {"language": "fr"}, follow=True).content.decode()
    assert "That language is not offered." in answer
    assert Flow.objects.get().draft is None


def test_a_mail_whose_own_words_changed_is_behind_in_the_others(store):
    store.languages = ["fr"]
    store.save()
    recipes.install(store, "birthday", now=clock.read())
    [row] = taught.of(store, ["fr"])
    assert (row.mails, row.written, row.behind, row.missing, row.ours) == (1, 1, 0, "", 0)
    assert row.flow.version is not None
    step = row.flow.version.steps.get()
    step.content = {**step.content, "subject": "Many happy returns"}
    step.save()
    assert [each.behind for each in taught.of(store, ["fr"])] == [1]
    step.content = translating.confirmed(step.content, "fr")
    step.save()
    assert [each.behind for each in taught.of(store, ["fr"])] == [0]
    assert rendering.languages(translating.without(step.content, "fr")) == ["en"]
