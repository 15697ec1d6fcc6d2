"""An order as its tracker shows it, by statements written out.

On the day parcels arrive strangers open trackers hundreds of times a second, and composing these statements anew each time cost
more than running them and drawing the page.
"""

from dataclasses import dataclass

from customers.models import Customer
from orders.models import Order, OrderLine, Shipment
from stores.models import Store


@dataclass(frozen=True)
class Tracked:
    """An order (its store and customer loaded), its lines in their order, and its parcels, oldest first."""

    order: Order
    lines: list[OrderLine]
    parcels: list[Shipment]


def by_token(token: str) -> Tracked | None:
    """Return the order that this token opens, if there is one."""
    for order in Order.objects.raw("SELECT * FROM orders_order WHERE token = %s", [token]):
        [order.store] = Store.objects.raw("SELECT * FROM stores_store WHERE id = %s", [order.store_id])
        [order.customer] = Customer.objects.raw("SELECT * FROM customers_customer WHERE id = %s", [order.customer_id])
        return Tracked(
            order,
            list(OrderLine.objects.raw("SELECT * FROM orders_orderline WHERE order_id = %s ORDER BY position, id", [order.pk])),
            list(Shipment.objects.raw("SELECT * FROM orders_shipment WHERE order_id = %s ORDER BY id", [order.pk])),
        )
    return None
