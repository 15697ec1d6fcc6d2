"""The first of a file as they are understood, in plain values, for a person to look over before anything is written."""

from integrations.files.orders import Unit
from orders.incoming import CustomerData, OrderData
from stores import money

MOST = 20
_LONGEST = 60


def shown(unit: Unit) -> dict[str, object]:
    """Return one order or person as a row of words; moments are ISO 8601."""
    if isinstance(unit.data, OrderData):
        return {"line": unit.line, **_order(unit.data)}
    assert unit.data is not None
    return {"line": unit.line, **_person(unit.data)}


def _order(data: OrderData) -> dict[str, object]:
    items = [f"{line.quantity} × {line.name[:_LONGEST]}" for line in data.lines[:2]]
    return {
        "order": (data.number or data.external_id)[:_LONGEST],
        "placed_at": data.placed_at.isoformat(),
        "total": money.show(data.total_minor, data.currency),
        "status": data.financial_status,
        "items": ", ".join(items) + (f" and {len(data.lines) - 2} more" if len(data.lines) > 2 else ""),
        **_person(data.customer),
        "email": (data.customer.email or data.email)[:_LONGEST],
        "place": _place([str(data.shipping_address.get("city", "")), str(data.shipping_address.get("country", ""))]),
    }


def _person(data: CustomerData) -> dict[str, object]:
    year, month, day = data.birthday or (None, None, None)
    return {
        "name": (data.name or data.likely_name)[:_LONGEST],
        "email": data.email[:_LONGEST],
        "phone": data.phone[:_LONGEST],
        "place": _place([data.postal_code, data.city, data.region, data.country]),
        "tags": ", ".join(data.tags or ())[:_LONGEST],
        "birthday": f"{year or '–'}-{month:02d}-{day:02d}" if month and day else "",
        "marketing": data.marketing,
    }


def _place(words: list[str]) -> str:
    return ", ".join(word for word in words if word)[: 2 * _LONGEST]
