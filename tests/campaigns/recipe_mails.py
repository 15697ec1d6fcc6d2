"""Every recipe's mails, each by facts of the moment in which it would go: the order under way, there, late, or none at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from campaigns import recipes, subjects, values
from campaigns.recipes import translated
from messaging import rendering
from offers.models import Offer, Program
from orders.models import Cart
from stores import phrases
from tests.campaigns.mail_facts import PLACED, STORE, arrived, facts, product

STEPS: dict[tuple[str, str], dict[str, Any]] = {
    (recipe.KEY, step["key"]): step for recipe in recipes.RECIPES.values() for step in recipe.STEPS
}  # fmt: skip


def returning(**more):
    """Facts of somebody's second order, in a shop whose customers bring friends."""
    program = Program(is_on=True, friend_offer=Offer(value="10% off"), reward_offer=Offer(value="€10 off"))
    return arrived(**{"order_place": 2, "program": program, **more})


def charged(**more):
    """Facts of an order that came to more than its things."""
    is_known = "titles" not in more
    return facts(made_of={"shipping_minor": 490, "discount_minor": 390, "tax_minor": 2842} if is_known else {}, **more)


def on_its_way(**more):
    return facts(parcels=[{"expected": PLACED + timedelta(days=3)}], now=PLACED + timedelta(days=2), **more)


def at_the_door(**more):
    day = PLACED + timedelta(days=3)
    return facts(parcels=[{"expected": day, "status": "out_for_delivery"}], now=day - timedelta(hours=2), **more)


def to_be_fetched(**more):
    day = PLACED + timedelta(days=3)
    waits = {"pickup": ["", "Corner Shop, Rua Nova 9, Lisboa", (day + timedelta(days=7)).isoformat()]}
    return facts(parcels=[{"expected": day, "status": "ready", "said": waits}], now=day, **more)


def overdue(**more):
    day = PLACED + timedelta(days=3)
    return facts(parcels=[{"expected": day, "first_expected_at": day}], now=day + timedelta(days=1), **more)


def cheaper(**more):
    return replace(running_out(**more), subject=subjects.Subject((product(currency=more.get("currency", "EUR")),), None, {"before": 8900}))


def taught(**more):
    seen = arrived(**more)
    guide = seen.lines[0].product.guide
    guide.lessons = [
        "Pour in circles: From the middle outwards.",
        "Descale it: Once a month.",
        "Listen to it: It sings.",
        "Grind finer: A notch.",
    ]
    guide.call_url, guide.video_url = "https://shop.example/call", "https://shop.example/film"
    return seen


def lacking(**more):
    return facts(subject=subjects.Subject((), None, {"title": "Copper Kettle", "until": "2026-11-12T11:00:00+00:00"}), **more)


def gifts(**more):
    price = {"currency": more.get("currency", "EUR")}
    chosen = (product(**price), product("Filter Coffee", **price))
    said = {"orders": 2, "until": "2026-12-16T11:00:00+00:00"}
    return replace(alone(**more), subject=subjects.Subject(chosen, None, said))


def given_back(**more):
    seen = arrived(**more)
    seen.order.refunded_minor = 8900
    return seen


def alone(**more):
    nothing = {"order": None, "lines": (), "parcels": (), "milestones": None, "pairings": (), "last_item": "Copper Kettle, 1 l – matte"}
    return replace(facts(**more), **nothing)


def with_cart(**more):
    lines = [
        {"name": "Copper Kettle, 1 l – matte", "quantity": 1, "unit_price": "89.00", "product_external_id": "kettle"},
        {"name": "Filter Coffee", "quantity": 2, "product": "coffee"},
    ]
    currency = more.get("currency", "EUR")
    cart = Cart(store=STORE, currency=currency, total_minor=10100, url="https://shop.example/cart/1", lines=lines, token="carttoken")
    return replace(alone(**more), subject=subjects.Subject((product(),), cart), last_item="", has_subscribed=True)


def subscribed(**more):
    return replace(alone(**more), last_item="", has_subscribed=True)


def running_out(**more):
    return replace(alone(**more), subject=subjects.Subject((product(currency=more.get("currency", "EUR")),), None, {"days": 42}))


#: By the step; a mail that is about no order sees nobody's.
SEEN_BY: dict[str, Callable[..., values.MailFacts]] = {
    "confirmation": charged, "tips": on_its_way, "goes-well": arrived, "check-in": arrived, "thanks": returning,
    "shipped": on_its_way, "out-for-delivery": at_the_door, "ready": to_be_fetched, "late": overdue, "problem": on_its_way,
    "delivered": arrived, "refund-done": given_back, "ask": arrived, "ask-the-silent": arrived,
    "left-behind": with_cart, "unfinished": with_cart,
    "more-of-it": running_out, "costs-less": cheaper, "call": taught, "account": arrived, "missing": lacking, "presents-again": gifts,
    **{f"lesson-{number}": taught for number in range(1, 5)},
    "it-is-back": running_out, "welcome": subscribed,
}  # fmt: skip


def seen(key: str, **more: Any) -> values.MailFacts:
    """Return the facts by which a step's mail is drawn."""
    found: values.MailFacts = SEEN_BY.get(key, alone)(**more)
    return found


def drawn(recipe: str, key: str, language: str = phrases.ENGLISH, **more: Any) -> rendering.Rendered:
    """Return a recipe's mail as its customer gets it in a language."""
    return drawn_of(recipe, key, seen(key, words=phrases.of(language), **more))


def drawn_of(recipe: str, key: str, facts: values.MailFacts) -> rendering.Rendered:
    """Return a recipe's mail by these facts, in their language."""
    language = facts.words.language
    step = STEPS[recipe, key]
    content = translated.in_language(step["content"], language)
    assert content is not None, f"{recipe}/{key} is not translated into {language}."
    brand = rendering.brand_of(STORE, language)
    compiled = rendering.compiled(("recipe", recipe, key, language), content, brand, str(step["purpose"]))
    return compiled.render(values.values(facts))
