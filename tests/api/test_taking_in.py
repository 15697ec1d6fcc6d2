import jsonschema
import pytest

from orders.models import Order, Parked, Shipment
from tests.factories.orders import payload, shipment

pytestmark = pytest.mark.django_db

PRODUCT = {
    "external_id": "p", "title": "Cup", "price": "5.00", "guide": {"tips": ["Rinse it."], "return_days": 60},
    "goes_with": [{"product_external_id": "saucer", "reason": "Made for it."}],
}  # fmt: skip


def results(*answers):
    return [(answer.status_code, answer.json()["result"]) for answer in answers]


def test_a_parcel_is_new_then_unchanged_then_changed(call):
    call("orders", payload())
    told = [shipment(status="in_transit"), shipment(status="in_transit"), shipment(status="delivered", delivered_at="2026-03-02T10:00:00Z")]
    assert results(*[call("shipments", each) for each in told]) == [(201, "new"), (200, "unchanged"), (200, "changed")]
    assert (Shipment.objects.get().status, Order.objects.count()) == ("delivered", 1)


def test_a_parcel_before_its_order_is_kept_and_a_repeat_of_it_is_no_news(call):
    assert results(*[call("shipments", shipment(status="in_transit")) for _ in range(2)]) == [(201, "new"), (200, "unchanged")]
    assert results(call("orders", payload())) == [(201, "new")]
    assert (Shipment.objects.get().status, Parked.objects.count()) == ("in_transit", 0)


def test_a_refund_is_new_then_unchanged_then_changed(call):
    call("orders", payload())
    told = [{"order_external_id": "1001", "external_id": "r", "amount": amount} for amount in ("5.00", "5.0", "6.00")]
    assert results(*[call("refunds", each) for each in told]) == [(201, "new"), (200, "unchanged"), (200, "changed")]
    assert Order.objects.get().refunded_minor == 600


def test_without_its_own_time_the_last_telling_of_an_order_holds(call):
    told = [payload(updated_at=None, total=total) for total in ("10.00", "20.00", "10.00", "10.00")]
    assert results(*[call("orders", each) for each in told]) == [(201, "new"), (200, "changed"), (200, "changed"), (200, "unchanged")]
    assert Order.objects.get().total_minor == 1000


def test_an_undated_telling_after_a_dated_one_holds_and_keeps_the_date(call):
    told = [payload(), payload(updated_at=None, total="20.00"), payload(updated_at="2026-03-01T10:30:00Z", total="30.00")]
    assert results(*[call("orders", each) for each in told]) == [(201, "new"), (200, "changed"), (200, "unchanged")]
    assert Order.objects.get().total_minor == 2000


def test_a_product_brings_guide_and_pairings_and_its_schema_is_open(call, client):
    assert results(call("products", PRODUCT), call("products", PRODUCT)) == [(201, "new"), (200, "unchanged")]
    answer = call("products", {**PRODUCT, "guide": {"return_days": "soon"}})
    assert (answer.status_code, answer.json()["detail"][:22]) == (422, "guide.return_days: Inp")
    response = client.get("/api/v1/schemas/product.json")
    schema = response.json()
    assert response.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(PRODUCT, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**PRODUCT, "goes_with": [{"reason": "x"}]}, schema)
