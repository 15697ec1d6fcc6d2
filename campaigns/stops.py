"""What can stand in the way of a step at any moment, read in one statement: when it is decided, and again at the last moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.decisions import Situation
from campaigns.enrollment import ended
from campaigns.models import Flow, StepSwitch
from messaging.models import Purpose
from messaging.reasons import Reason

_READ = """
SELECT r.id, r.message_id, r.use_by, step.purpose, store.is_paused, store.marketing_paused_at IS NOT NULL,
    step.purpose = 'marketing' AND btrim(store.postal_address) = '' AND (%s OR EXISTS (
        SELECT 1 FROM messaging_account a WHERE a.store_id = store.id AND a.stream IN ('marketing', 'all'))),
    flow.state, switch.choice,
    o.cancelled_at, o.financial_status, o.total_minor, o.refunded_minor,
    (SELECT bool_and(l.refunded_quantity >= l.quantity) FROM orders_orderline l WHERE l.order_id = o.id),
    EXISTS (SELECT 1 FROM customers_task t WHERE t.customer_id = r.customer_id AND t.state = 'open')
FROM campaigns_steprun r
JOIN campaigns_step step ON step.id = r.step_id
JOIN campaigns_enrollment e ON e.id = r.enrollment_id
JOIN campaigns_flow flow ON flow.id = e.flow_id
JOIN stores_store store ON store.id = r.store_id
JOIN orders_order o ON o.id = r.order_id
LEFT JOIN campaigns_stepswitch switch ON switch.flow_id = flow.id AND switch.step_key = r.step_key
"""


def of_runs(ids: Sequence[int], *, now: datetime) -> dict[int, Situation]:
    """Return the situation of each run as far as its store, flow, order and customer's tasks make it, by the run's id."""
    return {run: situation for run, _, situation in _read("WHERE r.id = ANY(%s)", ids, now=now)}


def of_messages(ids: Sequence[int], *, now: datetime) -> dict[int, tuple[int, Situation]]:
    """Return the same of the runs behind finished mails: run and situation by the message's id."""
    return {message: (run, situation) for run, message, situation in _read("WHERE r.message_id = ANY(%s)", ids, now=now)}


def _read(which: str, ids: Sequence[int], *, now: datetime) -> list[tuple[int, int, Situation]]:
    with connection.cursor() as cursor:
        cursor.execute(_READ + which, [settings.MAIL_LEAVES, list(ids)])
        found = cursor.fetchall()
    return [(run, message, _situation(facts, now)) for run, message, *facts in found]


def _situation(facts: Sequence[Any], now: datetime) -> Situation:
    use_by, purpose, is_store_paused, is_marketing_stopped, lacks_imprint, flow_state, switch, *order, has_open_task = facts
    end, is_selling = ended(*order), purpose == Purpose.MARKETING
    is_paused = is_store_paused or (is_selling and is_marketing_stopped)
    return Situation(
        now=now,
        use_by=use_by,
        is_selling=is_selling,
        lacks_imprint=lacks_imprint,
        is_paused=is_paused or flow_state not in (Flow.State.LIVE, Flow.State.WATCHING) or switch == StepSwitch.Choice.PAUSED,
        is_watched=flow_state == Flow.State.WATCHING,
        is_the_shops=switch == StepSwitch.Choice.SHOP,
        is_cancelled=end == Reason.CANCELLED,
        is_refunded=end == Reason.REFUNDED,
        is_returned=end == Reason.RETURNED,
        has_open_task=has_open_task,
    )
