"""Whatever stands in a field of a delivery, an adapter reads it or says in words why not: nothing else ever leaves it."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.feeds import aftership, easypost, seventeentrack
from integrations.shopify import adapter as shopify
from integrations.woocommerce import adapter as woocommerce
from orders.incoming import Unneeded, Unusable
from tests.integrations.test_reconciling import NOW
from tests.integrations.test_reconciling import order as shopify_order
from tests.integrations.test_woocommerce import order as woo_order

ODD: list[Any] = [
    None, "", 0, -1, True, 1e308,
    float("nan"), float("inf"), "NaN", "1e999999", 10**40, [], {}, [None], [[]], {"a": None}, "x" * 9_000, "\0",
    "2026-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "１２", "zzz", "<script>",
]  # fmt: skip
PARCEL = {"id": 1, "order_id": 2, "status": "success", "created_at": NOW.isoformat(), "tracking_numbers": ["1"], "line_items": [{"id": 9}]}
PAID_BACK = [{"amount": "1.00", "kind": "refund"}]
REFUND = {"id": 1, "order_id": 2, "transactions": PAID_BACK, "refund_line_items": [{"line_item_id": 1, "quantity": 1}]}
TRACKER = {"result": {"id": "t", "tracking_code": "1Z", "status": "in_transit", "tracking_details": [{"datetime": NOW.isoformat()}]}}
CHECKPOINT = {"checkpoint_time": NOW.isoformat(), "tag": "InTransit"}
AFTERSHIP = {"msg": {"tracking_number": "1Z", "tag": "InTransit", "checkpoints": [CHECKPOINT]}}
EVENT = {"time_utc": NOW.isoformat(), "description": "Left", "stage": "InTransit", "location": "Porto"}
TRACK = {"latest_status": {"status": "InTransit"}, "tracking": {"providers": [{"provider": {"name": "CTT"}, "events": [EVENT]}]}}
SEVENTEEN = {"data": {"number": "1Z", "track_info": TRACK}}
TOLD = [
    (shopify, "orders/create", {**shopify_order(1, at=NOW), "fulfillments": [PARCEL], "refunds": [REFUND]}),
    (shopify, "fulfillments/update", PARCEL),
    (shopify, "refunds/create", REFUND),
    (woocommerce, "order.updated", woo_order(refunds=[{"id": 1, "total": "-1.00"}], status="completed")),
    (woocommerce, "product.updated", {"id": 1, "name": "Mug", "price": "1.00", "images": [{"src": "https://a.example/a.png"}], "tags": []}),
    (easypost, "tracker.updated", TRACKER),
    (aftership, "tracking_update", AFTERSHIP),
    (seventeentrack, "TRACKING_UPDATED", SEVENTEEN),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        yield (*path, key)
        yield from places(child, (*path, key))


@pytest.mark.parametrize(("adapter", "topic", "body"), TOLD, ids=[f"{each.__name__.split('.')[1]} {topic}" for each, topic, _ in TOLD])
def test_an_odd_value_anywhere_is_read_or_refused_in_words(adapter, topic, body):
    assert adapter.knows(topic)
    luck = random.Random(7)
    for path in places(body):
        for odd in luck.sample(ODD, 12):
            changed = copy.deepcopy(body)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = odd
            try:
                adapter.read(topic, changed, shop_currency="EUR")
            except (Unusable, Unneeded) as refusal:
                assert str(refusal)
