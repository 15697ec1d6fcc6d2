"""Codes made at the shop: made once whatever goes wrong, given only once the shop has them, in each shop's own words."""

from datetime import UTC, datetime, timedelta

import pytest

from offers import giving, making
from offers.giving import Promise, Want
from offers.models import Counter, Offer, OfferCode
from stores import clock, tokens
from tests.offers.shops import KEY, counter, made_offer, shop

__all__ = ["counter", "made_offer", "shop"]
ENDS = datetime(2026, 12, 5, 22, 59, tzinfo=UTC)  # a day of grace after the end that is told


def ask(offer, who, *, after: timedelta = timedelta()) -> str:
    """Ask for a code some time later; return it, or why there is none."""
    clock.set_to(clock.read() + after)
    [given] = giving.issue([Want(offer, who.pk)], now=clock.read())
    return given.code if isinstance(given, Promise) else given.value


def sweep(after: timedelta = timedelta()) -> int:
    clock.set_to(clock.read() + after)
    return len(making.sweep(now=clock.read()))


def test_a_code_is_given_once_the_shop_has_it(shop, counter, made_offer, person):
    ana = person("ana")
    assert (ask(made_offer, ana), ask(made_offer, ana), sweep()) == ("making", "making", 1)
    [words] = shop.codes
    assert words.startswith("THX-") and not set(words[4:]) & set("IO01")
    assert (ask(made_offer, ana), ask(made_offer, ana)) == (words, words)
    code = OfferCode.objects.get()
    assert (code.state, code.made_as.rpartition("/")[2], code.expires_at) == ("given", "1", ENDS - timedelta(days=1))
    assert [name for name, _ in shop.asked] in (["discountCodeBasicCreate"], ["POST"])


def test_a_shop_that_can_lets_a_code_begin_with_its_launch(shop, store, made_offer, person):
    Counter.objects.create(store=store, platform="shopify", shop="marlow.myshopify.com", sealed_key=tokens.seal(KEY))
    Offer.objects.update(opens_at=datetime(2026, 11, 27, 8, 0, tzinfo=UTC))
    made_offer.refresh_from_db()
    ask(made_offer, person("ana"))
    assert (sweep(), shop.asked[0][1]["input"]["startsAt"]) == (1, "2026-11-27T08:00:00+00:00")


def test_nothing_is_made_ahead_for_who_would_get_nothing(counter, made_offer, person):
    ana, tom = person("ana"), person("tom")
    other = Offer.objects.create(store=made_offer.store, name="Winter", code="WINTER")
    giving.issue([Want(other, ana.pk)], now=clock.read())
    due = clock.read() + timedelta(hours=2)
    assert giving.reserve([Want(made_offer, who.pk) for who in (ana, tom)], at=[due, due], now=clock.read()) == 1
    assert OfferCode.objects.get(offer=made_offer).customer == tom


def test_a_silence_is_looked_into_and_makes_no_second_code(shop, counter, made_offer, person):
    ana, shop.moods = person("ana"), ["silent"]
    ask(made_offer, ana)
    assert (sweep(), len(shop.codes), ask(made_offer, ana)) == (0, 1, "making")
    code = OfferCode.objects.get()
    assert (code.state, "did not answer" in code.problem) == ("asked", True)
    Offer.objects.update(name="Thank you")  # what was asked for is known by its number
    assert (sweep(), sweep(timedelta(seconds=30))) == (0, 1)
    assert (len(shop.codes), ask(made_offer, ana)) == (1, next(iter(shop.codes)))
    assert [name for name, _ in shop.asked] in (["discountCodeBasicCreate", "codeDiscountNodeByCode"], ["POST", "GET"])


def test_a_process_that_dies_while_it_asks_leaves_one_code(shop, counter, made_offer, person, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args, **said):
        raise Killed

    ana = person("ana")
    ask(made_offer, ana)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(making, "_settle", die)  # the shop has made it, and nobody writes that down
        sweep()
    assert (sweep(), sweep(timedelta(minutes=2))) == (0, 1)
    assert (len(shop.codes), ask(made_offer, ana)) == (1, next(iter(shop.codes)))


def test_words_that_are_taken_for_something_else_are_left_to_it(shop, counter, made_offer, person):
    ana = person("ana")
    ask(made_offer, ana)
    words = OfferCode.objects.get().code
    ends = {"endsAt": "2027-01-01T00:00:00Z", "date_expires_gmt": "2027-01-01T00:00:00"}
    shop.codes[words] = {"id": 99, "title": "Somebody else's", "description": "Somebody else's", **ends}
    assert (sweep(), sweep()) == (0, 1)
    given = ask(made_offer, ana)
    assert given != words and given in shop.codes and len(shop.codes) == 2


@pytest.mark.parametrize("mood", [429, 502])
def test_a_shop_that_is_busy_or_broken_is_asked_again_with_growing_pauses(shop, counter, made_offer, person, mood):
    ana, shop.moods = person("ana"), [mood] * (1 if mood == 429 else 2)
    ask(made_offer, ana)
    assert (sweep(), sweep(), ask(made_offer, ana)) == (0, 0, "making")
    assert sweep(timedelta(seconds=30)) + sweep(timedelta(minutes=2)) == 1
    assert ask(made_offer, ana) in shop.codes


