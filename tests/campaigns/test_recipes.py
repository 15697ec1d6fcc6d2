"""The five mails as they are shipped: complete, short, harmless, and installed once."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import decisions, recipes, values
from campaigns.models import Flow, FlowVersion, Step
from campaigns.recipes import post_purchase
from campaigns.variables import VARIABLES
from messaging import rendering
from offers.models import Offer
from stores import clock
from surveys.models import Survey
from tests.campaigns import naughty, recipe_mails
from tests.campaigns.mail_facts import STORE, arrived
from tests.messaging.test_rendering import assert_balanced
from tests.thoroughness import examples

NAUGHTY = Path(__file__).parents[3] / "shared/data/nasty/naughty_strings.json"
MAILS = {step["key"]: step for step in post_purchase.STEPS}
TITLES = tuple(f"Thing number {number}" for number in range(12))


def mail(key, **more):
    return recipe_mails.drawn(post_purchase.KEY, key, **more)


@pytest.mark.parametrize("key", MAILS)
def test_saving_finds_nothing_wrong(key):
    assert rendering.check(MAILS[key]["content"], known=VARIABLES) == []


@pytest.mark.parametrize(
    ("key", "subject", "nameless"),
    [
        ("confirmation", "Got it, Ana. Arriving around Monday", "Got it. Arriving around Monday"),
        ("tips", "Landing tomorrow: 3 steps to a first brew", None),
        ("goes-well", "Goes well with your Copper Kettle", None),
        ("check-in", "How is life with your Copper Kettle?", None),
        ("thanks", "Thanks: €10 off, until Sunday 29 November", None),
    ],
)
def test_subjects_are_facts_and_short(key, subject, nameless):
    assert mail(key).subject == subject
    assert mail(key, name="").subject == (nameless or subject)
    assert len(subject) <= 45


@pytest.mark.parametrize("key", MAILS)
@pytest.mark.parametrize(
    "more", [{}, {"name": ""}, {"titles": TITLES}, {"name": "نجيب"}, {"currency": "KWD"}], ids=["rich", "nameless", "12", "rtl", "kwd"]
)
def test_each_mail_is_whole(key, more):
    drawn = mail(key, **more)
    assert '<html lang="en" dir="ltr"' in drawn.html
    assert drawn.html.count("<h1") == 1
    assert len(drawn.html.encode()) <= 25_000
    assert ("https://mail.example/u/messagetoken/" in drawn.html) is (key != "confirmation")
    assert "https://mail.example/p/customertoken/" in drawn.html
    assert "Jo at Marlow &amp; Finch" in drawn.html
    assert not re.search(r"\{\{|\{%|lq[0-9a-f]{8}n|None(?! of)|Liquid error", drawn.html + drawn.text + drawn.subject)
    assert not re.search(r" [.,:;]|\s,|\(\)|  ", drawn.text)
    assert_balanced(drawn.html)


@pytest.mark.parametrize("key", MAILS)
def test_the_preview_line_adds_to_the_subject(key):
    drawn = mail(key)
    preview = re.search(r"mso-hide:all\">([^<\u034f]+)", drawn.html)
    assert preview
    assert 40 <= len(preview[1].strip()) <= 90
    assert preview[1] not in drawn.subject


@pytest.mark.parametrize(("key", "buttons"), [("confirmation", 1), ("tips", 1), ("goes-well", 0), ("check-in", 0), ("thanks", 1)])
def test_one_button_a_mail(key, buttons):
    assert mail(key).html.count('class="ba"') == buttons


def test_the_confirmation_sells_only_to_those_who_may_get_marketing():
    assert "Paper filters" in mail("confirmation").html
    quiet = mail("confirmation", may_get_marketing=False)
    assert "Paper filters" not in quiet.html + quiet.text
    assert "Goes well" not in quiet.html + quiet.text


def test_the_confirmation_of_a_download_speaks_of_no_parcel():
    text = mail("confirmation", kind="digital").text
    assert not re.search("Arriving|goes to|Returns|step 1", text)


def test_tips_that_come_after_the_parcel_say_so():
    step = MAILS["tips"]
    compiled = rendering.compile_mail(step["content"], brand=rendering.brand_of(STORE), purpose="service")
    late = compiled.render(values.values(arrived()))
    assert late.subject == "Now that it is here: 3 steps to a first brew"
    assert "on its way" not in late.text
    assert "See where it is" not in late.text


def test_the_texts_read_as_letters():
    assert mail("thanks").text.startswith(
        "Thank you, Ana\n\nYour order made a small shop’s week. Here is a thank-you for the next\none: €10 off.\n\n"
        "€10 off\nCode: THANKS-4F7K\nGood until Sunday 29 November, 23:59 Berlin time.\n\n"
        "Use it in the shop:\nhttps://shop.example/?code=THANKS-4F7K\n\n"
    )


@pytest.mark.parametrize("more", [{}, {"order_place": 1}, {"program": None}], ids=["second order", "first order", "no referrals"])
def test_the_thanks_ask_who_came_back_to_bring_a_friend_and_leave_no_gap_for_the_others(more):
    drawn = mail("thanks", **more)
    asked = "---\n\nKnow somebody who would like it here? 10% off for them, €10 off for you.\n\nGet your link:\nhttps://mail.example/b/"
    assert (asked in drawn.text, drawn.html.count('class="l dv"'), "/b/customertoken/" in drawn.html) == (not more, not more, not more)
    assert drawn.text.count("---") == 2 - bool(more)


def _naughty():
    if not NAUGHTY.exists():
        return []
    return [text for text in json.loads(NAUGHTY.read_text()) if text]


def with_everywhere(key: str, text: str) -> rendering.Rendered:
    return recipe_mails.drawn_of(post_purchase.KEY, key, naughty.everywhere(recipe_mails.seen(key), text))


@pytest.mark.parametrize("key", MAILS)
def test_naughty_strings_stay_text_in_every_field(key):
    naughty.assert_stays_words(lambda text: with_everywhere(key, text), [*naughty.INJECTIONS, *_naughty()])


@settings(max_examples=examples(100), deadline=None)
@given(text=st.text(min_size=1, max_size=80) | st.text("<>\"'&{}%/=!- ab\u202e", min_size=1, max_size=80))
def test_anything_at_all_stays_text_in_every_field(text):
    naughty.assert_stays_words(lambda said: with_everywhere("confirmation", said), [text])


def test_every_condition_is_one_that_is_judged():
    assert {name for step in post_purchase.STEPS for name in step.get("conditions", ())} <= set(decisions.CONDITIONS)


def test_installing_makes_a_draft_with_its_steps(store):
    now = clock.read()
    flow = recipes.install(store, "post-purchase", now=now)
    assert flow.version
    assert (flow.state, flow.name, flow.version.number, flow.version.trigger) == ("draft", "Post-purchase, 5 mails", 1, "order.placed")
    steps = {step.key: step for step in flow.version.steps.all()}
    assert list(steps) == ["confirmation", "tips", "goes-well", "check-in", "thanks"]
    assert [step.offset_hours for step in steps.values()] == [0, 24, 96, 168, 336]
    assert steps["confirmation"].may_be_the_shops
    assert steps["thanks"].offer == Offer.objects.get(store=store, name="Thanks", kind=Offer.Kind.SHARED, code="")
    assert steps["tips"].offer is None
    assert Survey.objects.get(store=store).key == "check-in"


def test_installing_twice_changes_nothing(store, other):
    now = clock.read()
    first = recipes.install(store, "post-purchase", now=now)
    assert recipes.install(store, "post-purchase", now=now).pk == first.pk
    recipes.install(other, "post-purchase", now=now)
    assert (Flow.objects.count(), FlowVersion.objects.count(), Step.objects.count(), Offer.objects.count()) == (2, 2, 10, 2)


def test_an_unknown_recipe_is_refused(store):
    with pytest.raises(recipes.UnknownRecipe, match="post-purchase"):
        recipes.install(store, "nope", now=clock.read())
    assert not Flow.objects.exists()
