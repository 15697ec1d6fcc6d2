"""Plans late mails anew whose order has got a day of delivery without news on the wire: a carrier's first estimate changes no status."""

from datetime import datetime

from django.db import connection, transaction

from campaigns import enrollment
from customers.models import Customer
from orders.models import Order

#: Orders whose late mail waits although a parcel that is reported on has an estimate.
_UNPLANNED = """
SELECT r.order_id FROM campaigns_step s JOIN campaigns_steprun r ON r.step_id = s.id AND r.state = 'waiting'
WHERE s.anchor = 'late' AND EXISTS (
    SELECT 1 FROM orders_shipment p WHERE p.order_id = r.order_id AND p.expected_at IS NOT NULL AND p.is_scanned
        AND p.delivered_at IS NULL AND NOT p.is_cancelled AND p.status <> 'returned')
ORDER BY r.order_id LIMIT %s
"""


@transaction.atomic
def take_up(*, now: datetime, limit: int = 500) -> int:
    """Plan what such estimates let plan; return of how many orders."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPLANNED, [limit])
        ids = [pk for (pk,) in cursor.fetchall()]
    if ids:
        buyers = Order.objects.filter(pk__in=ids).values("customer")
        list(Customer.objects.select_for_update(no_key=True).filter(pk__in=buyers).order_by("pk").values_list("pk"))
        enrollment.replan(enrollment.orders_for_planning(ids), now=now)
    return len(ids)
