"""Offers on their pages: what one is worth in the store's money, what customers may have, and where codes are made."""

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.tasks import keep_codes
from offers import wording
from offers.models import Counter, Offer, OfferCode, OfferRules, Program
from offers.referral import joining
from stores import clock, phrases, tokens
from stores.models import SettingChange
from tests.factories.catalog import product
from tests.factories.customers import customer
from tests.offers.shops import KEY, shop

__all__ = ["shop"]

BASE = {"name": "Thanks", "kind": "pool", "days_valid": "14", "new_codes": "A1\nA2"}


@pytest.mark.parametrize(
    ("currency", "typed", "minor", "words"),
    [("EUR", "10,50", 1050, "€10.50"), ("JPY", "1000", 1000, "¥1,000"), ("KWD", "1.250", 1250, "KWD")],
)
def test_an_offer_is_worth_what_it_takes_off_in_the_stores_money(store, mara, signed_in, currency, typed, minor, words):
    store.currency = currency
    store.save()
    product(store, "77", sku="KET")
    browser = signed_in(mara)
    said = {**BASE, "gives": "money", "amount_minor": typed, "minimum_minor": typed, "only_products": "KET\n77"}
    assert browser.post("/s/marlow/offers/new/", said).status_code == 303
    offer = Offer.objects.get()
    assert (offer.amount_minor, offer.worth_minor, offer.minimum_minor, offer.currency) == (minor, minor, minor, currency)
    assert offer.only_products == ["77"] and words in offer.value and offer.value.endswith(" off")
    OfferCode.objects.filter(code="A1").update(state="given", worth_minor=minor, currency=currency, expires_at="2099-01-01T00:00Z")
    assert words in browser.get("/s/marlow/offers/").content.decode()
    assert browser.get(f"/s/marlow/offers/{offer.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"gives": "money"}, "Say how much it takes off."),
        ({"gives": "money", "amount_minor": "ten"}, "Enter an amount of EUR, such as 10.00."),
        ({"gives": "share", "percent": "150"}, "Enter 1 to 100."),
        ({"gives": "gift"}, "Say which product is given."),
        ({"gives": "gift", "only_products": "FREE"}, "Its price is not known here"),
        ({"only_products": "NO-SUCH"}, "No product is called NO-SUCH."),
        ({"opens_at": "2026-12-02T09:00", "ends_at": "2026-12-01T09:00"}, "It would end before it begins."),
        ({"kind": "made", "gives": "shipping"}, "First say where codes are made"),
    ],
)
def test_what_an_offer_lacks_is_said(store, mara, signed_in, said, words):
    product(store, "78", sku="FREE", price_minor=None)
    answer = signed_in(mara).post("/s/marlow/offers/new/", {**BASE, **said})
    assert (answer.status_code, words in answer.content.decode(), Offer.objects.count()) == (422, True, 0)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"gives": "share", "percent": "15"}, "15% off"),
        ({"gives": "shipping"}, "Free shipping"),
        ({"gives": "money", "amount_minor": "5"}, "€5.00 off"),
        ({"gives": "gift", "only_products": "KET"}, "A free gift"),
    ],
)
def test_an_offer_without_words_gets_those_that_are_said_in_every_language(store, mara, signed_in, said, words):
    store.language = "de"
    store.save()
    product(store, "77", sku="KET", price_minor=1900, currency="EUR")
    assert signed_in(mara).post("/s/marlow/offers/new/", {**BASE, **said}).status_code == 303
    assert (Offer.objects.get().value, Offer.objects.get().amount_minor) == (words, {"gift": 1900, "money": 500}.get(said["gives"]))
    assert wording.given(words, "EUR", phrases.of("de")) != words


def test_a_file_fills_a_pool_and_what_came_of_each_line_is_said(store, mara, signed_in):
    other = Offer.objects.create(store=store, name="Winter", kind="pool")
    for code in ("W-1", "W-2"):
        OfferCode.objects.create(store=store, offer=other, code=code)
    lines = ["value;Code", "10;A3", "10;a1", "10;", f"10;{'X' * 61}", "10;w-2", '10;"B 4"', "10;A3"]
    file = SimpleUploadedFile("codes.csv", "\r\n".join(lines).encode("utf-16"))
    answer = signed_in(mara).post("/s/marlow/offers/new/", {**BASE, "codes_file": file}, follow=True)
    assert sorted(OfferCode.objects.filter(offer__name="Thanks").values_list("code", flat=True)) == ["A1", "A2", "A3", "B 4"]
    words = (
        "Saved: Thanks. Of the codes 4 were added, 2 were there twice, 1 was in another offer’s pool already."
        " Left out: line 4 has no code; line 5 is longer than 60 characters."
    )
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"new_codes": "A1\nA2,A3"}, "Not every line is a code: line 2 holds more than one code."),
        ({"codes_file": SimpleUploadedFile("codes.csv", b"code\n")}, "The file has a head and no codes."),
        ({"codes_file": SimpleUploadedFile("codes.csv", b"  \n")}, "The file is empty."),
    ],
)
def test_lines_that_are_no_codes_are_named(store, mara, signed_in, said, words):
    answer = signed_in(mara).post("/s/marlow/offers/new/", {**BASE, **said})
    assert (answer.status_code, words in answer.content.decode(), OfferCode.objects.count()) == (422, True, 0)


