"""Plans mails anew whose order has got a day of delivery without news on the wire: a first estimate changes no status."""

from datetime import datetime

from django.db import connection, transaction

from campaigns import enrollment, planning
from customers.models import Customer
from orders.models import Order

#: Orders whose late mail waits although a parcel that is reported on has an estimate; and those of which a mail that must stay ahead of
#: the delivery is planned too late for it.
_UNPLANNED = """
SELECT r.order_id FROM campaigns_step s JOIN campaigns_steprun r ON r.step_id = s.id AND r.state = 'waiting'
WHERE s.anchor = 'late' AND EXISTS (
    SELECT 1 FROM orders_shipment p WHERE p.order_id = r.order_id AND p.expected_at IS NOT NULL AND p.is_scanned
        AND p.delivered_at IS NULL AND NOT p.is_cancelled AND p.status <> 'returned')
UNION
SELECT r.order_id FROM campaigns_step s JOIN campaigns_steprun r ON r.step_id = s.id AND r.state IN ('waiting', 'planned')
JOIN orders_order o ON o.id = r.order_id AND o.received_at IS NULL
WHERE s.not_after_anchor = 'expected' AND r.due_at > %(now)s AND r.facts ->> 'basis' <> 'staff' AND (
    SELECT bool_or(p.delivered_at IS NULL) AND max(p.expected_at) - s.not_after_hours * interval '1 hour' < r.due_at
    FROM orders_shipment p WHERE p.order_id = r.order_id AND NOT p.is_cancelled AND p.status NOT IN ('returned', 'delivered'))
ORDER BY 1 LIMIT %(limit)s
"""


@transaction.atomic
def take_up(*, now: datetime, limit: int = 500) -> int:
    """Plan what such estimates let plan; return of how many orders."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPLANNED, {"now": now, "limit": limit})
        ids = [pk for (pk,) in cursor.fetchall()]
    if ids:
        buyers = Order.objects.filter(pk__in=ids).values("customer")
        list(Customer.objects.select_for_update(no_key=True).filter(pk__in=buyers).order_by("pk").values_list("pk"))
        enrollment.replan(planning.orders_for_planning(ids), now=now)
    return len(ids)