@pytest.mark.parametrize("mood", ["throttled", "silent", "fault"])
def test_a_shop_that_is_busy_or_away_is_asked_for_one_code_a_round_and_none_is_lost(shop, store, made_offer, person, mood):
    Counter.objects.create(store=store, platform="shopify", shop="marlow.myshopify.com", sealed_key=tokens.seal(KEY))
    people, shop.moods = [person(name) for name in ("ana", "tom", "eve")], [mood]
    assert [ask(made_offer, who) for who in people] == ["making"] * 3
    assert (sweep(), shop.moods, len(shop.asked)) == (0, [], mood != "throttled")
    assert sorted(OfferCode.objects.values_list("state", flat=True)) == ["reserved" if mood == "throttled" else "asked", *["reserved"] * 2]
    assert sweep(timedelta(minutes=1)) == 3
    assert {ask(made_offer, who) for who in people} == set(shop.codes) and len(shop.codes) == 3


def test_who_may_have_made_a_code_and_is_busy_then_is_looked_into_again(shop, counter, made_offer, person):
    ana, shop.moods = person("ana"), ["silent", 429]
    ask(made_offer, ana)
    assert (sweep(), sweep(timedelta(minutes=1)), OfferCode.objects.get().state) == (0, 0, "asked")
    assert (sweep(timedelta(minutes=3)), ask(made_offer, ana)) == (1, next(iter(shop.codes)))
    assert [name for name, _ in shop.asked] in (["discountCodeBasicCreate", "codeDiscountNodeByCode"], ["POST", "GET"])


def test_a_refused_key_stands_on_the_shop_and_nothing_else_is_asked_until_it_is_mended(shop, counter, made_offer, person):
    Counter.objects.update(sealed_key=tokens.seal("wrong"))
    people = [person(name) for name in ("ana", "tom")]
    assert [ask(made_offer, who) for who in people] == ["making"] * 2
    assert (sweep(), shop.asked) == (0, [])
    assert "refuses the" in Counter.objects.get().problem
    Counter.objects.update(sealed_key=tokens.seal(KEY))
    assert sweep(timedelta(minutes=15)) == 2
    assert Counter.objects.get().problem == ""


def test_what_the_shop_refuses_is_said_and_the_offer_has_no_code_until_it_is_changed(shop, store, made_offer, person):
    Counter.objects.create(store=store, platform="shopify", shop="marlow.myshopify.com", sealed_key=tokens.seal(KEY))
    Offer.objects.update(gives="share", percent=150)
    made_offer.refresh_from_db()
    ana, shop.moods = person("ana"), ["throttled"]
    ask(made_offer, ana)
    assert (sweep(), sweep(timedelta(seconds=30))) == (0, 1)
    assert OfferCode.objects.get().problem == "Shopify: Value must be between 0.0 and 1.0"
    assert ask(made_offer, ana) == "empty"
    assert ask(made_offer, ana, after=making.REFUSED_FOR) == "making"


def test_a_code_for_some_products_is_never_made_for_all_of_them(shop, store, made_offer, person):
    Counter.objects.create(store=store, platform="woocommerce", shop=shop.url, sealed_key=tokens.seal(KEY))
    Offer.objects.update(only_products=["11", "kettle"])
    made_offer.refresh_from_db()
    ask(made_offer, person("ana"))
    assert (sweep(), shop.asked) == (1, [])
    assert OfferCode.objects.get().problem == "WooCommerce knows products by their numbers, and “kettle” is none."


@pytest.mark.parametrize(
    ("said", "shopify", "woo"),
    [
        (
            {"gives": "money", "amount_minor": 1050, "minimum_minor": 5000, "only_products": ["11", "12"]},
            {
                "customerGets": {
                    "value": {"discountAmount": {"amount": "10.50", "appliesOnEachItem": False}},
                    "items": {"products": {"productsToAdd": ["gid://shopify/Product/11", "gid://shopify/Product/12"]}},
                },
                "minimumRequirement": {"subtotal": {"greaterThanOrEqualToSubtotal": "50.00"}},
            },
            {"discount_type": "fixed_cart", "amount": "10.50", "minimum_amount": "50.00", "product_ids": [11, 12]},
        ),
        (
            {"gives": "share", "percent": 15},
            {"customerGets": {"value": {"percentage": 0.15}, "items": {"all": True}}},
            {"discount_type": "percent", "amount": "15"},
        ),
        ({"gives": "shipping"}, {"destination": {"all": True}}, {"discount_type": "fixed_cart", "amount": "0", "free_shipping": True}),
        (
            {"gives": "gift", "amount_minor": 1900, "only_products": ["7"]},
            {
                "customerGets": {
                    "value": {"discountAmount": {"amount": "19.00", "appliesOnEachItem": False}},
                    "items": {"products": {"productsToAdd": ["gid://shopify/Product/7"]}},
                }
            },
            {"discount_type": "percent", "amount": "100", "product_ids": [7], "limit_usage_to_x_items": 1},
        ),
    ],
)
def test_each_shop_is_asked_in_its_own_words(shop, counter, made_offer, person, said, shopify, woo):
    Offer.objects.update(**{"amount_minor": None, **said})
    made_offer.refresh_from_db()
    ask(made_offer, person("ana"))
    assert sweep() == 1
    [code], [(name, asked)] = OfferCode.objects.all(), shop.asked
    if counter.platform == "shopify":
        assert name == ("discountCodeFreeShippingCreate" if said["gives"] == "shipping" else "discountCodeBasicCreate")
        assert asked["input"].pop("startsAt").startswith("2026-11-20T13:00:0")
        assert asked["input"] == {
            "title": f"Thanks #{code.pk}", "code": code.code, "endsAt": ENDS.isoformat(),
            "usageLimit": 1, "appliesOncePerCustomer": True, "context": {"all": "ALL"},
            "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False}, **shopify,
        }  # fmt: skip
    else:
        assert asked == {
            "code": code.code, "description": f"Thanks #{code.pk}", "date_expires": "2026-12-05T23:59:00", "individual_use": True,
            "usage_limit": 1, "usage_limit_per_user": 1, "free_shipping": False, **woo,
        }  # fmt: skip
