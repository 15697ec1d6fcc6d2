"""Giving codes: one a person and offer, a deadline that is true, and no more than the store's rules let one have."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from customers import merging
from offers import allowance, figures, giving, reader, wording
from offers.allowance import Lack
from offers.giving import Promise, Want
from offers.models import Offer, OfferCode, OfferRules
from stores import clock, phrases
from tests import side_by_side
from tests.factories.catalog import product
from tests.offers.conftest import NOW, tell

MIDNIGHT = datetime(2026, 12, 4, 22, 59, tzinfo=UTC)  # the end of the 14th day in Berlin


def give(offer, *people, now=NOW, **said) -> list[str]:
    """Return the codes these people get, or why they get none."""
    given = giving.issue([Want(offer, who.pk, **said) for who in people], now=now)
    return [each.code if isinstance(each, Promise) else each.value for each in given]


def make(store, name: str, worth: int | None = None, *, currency: str = "", **fields) -> Offer:
    return Offer.objects.create(store=store, name=name, code=name.upper(), worth_minor=worth, currency=currency, **fields)


def test_a_shared_code_is_everybodys_and_ends_two_weeks_on_at_the_end_of_the_stores_day(offer, person):
    given = giving.issue([Want(offer, person(name).pk) for name in ("ana", "tom")], now=NOW)
    assert given == [Promise("10% off", "THANKS10", MIDNIGHT, "")] * 2


def test_what_is_given_ahead_of_its_launch_says_so_and_is_good_for_its_days_from_there(offer, person):
    Offer.objects.update(opens_at=(launch := NOW + timedelta(days=7)))
    offer.refresh_from_db()
    ana = person("ana")
    for now, opens_at in ((NOW, launch), (NOW + timedelta(hours=1), launch), (launch, None)):
        assert giving.issue([Want(offer, ana.pk)], now=now) == [Promise("10% off", "THANKS10", MIDNIGHT + timedelta(days=7), "", opens_at)]
    held = Promise("10% off", "X", MIDNIGHT, "", launch)
    assert Promise.of(held.kept()) == held


@pytest.mark.parametrize(
    ("now", "ends_at"),
    [
        ("2026-03-20T13:00", "2026-04-03T21:59"),  # across the night clocks go forward
        ("2026-10-20T13:00", "2026-11-03T22:59"),  # across the night they go back
        ("2026-11-20T23:30", "2026-12-05T22:59"),  # already the 21st in Berlin
        ("2028-02-15T13:00", "2028-02-29T22:59"),
    ],
)
def test_the_deadline_is_the_end_of_a_day_by_the_stores_clock(offer, now, ends_at):
    promise = giving.promise(offer, code="X", now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert promise.ends_at == datetime.fromisoformat(ends_at).replace(tzinfo=UTC)
    assert not OfferCode.objects.exists()  # a look at it gives nothing


def test_the_shops_own_end_comes_first_where_it_is_earlier_and_a_link_may_bring_the_code_along(offer):
    offer.url = "https://shop.example/discount/{code}?redirect=/sale"
    for days, ends_at in [(3, NOW + timedelta(days=3)), (99, MIDNIGHT)]:
        offer.ends_at = NOW + timedelta(days=days)
        promise = giving.promise(offer, code="A B", now=NOW)
        assert (promise.ends_at, promise.url) == (ends_at, "https://shop.example/discount/A%20B?redirect=/sale")


@pytest.mark.parametrize(
    ("said", "language", "terms"),
    [
        ({}, "en", ""),
        ({"minimum_minor": 50_000, "currency": "KWD"}, "en", "When you spend KWD\N{NO-BREAK SPACE}50.000 or more."),
        (
            {"minimum_minor": 5000, "only_products": ["1", "2"]},
            "de",
            "Nur für Kettle und Mug. Ab einem Warenkorb von 50,00\N{NO-BREAK SPACE}€.",
        ),
        ({"only_products": ["1", "2", "gone", "4"]}, "fr", "Uniquement pour certains de nos produits."),
        ({"only_products": ["gone"]}, "en", "Only for some of our products."),
        ({"gives": "gift", "only_products": ["gone"]}, "en", ""),
        ({"gives": "gift", "only_products": ["2"]}, "es", "Tu regalo: Mug."),
        ({"gives": "shipping", "only_products": ["2"]}, "en", ""),
    ],
)
def test_what_is_promised_says_what_it_is_good_for(store, offer, person, said, language, terms):
    product(store, "1", title="Kettle"), product(store, "2", title="Mug")
    Offer.objects.update(**said)
    offer.refresh_from_db()
    [given], again = giving.issue([Want(offer, person("ana").pk)], now=NOW), giving.promise(offer, code="X", now=NOW)
    assert isinstance(given, Promise)
    assert {wording.terms(each.terms, phrases.of(language)) for each in (given, again)} == {terms}


def test_each_person_gets_a_code_of_their_own_and_the_same_one_again(pool, person):
    ana, tom = person("ana"), person("tom")
    assert give(pool, ana, tom, ana) == ["ONE-0", "ONE-1", "ONE-0"]
    assert give(pool, ana, now=NOW + timedelta(days=5)) == ["ONE-0"]
    held = OfferCode.objects.get(customer=ana)
    assert (held.issued_at, held.expires_at, held.state) == (NOW, MIDNIGHT, "given")
    assert OfferCode.objects.filter(state="free").count() == 1


def test_a_code_that_is_nearly_over_or_used_is_not_promised_again(pool, person, buys):
    ana = person("ana")
    give(pool, ana)
    assert give(pool, ana, now=MIDNIGHT - timedelta(days=2)) == ["ONE-1"]
    clock.set_to(MIDNIGHT)
    buys(ana, "1", "ONE-1", at=MIDNIGHT)
    reader.read(now=MIDNIGHT)
    assert give(pool, ana, now=MIDNIGHT) == ["ONE-2"]


def test_an_offer_of_a_day_gives_one_code_all_the_same(pool, person):
    Offer.objects.update(days_valid=0)
    ana, morning = person("ana"), datetime(2026, 11, 20, 8, tzinfo=UTC)
    pool.refresh_from_db()
    assert give(pool, ana, now=morning) == give(pool, ana, now=morning + timedelta(hours=2)) == ["ONE-0"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_one_code(pool, person):
    codes: list[str] = []
    ana = person("ana")
    side_by_side.run(*[lambda: codes.extend(give(pool, ana))] * 4)
    assert codes == ["ONE-0"] * 4
    assert OfferCode.objects.filter(state="given").count() == 1


def test_an_empty_pool_gives_nothing_and_says_so_beforehand(pool, person):
    assert give(pool, *map(person, "abcd")) == ["ONE-0", "ONE-1", "ONE-2", "empty"]
    assert giving.with_code([pool], now=NOW) == frozenset()


@pytest.mark.django_db(transaction=True)
def test_who_finds_the_last_codes_in_another_workers_hands_asks_again_and_goes_not_without(pool, person):
    ana, found = person("ana"), []
    with transaction.atomic():
        list(OfferCode.objects.select_for_update().filter(offer=pool))  # that worker may need none of them in the end
        side_by_side.run(lambda: found.extend(give(pool, ana)))
    assert (found, give(pool, ana)) == (["making"], ["ONE-0"])


def test_one_code_is_in_one_pool_of_a_shop_whatever_the_case_of_its_letters(store, pool):
    other = make(store, "other", kind="pool")
    again = [OfferCode(store=store, offer=other, code=code) for code in ("one-0", "Two", "TWO")]
    OfferCode.objects.bulk_create(again, ignore_conflicts=True)
    assert list(OfferCode.objects.filter(offer=other).values_list("code", flat=True)) == ["Two"]


def test_an_offer_has_a_code_to_give_while_it_runs(store, pool):
    shared, bare = make(store, "shared"), Offer.objects.create(store=store, name="bare")
    over, ends = make(store, "over", ends_at=NOW), make(store, "ends", ends_at=NOW + timedelta(seconds=1))
    homeless = make(store, "made", kind="made")  # no shop is named that could make them
    assert giving.with_code([shared, bare, over, ends, homeless, pool], now=NOW) == frozenset({shared.pk, ends.pk, pool.pk})


def test_nobody_gets_a_second_offer_beside_an_open_one_unless_the_store_says_so(store, offer, person, buys):
    other, ana = make(store, "winter"), person("ana")
    assert give(offer, ana) == ["THANKS10"]
    assert (give(other, ana), give(other, ana, by_hand=True)) == (["stacked"], ["WINTER"])
    tom = person("tom")
    give(offer, tom)
    buys(tom, "1", "thanks10")  # shops take codes in any case of letters
    reader.read(now=NOW)
    assert give(other, tom) == ["WINTER"]
    OfferRules.objects.create(store=store, may_stack=True)
    eve = person("eve")
    assert (give(offer, eve), give(other, eve)) == (["THANKS10"], ["WINTER"])


@pytest.mark.parametrize(("currency", "worth"), [("EUR", 1050), ("JPY", 1050), ("KWD", 10_505)])
def test_a_customers_budget_holds_to_the_smallest_coin_for_a_quarter_of_the_stores_calendar(store, person, currency, worth):
    store.currency = currency
    store.save()
    ana, budget = person("ana"), 3 * worth - 1
    OfferRules.objects.create(store=store, quarter_budget_minor=budget, may_stack=True)
    first, second, third = (make(store, name, worth) for name in "abc")
    other = make(store, "d", worth, currency="CHF")

    assert (give(first, ana), give(second, ana), give(third, ana)) == (["A"], ["B"], ["budget"])
    assert give(other, ana) == ["D"]  # what is worth another money cannot be added up
    OfferRules.objects.update(quarter_budget_minor=budget + 1)
    assert give(third, ana) == ["C"]
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    fresh = make(store, "e", budget)
    assert give(fresh, ana, now=new_year) == ["E"]


@pytest.mark.parametrize(
    ("zone", "now", "begins", "next_begins"),
    [
        ("Europe/Berlin", "2026-03-31T22:00", "2026-03-31T22:00", "2026-06-30T22:00"),  # clocks went forward within the quarter before
        ("Europe/Berlin", "2026-12-31T22:59", "2026-09-30T22:00", "2026-12-31T23:00"),  # and back within this one
        ("Australia/Lord_Howe", "2026-10-03T15:45", "2026-09-30T13:30", "2026-12-31T13:00"),  # by half an hour
        ("Pacific/Kiritimati", "2026-06-30T10:00", "2026-06-30T10:00", "2026-09-30T10:00"),
    ],
)
def test_a_quarter_begins_at_the_stores_own_midnight_whatever_its_clocks_do(zone, now, begins, next_begins):
    now, begins, next_begins = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, begins, next_begins))
    assert allowance.quarter_start(now, ZoneInfo(zone)).astimezone(UTC) == begins
    assert allowance.next_quarter(now, ZoneInfo(zone)).astimezone(UTC) == next_begins


def test_a_code_that_ran_out_unused_gives_its_part_of_the_budget_back(store, offer, person):
    Offer.objects.update(worth_minor=1000)
    OfferRules.objects.create(store=store, quarter_budget_minor=1000)
    other, ana = make(store, "winter", 1000, days_valid=1), person("ana")
    assert give(other, ana, now=datetime(2026, 10, 2, 12, tzinfo=UTC)) == ["WINTER"]
    offer.refresh_from_db()
    still = datetime(2026, 10, 4, 20, tzinfo=UTC)  # told until the 3rd, and taken by the shop for a day longer
    assert give(offer, ana, now=still) == ["stacked"]
    assert give(offer, ana, now=still + timedelta(hours=3)) == ["THANKS10"]


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_open_codes_are_a_liability_to_the_smallest_coin_until_they_are_used_or_the_grace_is_over(store, person, buys, currency):
    clock.set_to(NOW)
    store.currency = currency
    store.save()
    OfferRules.objects.create(store=store, may_stack=True)
    paid, unsaid, foreign = make(store, "a", 1001), make(store, "b"), make(store, "c", 7, currency="CHF")
    ana, tom = person("ana"), person("tom")
    give(paid, ana, tom), give(unsaid, ana), give(foreign, tom)

    def owed(now) -> set[tuple[str, int, int, int]]:
        return {(each.currency, each.open, each.minor, each.unknown) for each in figures.liabilities(figures.tallies(store.pk, now=now))}

    assert owed(NOW) == {(currency, 3, 2002, 1), ("CHF", 1, 7, 0)}
    Offer.objects.update(worth_minor=5)  # what is out keeps the worth it went out with
    buys(ana, "1", "A", at=NOW)
    reader.read(now=NOW)
    assert owed(MIDNIGHT + timedelta(hours=23)) == {(currency, 2, 1001, 1), ("CHF", 1, 7, 0)}
    assert owed(MIDNIGHT + timedelta(hours=24)) == set()
    used = {(each.offer, each.used, each.used_minor) for each in figures.tallies(store.pk, now=NOW) if each.used}
    assert used == {(paid.pk, 1, 1001)}


def test_a_used_code_is_told_once_and_of_a_shared_one_the_buyers_own_is_used(pool, store, person, buys):
    ana, tom, shared = person("ana"), person("tom"), make(store, "winter")
    give(pool, ana, flow="post-purchase", step="thanks")
    give(shared, tom)
    order = buys(tom, "1", "one-0", "WINTER", "UNKNOWN")  # a code may be passed on: it is used all the same
    reader.read(now=NOW)
    tell(order, "order.changed")
    reader.read(now=NOW)
    code = OfferCode.objects.get(code="ONE-0")
    assert (code.state, code.order, code.customer, code.used_at, code.step) == ("used", order, ana, NOW, "thanks")
    assert list(tom.events.filter(kind="coupon.redeemed").values_list("data__code", "data__flow").order_by("id")) == [
        ("ONE-0", "post-purchase"), ("WINTER", ""),
    ]  # fmt: skip
    buys(ana, "2", "winter")  # nobody gave her that one
    reader.read(now=NOW)
    assert list(OfferCode.objects.filter(offer=shared, state="used").values_list("customer__name", flat=True)) == ["Tom", "Ana"]


def test_what_a_cancelled_order_was_placed_with_is_open_again_and_what_a_refunded_one_was_stays_used(pool, store, person, buys):
    Offer.objects.filter(pk=pool.pk).update(worth_minor=1000)
    pool.refresh_from_db()
    ana, tom, shared = person("ana"), person("tom"), make(store, "winter", 500)
    give(pool, ana, tom)
    orders = [buys(ana, "1", "one-0", "winter", "Winter"), buys(tom, "2", "ONE-1"), buys(tom, "3", "ONE-2", at=NOW + timedelta(hours=1))]
    reader.read(now=NOW)

    def owed() -> list[tuple[int, int, int, int]]:
        found = figures.tallies(store.pk, now=NOW)
        return [(each.open, each.open_minor, each.used, each.used_minor) for each in sorted(found, key=lambda each: each.offer)]

    assert owed() == [(0, 0, 3, 3000), (0, 0, 1, 500)]  # ONE-2 was given by nobody here, and is worth what its offer is
    tell(orders[0], "order.cancelled", cancelled_at=NOW)
    tell(orders[1], "order.refunded", financial_status="refunded", refunded_minor=5000)
    reader.read(now=NOW)
    assert owed() == [(1, 1000, 2, 2000)] and not shared.codes.exists()
    buys(ana, "4", "ONE-0", at=NOW + timedelta(hours=2))
    reader.read(now=NOW)
    assert owed() == [(0, 0, 3, 3000)]
    assert ana.events.filter(kind="coupon.redeemed", data__code="ONE-0").count() == 2


def test_late_news_of_an_order_use_no_code_that_came_after_it(store, person, buys):
    clock.set_to(NOW)
    shared, ana = make(store, "winter"), person("ana")
    order = buys(ana, "1", "WINTER")
    reader.read(now=NOW)
    assert give(shared, ana) == ["WINTER"]
    tell(order, "order.changed")
    reader.read(now=NOW)
    assert list(shared.codes.order_by("id").values_list("state", "order")) == [("used", order.pk), ("given", None)]


def test_the_codes_of_two_who_become_one_stay_and_one_of_each_offer_is_current(pool, person):
    ana, tom = person("ana"), person("tom")
    give(pool, ana, tom)
    merging.merge(ana, tom, by="Alice", now=NOW)
    assert {code.code: code.is_current for code in OfferCode.objects.filter(customer=ana)} == {"ONE-0": True, "ONE-1": False}
    assert give(pool, ana) == ["ONE-0"]


def test_a_test_order_uses_nothing(pool, person, buys):
    give(pool, person("ana"))
    buys(person("tom"), "1", "ONE-0", is_test=True)
    assert reader.read(now=NOW) == 1
    assert OfferCode.objects.get(code="ONE-0").state == "given"
    assert Lack.EMPTY.value == give(Offer(store=pool.store, pk=0), person("eve"))[0]
