"""What a timeline row says, to the letter, for the data that the rooms write."""

import re
from datetime import UTC, datetime

import pytest
from django.template.loader import get_template
from django.utils.html import strip_tags

from customers.models import Event
from lifecycle.console import timeline

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORDER = {"order": 16, "number": "1016", "currency": "EUR"}
PARCEL = {"order": 16, "number": "1016", "carrier": "DHL", "tracking_number": "003400", "expected_at": "2026-11-25T23:30:00Z"}


def row(store, kind, data):
    event = Event(store=store, kind=kind, customer_id=1, occurred_at=AT, data=data)
    request = type("R", (), {"store": store})
    context = {"event": event, "data": timeline.Data(data), "zone": "Europe/Berlin", "now": AT, "request": request}
    return re.sub(r"\s+", " ", strip_tags(get_template(timeline.template_of(kind)).render(context))).strip()


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("order.placed", {**ORDER, "amount": 7900, "items": "Kettle"}, "Placed order 1016 for €79.00 Kettle 10:00"),
        ("order.placed", {**ORDER, "amount": 0}, "Placed order 1016 for €0.00 10:00"),
        ("order.paid", {**ORDER, "amount": 7900}, "Paid €79.00 for order 1016 10:00"),
        ("order.refunded", {**ORDER, "amount": 1200}, "Refunded €12.00 of order 1016 10:00"),
        ("order.refunded", {**ORDER, "amount": 1250, "currency": "KWD"}, "Refunded KWD 1.250 of order 1016 10:00"),
        ("order.refunded", {"order": 16, "number": "1016"}, "Refund for order 1016 10:00"),
        ("shipment.shipped", PARCEL, "Parcel shipped: order 1016 DHL 003400 · expected Thursday 26 November 10:00"),
        (
            "shipment.moved",
            {**PARCEL, "from": "2026-11-22T15:00:00Z"},
            "New delivery estimate for order 1016 Expected Thursday 26 November, before that Sunday 22 November 10:00",
        ),
        ("shipment.moved", {**PARCEL, "expected_at": "soon"}, "New delivery estimate for order 1016 10:00"),
    ],
)
def test_says_amounts_and_days_in_words(store, kind, data, words):
    assert row(store, kind, data).replace("\N{NO-BREAK SPACE}", " ") == words
