"""The map of customers, what actions are worth, the write key, and what the customer page says of tomorrow."""

import re
from datetime import timedelta

import pytest

from customers.models import Customer
from engagement import actions, recount
from engagement.actions import Done
from engagement.models import ActionKind, Engagement, Interest, Upkeep, WriteKey
from predictions.models import Fit, Prediction, Replenishment
from tests.factories.customers import customer
from tests.factories.orders import NOW

URL = "/s/marlow/analytics/engagement/"
SETTINGS = "/s/marlow/settings/actions/"


def act(person, *names):
    done = [Done(person.store_id, name, NOW, f"{person.pk} {n}", customer_id=person.pk) for n, name in enumerate(names)]
    actions.write(done, now=NOW)


def refresh(store, now=NOW):
    Upkeep.objects.update_or_create(store=store, defaults={"refreshed_at": None, "done_to": 0})
    while recount.refresh_batch(store.pk, now=now):
        pass


@pytest.fixture
def crowd(store):
    """One in each quadrant, and one who did nothing."""
    people = {name: customer(store, f"{name}@example.com", name=name.title()) for name in ("ada", "ben", "cy", "dot", "eve")}
    act(people["ada"], "purchase", "purchase", "referred")
    act(people["ben"], "purchase", "renewed")
    act(people["cy"], "referred")
    act(people["dot"], "product_viewed")
    refresh(store)
    return people


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_every_number_of_the_map_matches_its_list(crowd, alice, signed_in):
    browser = signed_in(alice)
    corners = browser.get(URL).context["corners"]
    assert [(corner.key, corner.count) for corner in corners] == [("advocates", 1), ("buyers", 1), ("voices", 1), ("quiet", 1)]
    listed = {corner.key: [one.row.customer.name for one in browser.get(URL + corner.href).context["people"]] for corner in corners}
    assert listed == {"advocates": ["Ada"], "buyers": ["Ben"], "voices": ["Cy"], "quiet": ["Dot"]}
    cells = [count for _, row in browser.get(URL).context["rows"] for count, _ in row]
    assert sum(cells) == 4


def test_each_person_of_the_list_is_told_why_and_what_next(crowd, alice, signed_in):
    said = text_of(signed_in(alice).get(URL + "?quadrant=buyers"))
    assert "Ben Renewed a subscription Bought Ask how it is, then for a review." in said


def test_a_quadrant_nobody_knows_means_the_first(crowd, alice, signed_in):
    answer = signed_in(alice).get(URL + "?quadrant=x&after=%00")
    assert answer.context["chosen"].name == "Advocates"


def test_before_anything_was_done_the_page_says_what_will_count(store, alice, signed_in):
    assert "Nobody has done anything yet" in text_of(signed_in(alice).get(URL))


def test_a_kind_that_is_changed_changes_all_scores(crowd, store, mara, signed_in):
    browser = signed_in(mara)
    form = browser.get(SETTINGS).context["form"]
    answer = browser.post(SETTINGS, {**form.initial, "referred-impact": 50, "referred-value": 0})
    assert answer.status_code == 303
    assert [(kind.key, kind.value, kind.impact) for kind in ActionKind.objects.all()] == [("referred", 0, 50)]
    refresh(store)
    assert Engagement.objects.get(customer=crowd["cy"]).impact == 50
    assert browser.post(SETTINGS, {"restore": "referred"}).status_code == 303
    assert not ActionKind.objects.exists()


def test_a_name_the_shop_tracks_gets_a_worth(crowd, store, mara, signed_in):
    act(crowd["eve"], "demo_watched")
    browser = signed_in(mara)
    assert "Seen this week and worth nothing yet: demo_watched (1)" in text_of(browser.get(SETTINGS))
    form = browser.get(SETTINGS + "?name=demo_watched").context["form"]
    browser.post(SETTINGS, {**form.initial, "new_name": "Demo Watched", "new_value": 4, "new_impact": "", "new_half_life_days": 10})
    kind = ActionKind.objects.get()
    assert (kind.key, kind.name, kind.value, kind.impact, kind.half_life_days) == ("demo_watched", "Demo Watched", 4, 0, 10)
    refresh(store)
    assert Engagement.objects.get(customer=crowd["eve"]).value == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"purchase-value": "much"}, "Enter a number."),
        ({"purchase-half_life_days": 0}, "Enter 1 or more."),
        ({"new_name": "Purchase"}, "It is in the table already, as “Bought”."),
        ({"new_name": "!!"}, "Write the name with letters or digits."),
    ],
)
def test_figures_that_cannot_be_are_refused_and_nothing_is_saved(store, mara, signed_in, change, words):
    browser = signed_in(mara)
    form = browser.get(SETTINGS).context["form"]
    answer = browser.post(SETTINGS, {**form.initial, "new_name": "", **change})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not ActionKind.objects.exists()


