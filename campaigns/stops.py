"""What can stand in the way of a step at any moment, read in one statement: when it is decided, and again at the last moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns import timing
from campaigns.decisions import Situation
from campaigns.models import Flow, StepSwitch
from campaigns.planning import ended, outlives
from customers import preferences, topics
from messaging.models import Purpose
from messaging.reasons import Reason
from stores import walltime

#: When a customer may get one more mail under the cap of `{of}`: once the oldest of as many as it allows is as long ago as it says. What
#: was handed over counts, with the moment it went or is to go; of two mails of the outbox that are both asked about, the second gives way.
_FREES = """
    (SELECT coalesce(m.sent_at, m.due_at) + {of}.cap_days * interval '24 hours' FROM messaging_message m
    WHERE {of}.cap_mails IS NOT NULL AND step.purpose <> 'transactional' AND m.customer_id = r.customer_id AND {which}
        AND m.purpose <> 'transactional' AND m.state NOT IN ('failed', 'cancelled')
        AND (r.message_id IS NULL OR m.id < r.message_id
            OR m.id <> r.message_id AND m.state IN ('sending', 'sent', 'unknown') AND NOT m.id = ANY(%(ids)s))
    ORDER BY coalesce(m.sent_at, m.due_at) DESC OFFSET {of}.cap_mails - 1 LIMIT 1)"""

#: A customer who wants fewer mails gets one offer within so many days: a cap of their own.
_FEWER = f"""
    CROSS JOIN LATERAL (SELECT CASE WHEN c.wants_fewer_since IS NOT NULL AND step.purpose = 'marketing' THEN 1 END AS cap_mails,
        {preferences.FEWER_DAYS} AS cap_days) fewer"""

#: Whether a mail asks its customer something.
_ASKS = """
    coalesce(step.content -> 'blocks' @> '[{"kind": "question"}]' OR step.content -> 'blocks' @> '[{"kind": "stars"}]', false)"""

#: A customer is in trouble while an order of theirs of the last two months is late (as `orders.progress` has it) or could not be handed
#: over, and for two weeks after all the money of one was given back: nobody is sold anything then.
_TROUBLE = """
    step.purpose = 'marketing' AND (EXISTS (
        SELECT 1 FROM orders_order t JOIN orders_shipment p ON p.order_id = t.id
        WHERE t.customer_id = r.customer_id AND t.placed_at > %(now)s - interval '60 days' AND NOT t.is_test
            AND t.cancelled_at IS NULL AND t.received_at IS NULL AND t.financial_status NOT IN ('refunded', 'voided')
            AND p.delivered_at IS NULL AND NOT p.is_cancelled AND p.status <> 'returned'
            AND (p.status = 'failure' OR p.is_scanned AND (
                p.expected_at < %(now)s - interval '24 hours' OR p.expected_at >= p.first_expected_at + interval '24 hours'
                OR p.said -> 'stalled' ->> 0 = p.scans -> -1 ->> 0)))
    OR EXISTS (
        SELECT 1 FROM orders_order t JOIN orders_refund b ON b.order_id = t.id
        WHERE t.customer_id = r.customer_id AND t.financial_status = 'refunded' AND NOT t.is_test
            AND b.at > %(now)s - interval '14 days'))"""

#: The joins below follow keys one by one: weighing other orders takes the planner longer than the whole statement for a window of mails.
_IN_THAT_ORDER = "SET LOCAL join_collapse_limit = 1"

_READ = f"""
SELECT r.id, r.message_id, r.use_by, step.purpose, EXISTS (SELECT 1 FROM stores_sendingstop),
    store.is_paused, store.marketing_paused_at IS NOT NULL,
    step.purpose = 'marketing' AND btrim(store.postal_address) = '' AND (%(leaves)s OR EXISTS (
        SELECT 1 FROM messaging_account a WHERE a.store_id = store.id AND a.stream IN ('marketing', 'all'))),
    flow.state, switch.choice,
    greatest({_FREES.format(of="store", which="true")}, {_FREES.format(of="flow", which="m.flow = flow.key")}),
    store.quiet_from, store.quiet_until, store.marketing_days,
    c.timezone, coalesce(nullif(o.shipping_address ->> 'country', ''), c.country), store.timezone,
    o.cancelled_at, o.financial_status, o.total_minor, o.refunded_minor,
    (SELECT bool_and(l.refunded_quantity >= l.quantity) FROM orders_orderline l WHERE l.order_id = o.id),
    EXISTS (SELECT 1 FROM customers_task t WHERE t.customer_id = r.customer_id AND t.state = 'open'),
    {_TROUBLE}, step.anchor, version.trigger,
    EXISTS (SELECT 1 FROM campaigns_step other WHERE other.version_id = step.version_id AND other.instead_of <> ''),
    EXISTS (SELECT 1 FROM orders_order another WHERE another.customer_id = r.customer_id AND another.id <> r.order_id),
    c.declined_topics, flow.is_one_off, {_ASKS}, {_FREES.format(of="fewer", which="m.purpose = 'marketing'")},
    CASE WHEN step.purpose <> 'transactional' THEN c.paused_until END
