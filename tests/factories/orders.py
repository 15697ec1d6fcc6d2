"""Orders in the generic format, as plain JSON values, and the verb that takes them in."""

from datetime import UTC, datetime

from integrations.generic import adapter
from orders import ingest
from orders.models import Order

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def payload(external_id="1001", **fields):
    """Return the smallest interesting order: one physical item, paid, placed an hour before NOW."""
    return {
        "external_id": external_id,
        "number": f"#{external_id}",
        "placed_at": "2026-03-01T11:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        "currency": "EUR",
        "total": "59.90",
        "financial_status": "paid",
        "lines": [
            {"external_id": "l1", "sku": "KETTLE", "name": "Kettle", "quantity": 1, "unit_price": "59.90", "product_external_id": "p1"},
        ],
        "customer": {"external_id": "c1", "email": "ada@example.com", "name": "Ada Lovelace"},
        "shipping_address": {"name": "Ada Lovelace", "country_code": "GB"},
        **fields,
    }


def place(store, external_id="1001", *, now=NOW, live_since=None, history=False, **fields) -> Order:
    """Take an order in by the real verb."""
    data = adapter.order(payload(external_id, **fields))
    placed = ingest.upsert_order(store, data, now=now, live_since=live_since, history=history).order
    assert placed is not None
    return placed


def shipment(order="1001", external_id="s1", **fields):
    return {"external_id": external_id, "order_external_id": order, **fields}