def test_marketers_say_what_a_customer_may_have(store, mara, signed_in):
    browser = signed_in(mara)
    assert browser.post("/s/marlow/offers/rules/", {"quarter_budget_minor": "25", "may_stack": "on"}).status_code == 303
    assert OfferRules.objects.values_list("quarter_budget_minor", "may_stack").get() == (2500, True)
    assert browser.post("/s/marlow/offers/rules/", {"quarter_budget_minor": "much"}).status_code == 422
    assert 'value="25.00"' in browser.get("/s/marlow/offers/").content.decode()


def test_a_shop_that_answers_makes_codes_and_its_key_is_never_shown(store, shop, alice, signed_in):
    browser, url = signed_in(alice), "/s/marlow/offers/counter/"
    said = {"platform": "woocommerce", "shop": f"{shop.url}/", "key": KEY}
    for wrong, why in ({"shop": ""}, "Its address"), ({"key": "ck_alone"}, "Enter both parts"), ({"key": "ck_x:cs_y"}, "refuses the key"):
        answer = browser.post(url, {**said, **wrong})
        assert answer.status_code == 422 and why in answer.content.decode()
    assert not Counter.objects.exists()
    assert browser.post(url, said).status_code == 303
    counter = Counter.objects.get()
    assert (counter.shop, tokens.unseal(counter.sealed_key), shop.codes) == (shop.url, KEY, {})
    assert browser.post(url, {**said, "key": ""}).status_code == 303  # the one held is kept
    assert KEY not in browser.get(url).content.decode() + "".join(SettingChange.objects.values_list("after", flat=True))
    browser.post(url, {"verb": "stop"})
    assert not Counter.objects.exists()


@pytest.mark.parametrize("name", ["marlow", "127.0.0.1/.myshopify.com", "a.myshopify.com.evil.example"])
def test_only_shopifys_own_names_are_asked_with_its_key(store, shop, alice, signed_in, name):
    answer = signed_in(alice).post("/s/marlow/offers/counter/", {"platform": "shopify", "shop": name, "key": KEY})
    assert (answer.status_code, shop.asked, Counter.objects.count()) == (422, [], 0)


def test_a_pool_that_runs_low_is_said_on_the_first_page_and_mailed_once(store, alice, mara, bob, signed_in):
    pool = Offer.objects.create(store=store, name="Thanks", kind="pool", alarm_below=2)
    keep_codes()
    assert mail.outbox == []  # nobody has filled it yet
    OfferCode.objects.create(store=store, offer=pool, code="A1")
    keep_codes()
    keep_codes()
    assert sorted(address for each in mail.outbox for address in each.to) == ["alice@example.com", "mara@example.com"]
    assert mail.outbox[0].subject == "Marlow & Finch: “Thanks” runs out of codes"
    assert "1</span>pool" in signed_in(bob).get("/s/marlow/").content.decode().replace("\n", "")
    OfferCode.objects.create(store=store, offer=pool, code="A2")
    keep_codes()
    OfferCode.objects.filter(code="A2").delete()
    keep_codes()
    assert len(mail.outbox) == 4  # it was filled in between


def test_marketers_say_what_friends_get_and_see_what_came_of_it(store, mara, signed_in):
    shared, friend, reward = (
        Offer.objects.create(store=store, name=name, kind=kind, value=value, code="ALL")
        for name, kind, value in (("All", "shared", "€1"), ("Friend", "pool", "€10"), ("Reward", "pool", "€5"))
    )
    for pool in (friend, reward):
        OfferCode.objects.create(store=store, offer=pool, code=f"{pool}-1")
    browser, url = signed_in(mara), "/s/marlow/offers/referrals/"
    for wrong, why in (
        ({"friend_offer": ""}, "Choose an offer, or make one first under Offers."),
        ({"friend_offer": shared.pk}, "“All” has one code for all, for anybody to pass on."),
        ({"wait_days": "400"}, "Enter 365 or less."),
    ):
        said = {"is_on": "on", "friend_offer": friend.pk, "reward_offer": reward.pk, "wait_days": "7", **wrong}
        answer = browser.post(url, said)
        assert answer.status_code == 422 and why in answer.content.decode()
    assert browser.post(url, {**said, "wait_days": "7"}).status_code == 303
    program = Program.objects.get()
    assert (program.is_on, program.friend_offer, program.reward_offer, program.wait_days) == (True, friend, reward, 7)
    ada, bo = customer(store, "ada@example.com", name="Ada"), customer(store, "bo@example.com", name="Bo")
    joining.take(joining.advocate(ada, now=clock.read()), "bo@example.com", now=clock.read())
    page = browser.get(url).content.decode()
    assert f'href="/s/marlow/customers/{bo.pk}/">Bo</a>' in page and "1 customer</dd>" in page and "Waits for the code" in page
    assert "Asked for the code of" in browser.get(f"/s/marlow/customers/{bo.pk}/").content.decode()