def test_the_write_key_is_made_shown_and_replaced(store, alice, signed_in):
    browser = signed_in(alice)
    assert browser.post("/s/marlow/keys/write/").status_code == 303
    first = WriteKey.objects.get().key
    assert first in text_of(browser.get("/s/marlow/keys/"))
    browser.post("/s/marlow/keys/write/")
    assert WriteKey.objects.get().key != first


def page_of(person, browser):
    return text_of(browser.get(f"/s/marlow/customers/{person.pk}/"))


def test_a_customer_page_says_what_is_missing_for_a_prediction(store, alice, signed_in):
    person = customer(store)
    assert "Worked out once a day; the first time is still to come." in page_of(person, signed_in(alice))
    Fit.objects.create(store=store, kind=Fit.Kind.BGNBD, needs="Needs 200 customers with an order (so far 1).", fitted_at=NOW)
    said = page_of(person, signed_in(alice))
    assert "Not enough to go by yet. Needs 200 customers with an order (so far 1)." in said


def test_a_customer_page_says_what_is_expected(store, alice, signed_in):
    person = customer(store)
    Fit.objects.create(store=store, kind=Fit.Kind.BGNBD, parameters={"r": 1}, fitted_at=NOW)
    told = Prediction.objects.create(
        store=store, customer=person, p_alive=0.824, churn_risk=0.176, expected_orders_90=1.26, expected_value_90_minor=7450,
        next_order_at=NOW + timedelta(days=40), computed_at=NOW,
    )  # fmt: skip
    said = page_of(person, signed_in(alice))
    assert "Still a customer 82 % likely Risk of losing them 18 %" in said
    assert "Next order As likely as not by 10 April 2026 Orders in 90 days about 1.3, worth €74.50" in said
    told.p_alive = told.churn_risk = told.next_order_at = told.expected_value_90_minor = None
    told.expected_orders_90 = 0.01
    told.save()
    said = page_of(person, signed_in(alice))
    assert "Bought on one day only: that cannot be told yet Next order Not within two years Orders in 90 days hardly any" in said


def test_a_customer_page_shows_the_score_with_its_parts_and_what_they_care_for(crowd, store, alice, signed_in):
    Interest.objects.create(store=store, customer=crowd["ada"], topic="tea", weight=2, at=NOW)
    said = page_of(crowd["ada"], signed_in(alice))
    assert "Advocates Value 24.0 Impact 12.0" in said
    assert "Bought 20.0 2.0 Brought a friend 4.0 10.0" in said
    assert "Cares for tea" in said
    assert "Nothing lately that counts." in page_of(crowd["eve"], signed_in(alice))


def test_a_customer_page_goes_by_the_stores_own_kinds(crowd, store, alice, signed_in):
    ActionKind.objects.create(store=store, key="purchase", name="Paid for it", value=7, impact=0, half_life_days=9)
    assert "Paid for it 14.0 0.0" in page_of(crowd["ada"], signed_in(alice))


def test_a_product_page_says_how_long_it_lasts(order, kettle, store, alice, signed_in):
    Replenishment.objects.create(store=store, product=kettle, interval_days=34, basis=41, computed_at=NOW)
    said = text_of(signed_in(alice).get(f"/s/marlow/products/{kettle.pk}/"))
    assert "bought again after about 34 days, from 41 repeat buyers" in said
    assert "Empty means 34 days, as 41 repeat buyers show" in said
    assert Customer.objects.count() == 1
