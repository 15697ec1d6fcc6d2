"""Every recipe beside the five mails as it is shipped: complete, short, harmless, and true of whom it is sent to."""

import re
from dataclasses import replace

import pytest

from campaigns import decisions, leaving, recipes, triggers, values
from campaigns.filters import holds
from campaigns.recipes import post_purchase
from campaigns.variables import VARIABLES
from messaging import rendering
from tests.campaigns import naughty, recipe_mails
from tests.campaigns.recipe_mails import alone, with_cart
from tests.campaigns.recipe_mails import drawn as mail
from tests.messaging.test_rendering import assert_balanced

STEPS = {key: step for key, step in recipe_mails.STEPS.items() if key[0] != post_purchase.KEY}
ABOUT_ORDERS = ("order-status", "review-request", "out-of-stock", "lessons", "onboarding-call", "account-invitation")
NAMED = [pytest.param(*key, id="/".join(key)) for key in STEPS]


def test_who_never_bought_is_not_called_a_customer():
    def because(facts) -> str:
        said: str = values.values(facts)["because"]
        return said.removeprefix("You get this because ")

    assert because(replace(alone(), last_item="")) == "you gave Marlow & Finch your address."
    assert because(replace(alone(), last_item="", has_subscribed=True)) == "you asked to hear from Marlow & Finch."
    assert because(replace(with_cart(), has_subscribed=False)) == "you began an order at Marlow & Finch."


@pytest.mark.parametrize(("recipe", "key"), NAMED)
def test_saving_finds_nothing_wrong(recipe, key):
    assert rendering.check(STEPS[recipe, key]["content"], known=VARIABLES) == []


@pytest.mark.parametrize(("recipe", "key"), NAMED)
@pytest.mark.parametrize("more", [{}, {"name": ""}, {"name": "نجيب"}, {"currency": "KWD"}], ids=["rich", "nameless", "rtl", "kwd"])
def test_each_mail_is_whole_and_short(recipe, key, more):
    drawn = mail(recipe, key, **more)
    assert 8 <= len(drawn.subject) <= 45, drawn.subject
    assert drawn.html.count("<h1") == 1
    assert len(drawn.html.encode()) <= 25_000
    assert drawn.html.count('class="ba"') <= 1
    assert "Jo at Marlow &amp; Finch" in drawn.html
    assert not re.search(r"\{\{|\{%|lq[0-9a-f]{8}n|None(?! of)|Liquid error", drawn.html + drawn.text + drawn.subject)
    assert not re.search(r" [.,:;]|\s,|\(\)|  |, ,|\.\.", drawn.text)
    preview = re.search(r"mso-hide:all\">([^<\u034f]+)", drawn.html)
    assert preview and 40 <= len(preview[1].strip()) <= 90, preview
    assert_balanced(drawn.html)


@pytest.mark.parametrize(
    ("recipe", "key", "subject"),
    [
        ("order-status", "shipped", "It left us: arriving tomorrow"),
        ("order-status", "out-for-delivery", "Today: Copper Kettle is out for delivery"),
        ("order-status", "ready", "Ready to be picked up: Copper Kettle"),
        ("order-status", "late", "It is late. We are sorry"),
        ("order-status", "problem", "Your parcel got stuck. What now?"),
        ("order-status", "delivered", "It is here: Copper Kettle"),
        ("order-status", "refund-done", "Your money is on its way: €89.00"),
        ("review-request", "ask", "How many stars for your Copper Kettle?"),
        ("abandoned-cart", "left-behind", "Still thinking about Copper Kettle?"),
        ("abandoned-checkout", "unfinished", "Your order is one step from done"),
        ("replenishment", "more-of-it", "Running low on Copper Kettle?"),
        ("price-drop", "costs-less", "Copper Kettle: now €19.00"),
        ("back-in-stock", "it-is-back", "It is back: Copper Kettle"),
        ("permission-renewal", "last-call", "The last mail, unless you say yes"),
        ("out-of-stock", "missing", "Sorry: it comes to us by Thursday 12 November"),
        ("lessons", "lesson-2", "Descale it"),
        ("onboarding-call", "call", "Shall we show you how it works?"),
        ("account-invitation", "account", "Keep your orders and warranties together"),
        ("holiday-gifters", "presents-again", "Your presents: order by Wednesday 16 December"),
        ("welcome", "welcome", "You are in, Ana: €10 off to begin with"),
        ("win-back", "how-is-it", "Your Copper Kettle, half a year on"),
        ("win-back", "a-reason", "€10 off for you, until Sunday 29 November"),
        ("birthday", "greeting", "Happy birthday, Ana"),
        ("vip-thanks", "thank-you-letter", "A thank-you from Marlow & Finch"),
    ],
)
def test_subjects_are_facts(recipe, key, subject):
    assert mail(recipe, key).subject == subject


@pytest.mark.parametrize(("recipe", "key"), [pytest.param(*key, id="/".join(key)) for key in STEPS if key[0] not in ABOUT_ORDERS])
def test_without_an_order_no_mail_speaks_of_one(recipe, key):
    drawn = mail(recipe, key)
    why = "you asked to hear from Marlow" if key in ("left-behind", "unfinished", "welcome") else "you are a customer of Marlow"
    assert why in drawn.text.replace("\n", " ")
    assert not re.search("/t/|Arriving|Order #", drawn.text)


@pytest.mark.parametrize(("recipe", "key"), NAMED)
def test_what_strangers_type_stays_text_in_every_field(recipe, key):
    naughty.assert_stays_words(
        lambda text: recipe_mails.drawn_of(recipe, key, naughty.everywhere(recipe_mails.seen(key), text)), naughty.INJECTIONS
    )


def test_every_recipe_names_what_the_engine_knows():
    for recipe in recipes.RECIPES.values():
        assert triggers.may_start(recipe.TRIGGER)
        assert recipe.SAYS.endswith(".") and isinstance(recipe.NEEDS, str)
        assert set(getattr(recipe, "EXITS", [])) <= set(leaving.EXITS)
        for step in recipe.STEPS:
            assert set(step.get("conditions", ())) <= set(decisions.CONDITIONS)
            assert ("offer" in step) == any(block["kind"] == "offer" for block in step["content"]["blocks"])


@pytest.mark.parametrize(
    ("test", "value", "found", "is_met"),
    [
        ("is", "marketing", "marketing", True), ("is", "marketing", "service", False), ("is", "marketing", None, False),
        ("at_least", 4, 4, True), ("at_least", 4, 3, False), ("at_least", 4, "5", False), ("at_least", 1, True, False),
        ("at_most", 2, 1, True), ("at_most", 2, 3, False), ("is_one_of", ["a", "b"], "b", True), ("is_one_of", ["a"], "b", False),
    ],
)  # fmt: skip
def test_a_filter_asks_what_the_event_says(test, value, found, is_met):
    assert holds([{"name": "it", "test": test, "value": value}], {"it": found}) is is_met
    assert holds([], {}) is True
