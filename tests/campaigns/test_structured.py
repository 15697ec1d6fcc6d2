"""Orders and parcels told to mail programs: only by shops that opted in, with every field that is required, and nothing that breaks out."""

import copy
import json
import re

import pytest

from campaigns import structured, values
from messaging import rendering
from tests.campaigns.mail_facts import PLACED, STORE, facts

ADDRESS = {"name": "Ana Ribeiro", "address1": "Rua Nova 1", "zip": "1100", "city": "Lisboa", "country": "PT"}
NAUGHTY = '</script><script>alert("1")</script>\u2028 & <!--'


@pytest.fixture
def telling():
    store = copy.copy(STORE)
    store.describes_orders = True
    return store


def test_a_shop_that_did_not_opt_in_tells_nothing():
    assert structured.of(facts(address=ADDRESS)) == []


def test_an_order_is_told_with_what_is_required_and_a_parcel_once_it_left(telling):
    (order,) = structured.of(facts(store=telling, address=ADDRESS))
    assert (order["@type"], order["orderNumber"], order["price"], order["priceCurrency"]) == ("Order", "#1042", "178.00", "EUR")
    assert order["acceptedOffer"][0] == {
        "@type": "Offer", "price": "89.00", "priceCurrency": "EUR", "eligibleQuantity": {"@type": "QuantitativeValue", "value": 1},
        "itemOffered": {
            "@type": "Product", "name": "Copper Kettle, 1 l – matte", "url": "https://shop.example/p", "image": "https://shop.example/p.jpg",
        },
    }  # fmt: skip
    (parcel,) = structured.of(facts(store=telling, address=ADDRESS, parcels=[{"expected": PLACED, "tracking_number": "X1"}]))
    assert (parcel["@type"], parcel["carrier"]["name"], parcel["trackingNumber"]) == ("ParcelDelivery", "DHL", "X1")
    assert (parcel["expectedArrivalUntil"], parcel["deliveryAddress"]["addressCountry"]) == ("2026-11-03T09:00:00+00:00", "PT")
    assert parcel["deliveryAddress"]["addressRegion"] == "Lisboa"  # required, and Portugal's addresses have none
    shop = {"@type": "Organization", "name": "Marlow & Finch"}
    assert parcel["partOfOrder"] == {"@type": "Order", "merchant": shop, "orderNumber": "#1042"}


@pytest.mark.parametrize(
    ("paid", "parcels", "status"),
    [
        ("pending", [], "OrderPaymentDue"),
        ("paid", [], "OrderProcessing"),
        ("paid", [{}], "OrderInTransit"),
        ("paid", [{"delivered": PLACED, "expected": PLACED}, {}], "OrderInTransit"),
        ("paid", [{"delivered": PLACED, "expected": PLACED}, {"status": "ready"}], "OrderPickupAvailable"),
        ("paid", [{"delivered": PLACED, "expected": PLACED}], "OrderDelivered"),
    ],
)
def test_an_order_says_how_far_it_is(telling, paid, parcels, status):
    (order,) = structured.of(facts(store=telling, address=ADDRESS, parcels=parcels, made_of={"financial_status": paid}))
    assert (order["@type"], order["orderStatus"]) == ("Order", f"http://schema.org/{status}")


def test_a_parcel_names_what_is_in_it(telling):
    told = facts(store=telling, address=ADDRESS, parcels=[{"expected": PLACED, "lines": ["b"]}, {"expected": PLACED}])
    for line, external_id in zip(told.lines, "ab", strict=True):
        line.external_id = external_id
    one, all_of_it = structured.of(told)
    assert [item["name"] for item in one["itemShipped"]] == ["Filter Coffee"]
    assert len(all_of_it["itemShipped"]) == 2


def test_what_lacks_a_required_field_is_not_told(telling):
    nowhere = facts(store=telling, address={"city": "Lisboa"}, parcels=[{"expected": PLACED}])
    assert [told["@type"] for told in structured.of(nowhere)] == ["Order"]
    assert structured.of(facts(store=telling, number="")) == []


def test_no_name_breaks_out_of_the_data_or_changes_the_mail(telling):
    told = facts(store=telling, address=ADDRESS, titles=(NAUGHTY,))
    content = {"subject": "x", "blocks": [{"kind": "order_lines"}]}
    mail = rendering.compile_mail(content, brand=rendering.Brand(name="M"), purpose="transactional")
    html = mail.render(values.values(told), structured.of(told)).html
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1
    assert json.loads(scripts[0])[0]["acceptedOffer"][0]["itemOffered"]["name"] == NAUGHTY
    assert re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL) == mail.render(values.values(told)).html