FROM campaigns_steprun r
JOIN campaigns_step step ON step.id = r.step_id
JOIN campaigns_enrollment e ON e.id = r.enrollment_id
JOIN campaigns_flow flow ON flow.id = e.flow_id
JOIN stores_store store ON store.id = r.store_id
JOIN customers_customer c ON c.id = r.customer_id
{_FEWER}
JOIN campaigns_flowversion version ON version.id = e.version_id
LEFT JOIN orders_order o ON o.id = r.order_id
LEFT JOIN campaigns_stepswitch switch ON switch.flow_id = flow.id AND switch.step_key = r.step_key
"""


@dataclass(frozen=True)
class _Facts:
    """A run's row of `_READ`."""

    run: int
    message: int | None
    use_by: datetime
    purpose: str
    is_stopped: bool
    is_store_paused: bool
    is_marketing_stopped: bool
    lacks_imprint: bool
    flow_state: str
    switch: str | None
    cap_frees_at: datetime | None
    quiet_from: time | None
    quiet_until: time | None
    marketing_days: str
    customers_zone: str
    country: str
    stores_zone: str
    cancelled_at: datetime | None
    financial_status: str | None
    total_minor: int | None
    refunded_minor: int | None
    is_back: bool | None
    has_open_task: bool
    is_in_trouble: bool
    anchor: str
    trigger: str
    has_pairs: bool
    has_other_orders: bool
    declined_topics: list[str] | None
    is_one_off: bool
    asks: bool
    few_until: datetime | None
    break_until: datetime | None


def of_runs(ids: Sequence[int], *, now: datetime) -> dict[int, Situation]:
    """Return the situation of each run as far as its store, flow, order and customer make it, by the run's id."""
    return {facts.run: _situation(facts, now) for facts in _read("r.id", ids, now)}


def of_messages(ids: Sequence[int], *, now: datetime) -> dict[int, tuple[int, Situation]]:
    """Return the same of the runs behind finished mails: run and situation by the message's id."""
    return {facts.message: (facts.run, _situation(facts, now)) for facts in _read("r.message_id", ids, now) if facts.message}


def _read(column: str, ids: Sequence[int], now: datetime) -> list[_Facts]:
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"leaves": settings.MAIL_LEAVES, "ids": list(ids), "now": now}
        cursor.execute(f"{_IN_THAT_ORDER}; {_READ} WHERE {column} = ANY(%(ids)s)", asked)
        return [_Facts(*row) for row in cursor.fetchall()]


def _situation(facts: _Facts, now: datetime) -> Situation:
    end = _end(facts)
    is_selling = facts.purpose == Purpose.MARKETING
    return Situation(
        now=now,
        use_by=facts.use_by,
        is_selling=is_selling,
        is_stopped=facts.is_stopped,
        is_paused=facts.is_store_paused
        or (is_selling and facts.is_marketing_stopped)
        or facts.flow_state not in (Flow.State.LIVE, Flow.State.WATCHING)
        or facts.switch == StepSwitch.Choice.PAUSED,
        lacks_imprint=facts.lacks_imprint,
        is_watched=facts.flow_state == Flow.State.WATCHING,
        is_the_shops=facts.switch == StepSwitch.Choice.SHOP,
        is_cancelled=end == Reason.CANCELLED,
        is_refunded=end == Reason.REFUNDED,
        is_returned=end == Reason.RETURNED,
        has_pairs=facts.has_pairs,
        has_other_orders=facts.has_other_orders,
        has_open_task=facts.has_open_task,
        is_in_trouble=facts.is_in_trouble,
        is_declined=topics.of_mail(facts.purpose, asks=facts.asks, is_one_off=facts.is_one_off) in (facts.declined_topics or ()),
        few_until=_if_later(facts.few_until, now),
        break_until=_if_later(facts.break_until, now),
        capped_until=_if_later(facts.cap_frees_at, now),
        quiet_until=_quiet_until(facts, now),
    )


def _if_later(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment > now else None


def _end(facts: _Facts) -> Reason | None:
    """Return why the order of a run has ended, if there is one and the step does not tell of just that."""
    if facts.financial_status is None or outlives(facts.anchor, facts.trigger):
        return None
    return ended(facts.cancelled_at, facts.financial_status, facts.total_minor or 0, facts.refunded_minor or 0, facts.is_back)


def _quiet_until(facts: _Facts, now: datetime) -> datetime | None:
    """Return when the customer's clock lets the mail go; order mails go at any hour."""
    hours = timing.hours_for(facts.purpose, facts.quiet_from, facts.quiet_until, facts.marketing_days)
    if hours is None:
        return None
    zone = walltime.zone_for(customer=facts.customers_zone, country=facts.country, store=facts.stores_zone)
    return timing.opens_at(now, hours=hours, zone=zone, use_by=facts.use_by, number=facts.run)
