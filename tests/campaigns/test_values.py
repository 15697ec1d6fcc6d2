"""Facts in words: names, days, amounts, links."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import values, wording
from campaigns.variables import VARIABLES
from messaging.rendering import environments
from stores import dates, phrases
from tests.campaigns.mail_facts import PLACED, arrived, facts, guided, parcel, product

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_values_are_the_documented_ones():
    assert set(values.values(facts())) == set(VARIABLES)


def test_samples_have_the_shape_of_the_values():
    real = values.values(arrived())
    for name, variable in VARIABLES.items():
        if isinstance(variable.sample, list) and real[name]:
            assert set(real[name][0]) == set(variable.sample[0]), name
        elif real[name] is not None:
            assert type(real[name]) is type(variable.sample), name


def test_an_order_just_placed():
    found = values.values(facts())
    assert found["first_name"] == "Ana"
    assert found["sender_first"] == "Jo"
    assert found["order_number"] == "#1042"
    assert found["placed_words"] == "3 November"
    assert found["first_item"] == "Copper Kettle"
    assert found["bought_words"] == "Copper Kettle and 1 other thing"
    assert found["total"] == "€178.00"
    assert (found["stage"], found["stage_index"], found["stage_words"]) == ("ordered", 1, "Order received")
    assert (found["expected_day"], found["expected_words"]) == ("around Monday", "around Monday 9 November")
    assert found["return_until"] == "Wednesday 9 December"
    assert found["warranty_until"] == "Thursday 9 November 2028"
    assert found["tips_title"] == "3 steps to a first brew"
    assert found["ship_to"] == "Ana Ribeiro, Rua Nova 1, 1100 Lisboa"
    assert found["offer_until"] == "Sunday 29 November, 23:59 Berlin time"
    assert found["offer_day"] == "Sunday 29 November"


def test_a_total_is_told_with_what_it_is_made_of_in_the_words_of_the_mail():
    found = values.values(facts(made_of={"shipping_minor": 490, "discount_minor": 390, "tax_minor": 2842}, words=phrases.of("de")))
    assert [(part["label"], part["amount"]) for part in found["sums"]] == [
        ("Artikel", "177,00\N{NO-BREAK SPACE}€"), ("Rabatt", "-3,90\N{NO-BREAK SPACE}€"), ("Versand", "4,90\N{NO-BREAK SPACE}€"),
    ]  # fmt: skip
    assert found["tax_in_total"] == "28,42\N{NO-BREAK SPACE}€"
    assert values.values(facts(made_of={"shipping_minor": 489}))["sums"] == []


def test_links_carry_the_tokens():
    found = values.values(facts())
    assert found["tracker_url"] == "https://mail.example/t/ordertoken/"
    assert found["check_in_url"] == "https://mail.example/q/checkin/"
    assert found["unsubscribe_url"] == "https://mail.example/u/messagetoken/"
    assert found["preferences_url"] == "https://mail.example/p/customertoken/"
    assert values.values(facts(check_in_token=""))["check_in_url"] == ""
    assert all(environments.link(found[name]) for name in found if name.endswith("_url") and found[name])


@pytest.mark.parametrize(
    ("expected", "now", "day", "words"),
    [
        ("2026-11-06T12:00", "2026-11-06T07:00", "today", "today, Friday 6 November"),
        ("2026-11-06T12:00", "2026-11-05T07:00", "tomorrow", "tomorrow, Friday 6 November"),
        ("2026-11-06T12:00", "2026-11-03T07:00", "Friday", "Friday 6 November"),
        ("2026-11-10T12:00", "2026-11-03T07:00", "Tuesday 10 November", "Tuesday 10 November"),
        ("2027-01-04T12:00", "2026-12-20T07:00", "Monday 4 January 2027", "Monday 4 January 2027"),
        ("2026-11-05T23:30", "2026-11-05T07:00", "tomorrow", "tomorrow, Friday 6 November"),
        ("2026-11-06T12:00", "2026-11-05T23:30", "today", "today, Friday 6 November"),
        ("2026-11-04T12:00", "2026-11-05T07:00", "", ""),
    ],
)
def test_the_day_of_arrival_is_by_the_customers_wall_clock_now(expected, now, day, words):
    moment = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    found = values.values(facts(parcels=[{"expected": moment}], now=datetime.fromisoformat(now).replace(tzinfo=UTC)))
    assert (found["expected_day"], found["expected_words"]) == (day, words)


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Auckland", "Saturday"), ("Europe/Berlin", "Friday"), ("America/Los_Angeles", "Friday")]
)
def test_the_same_moment_is_another_day_elsewhere(zone, day):
    found = values.values(facts(parcels=[{"expected": datetime(2026, 11, 6, 20, 0, tzinfo=UTC)}], zone=ZoneInfo(zone)))
    assert found["expected_day"] == day


def test_what_has_arrived_is_not_arriving():
    found = values.values(arrived())
    assert (found["has_arrived"], found["expected_words"], found["stage_words"]) == (True, "", "Delivered")
    assert found["landing_words"] == "Now that it is here"


def test_a_download_has_no_parcel_and_no_day():
    found = values.values(facts(kind="digital"))
    assert (found["has_parcel"], found["stage_index"], found["expected_words"], found["ship_to"]) == (False, None, "", "")
    assert (found["return_until"], found["warranty_until"]) == ("", "")


def test_returned_items_leave_the_amounts():
    given = facts()
    given.lines[0].quantity, given.lines[0].refunded_quantity = 3, 1
    item = values.values(given)["items"][0]
    assert (item["quantity"], item["unit_price"], item["price"]) == (2, "€89.00", "€178.00")


@pytest.mark.parametrize(
    ("currency", "minor", "shown"), [("EUR", 8900, "€89.00"), ("JPY", 12000, "¥12,000"), ("KWD", 27500, "KWD\u00a027.500")]
)
def test_amounts_have_the_decimals_of_the_orders_currency(currency, minor, shown):
    assert values.values(facts(currency=currency, unit=minor, titles=("Kettle",)))["total"] == shown


def test_two_tips_at_most_the_most_costly_first():
    given = facts(titles=("Cheap", "Dear", "Middle"))
    for line, cost in zip(given.lines, (100, 900, 500), strict=True):
        guided(line.product)
        line.unit_price_minor = cost
    assert [tip["title"] for tip in values.values(given)["tips"]] == ["Dear", "Middle"]


def test_without_tips_there_is_nothing_to_say_of_them():
    found = values.values(facts(has_guide=False))
    assert (found["tips"], found["tips_item"], found["tips_title"]) == ([], "", "")


def test_the_shortest_promise_of_the_products_counts():
    given = facts(titles=("Kettle", "Cup"))
    guided(given.lines[1].product, return_days=14, warranty_months=None)
    found = values.values(given)
    assert found["return_until"] == "Monday 23 November"
    assert found["warranty_until"] == "Thursday 9 November 2028"


def test_no_return_right_is_not_promised():
    given = facts()
    guided(given.lines[0].product, return_days=0, warranty_months=0)
    found = values.values(given)
    assert (found["return_until"], found["warranty_until"]) == ("", "")


def test_the_carrier_is_that_of_the_parcel_under_way():
    given = facts()
    done = parcel(given.order, delivered=PLACED)
    done.carrier = "Post"
    found = values.values(facts(parcels=[{"tracking_url": "https://dhl.example/1"}]))
    assert (found["carrier"], found["tracking_url"], found["parcel_count"]) == ("DHL", "https://dhl.example/1", 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ana", "Ana"), ("ANA", "Ana"), ("ana", "Ana"), ("Anne-Marie", "Anne-Marie"), ("O'Neil", "O'Neil"), ("نجيب", "نجيب"), ("JP", "JP"),
        ("", ""), ("  ", ""), ("https://evil.example", ""), ("win at evil.com", ""), ("ana@example.com", ""), ("<b>x", ""), ("{{ x }}", ""),
        ("12345", ""), ("-", ""), ("x" * 31, ""), ("*** FREE", ""),
    ],
)  # fmt: skip
def test_a_first_name_is_said_only_if_it_is_one(name, said):
    assert wording.given_name(name) == said


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Kettle", "Kettle"),
        ("Copper Kettle, 1 l – matte", "Copper Kettle"),
        ("Kettle - Black / 1 l", "Kettle"),
        ("Tea towel (set of 2)", "Tea towel"),
        ("(New) Kettle", "(New) Kettle"),
        ("A very long name of a product that nobody would say", "A very long name of a product that"),
        ("x" * 60, "x" * 40),
        ("", ""),
    ],
)
def test_titles_are_shortened_as_one_would_say_them(title, short):
    assert wording.short_title(title) == short


@pytest.mark.parametrize(
    ("zone", "place"),
    [("Europe/Berlin", "Berlin time"), ("America/New_York", "New York time"), ("UTC", "UTC"), ("Etc/GMT+3", "UTC")],
)
def test_zones_are_named_by_their_city(zone, place):
    assert dates.place(ZoneInfo(zone), values.ENGLISH) == place


@pytest.mark.parametrize(("sender", "said"), [("Jo at Marlow & Finch", "Jo"), ("Jo from Marlow", "Jo"), ("Marlow & Finch", ""), ("", "")])
def test_only_a_named_person_has_a_first_name(sender, said):
    assert wording.given_part(sender) == said


def test_a_suggestion_without_a_price_shows_none():
    given = facts()
    given.pairings[0].suggested = product("Paper filters", price=None)
    assert values.values(given)["pairings"][0]["price"] == ""


def test_a_deadline_across_the_change_of_clocks():
    assert (
        dates.deadline(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), now=PLACED - timedelta(days=230), zone=BERLIN, words=values.ENGLISH)
        == "Sunday 29 March, 03:30 Berlin time"
    )
