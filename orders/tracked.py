"""An order as its tracker shows it, by one statement.

On the day parcels arrive strangers open trackers hundreds of times a second, and composing a statement for each table cost more than
running them and drawing the page.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from customers.models import Customer
from orders.models import Order, OrderLine, Shipment
from stores import clock, gathering
from stores.models import Store

_ORDER = f"""
SELECT json_build_object('now', {clock.EXPRESSION}, 'order', o, 'store', s, 'customer', c,
    'lines', (SELECT json_agg(l ORDER BY l.position, l.id) FROM orders_orderline l WHERE l.order_id = o.id),
    'parcels', (SELECT json_agg(p ORDER BY p.id) FROM orders_shipment p WHERE p.order_id = o.id))::text
FROM orders_order o JOIN stores_store s ON s.id = o.store_id JOIN customers_customer c ON c.id = o.customer_id WHERE o.token = %s
"""


@dataclass(frozen=True)
class Tracked:
    """An order (its store and customer loaded), its lines in their order, its parcels, oldest first; and when it was looked at."""

    now: datetime
    order: Order
    lines: list[OrderLine]
    parcels: list[Shipment]


def by_token(token: str) -> Tracked | None:
    """Return the order that this token opens, if there is one."""
    found = gathering.ask(_ORDER, [token])
    if found is None:
        return None
    order = gathering.row(Order, found["order"])
    order.store, order.customer = gathering.row(Store, found["store"]), gathering.row(Customer, found["customer"])
    now = datetime.fromisoformat(found["now"]).astimezone(UTC)
    return Tracked(now, order, gathering.rows(OrderLine, found["lines"]), gathering.rows(Shipment, found["parcels"]))
