"""What a flow brought: figures by step and wording, and what those it is compared with did without it. A handful of statements.

An order is a mail's if its customer, a person, clicked in it at most DAYS days before; of several such mails it is the last one's. Money is
the shop's, less what was given back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from campaigns.comparing import Difference, Group, of_means, of_shares
from campaigns.models import Flow, Step, StepRun
from messaging.models import DayCount
from surveys import answers
from surveys.models import Response

#: A click counts for so long.
DAYS = 5
#: So long after somebody entered, what they buy is compared.
COMPARED_DAYS = 60
#: Of fewer sent mails no share is shown.
FEWEST_SENT = 20

_COUNTS = "NOT o.is_test AND o.cancelled_at IS NULL AND o.financial_status <> 'voided'"
_CREDITED = f"""
WITH clicks AS MATERIALIZED (
    SELECT customer_id, occurred_at, data ->> 'flow' AS flow, data ->> 'step' AS step, (data ->> 'message')::bigint AS message
    FROM customers_event WHERE store_id = %(store)s AND kind = 'mail.clicked'
), credited AS (
    SELECT DISTINCT ON (o.id) c.flow, c.step, c.message, o.shop_total_minor - o.shop_refunded_minor AS minor
    FROM clicks c JOIN orders_order o ON o.customer_id = c.customer_id
        AND o.placed_at > c.occurred_at AND o.placed_at <= c.occurred_at + make_interval(days => %(days)s)
    WHERE {_COUNTS} ORDER BY o.id, c.occurred_at DESC
)
SELECT credited.step, coalesce(r.variant, ''), count(*), sum(minor)::bigint
FROM credited LEFT JOIN campaigns_steprun r ON r.message_id = credited.message
WHERE flow = %(flow)s GROUP BY 1, 2
"""

#: Mails of the steps that have wordings, and of them those in which a person clicked.
_WORDINGS = """
SELECT r.step_key, r.variant, count(*), count(clicked.message)
FROM campaigns_steprun r LEFT JOIN (
    SELECT DISTINCT (data ->> 'message')::bigint AS message FROM customers_event
    WHERE store_id = %(store)s AND kind = 'mail.clicked' AND data ->> 'flow' = %(flow)s
) AS clicked ON clicked.message = r.message_id
WHERE r.step_id = ANY(%(steps)s) AND r.state = 'handed_over' GROUP BY 1, 2
"""

#: Everybody by their first passage since there is something to compare, with what they bought after it began.
_COMPARED = f"""
WITH begun AS (
    SELECT DISTINCT ON (customer_id) customer_id, is_held_out, entered_at, order_id
    FROM campaigns_enrollment WHERE flow_id = %(flow)s AND is_held_out IS NOT NULL ORDER BY customer_id, entered_at
), spent AS (
    SELECT b.is_held_out, count(o.id) AS orders, coalesce(sum(o.shop_total_minor - o.shop_refunded_minor), 0) AS minor
    FROM begun b LEFT JOIN orders_order o ON o.customer_id = b.customer_id AND o.id IS DISTINCT FROM b.order_id AND {_COUNTS}
        AND o.placed_at > b.entered_at AND o.placed_at <= b.entered_at + make_interval(days => %(days)s)
    GROUP BY b.customer_id, b.is_held_out
)
SELECT is_held_out, count(*), count(*) FILTER (WHERE orders > 0), avg(minor)::float8, coalesce(var_samp(minor), 0)::float8
FROM spent GROUP BY is_held_out
"""


@dataclass(frozen=True)
class Wording:
    """One of several wordings of a step's mail, and how the share of those who clicked differs from the step's own wording's."""

    key: str
    sent: int
    clicked: int
    orders: int
    minor: int
    against_own: Difference | None = None


@dataclass(frozen=True)
class StepResult:
    """One step's figures. `minor` is the money of its `orders`; `low` counts low answers to a question that it asked."""

    step: Step
    sent: int
    clicked: int
    orders: int
    minor: int
    unsubscribed: int
    low: int | None
    wordings: Sequence[Wording] = ()


@dataclass(frozen=True)
class Comparison:
    """Who got everything and who was held out, and what the difference is: of the share who bought, and of what each spent."""

    mailed: Group
    held_out: Group
    bought: Difference | None = field(init=False)
    spent: Difference | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bought", of_shares(self.mailed, self.held_out))
        object.__setattr__(self, "spent", of_means(self.mailed, self.held_out))


def by_step(flow: Flow, steps: Sequence[Step]) -> list[StepResult]:
    """Return the figures of a flow's steps over all its versions; what was sent is as `messaging.returning.day_counts` last counted it."""
    counted = DayCount.objects.filter(store=flow.store_id, flow=flow.key).exclude(purpose="").order_by().values_list("step")
    totals = {key: rest for key, *rest in counted.annotate(Sum("sent"), Sum("clicked"), Sum("unsubscribed"))}
    credited = _credited(flow)
    low = _low(flow, [step for step in steps if step.shows("question")])
    wordings = _wordings(flow, [step for step in steps if step.variants], credited)
    results = []
    for step in steps:
        sent, clicked, unsubscribed = totals.get(step.key, (0, 0, 0))
        of_step = [money for (key, _), money in credited.items() if key == step.key]
        results.append(
            StepResult(
                step, sent, clicked, sum(orders for orders, _ in of_step), sum(minor for _, minor in of_step), unsubscribed,
                low.get(step.key, 0) if step.shows("question") else None, wordings.get(step.key, ()),
            )
        )  # fmt: skip
    return results


def compare(flow: Flow) -> Comparison:
    """Compare those who were held out with the others who entered at the same time."""
    sides = {held: Group(*rest) for held, *rest in _ask(_COMPARED, {"flow": flow.pk, "days": COMPARED_DAYS})}
    return Comparison(sides.get(False, Group(0, 0)), sides.get(True, Group(0, 0)))


def of_wordings(flow: Flow, step: Step) -> Sequence[Wording]:
    """Return the figures of the wordings of one step, its own first; none where it has only that."""
    return _wordings(flow, [step], _credited(flow)).get(step.key, ()) if step.variants else ()


def _credited(flow: Flow) -> dict[tuple[str, str], tuple[int, int]]:
    """Return how many orders, and how much money, each step and wording brought."""
    found = _ask(_CREDITED, {"store": flow.store_id, "flow": flow.key, "days": DAYS})
    return {(step, variant): (orders, minor) for step, variant, orders, minor in found}


def _low(flow: Flow, asking: Sequence[Step]) -> dict[str, int]:
    """Return how many answered low to what each step asked."""
    if not asking:
        return {}
    asked = {"order__runs__step__version__flow": flow, "order__runs__state": StepRun.State.HANDED_OVER}
    low = Response.objects.filter(store=flow.store_id, score__lte=answers.LOW, order__runs__step_key__in=[s.key for s in asking], **asked)
    return dict(low.order_by().values_list("order__runs__step_key").annotate(Count("pk", distinct=True)))


def _wordings(flow: Flow, steps: Sequence[Step], credited: Mapping[tuple[str, str], tuple[int, int]]) -> dict[str, list[Wording]]:
    if not steps:
        return {}
    values = {"store": flow.store_id, "flow": flow.key, "steps": [step.pk for step in steps]}
    counted = {(key, variant): Group(sent, clicked) for key, variant, sent, clicked in _ask(_WORDINGS, values)}
    return {step.key: [_wording(step, key, counted, credited) for key in ("", *(each["key"] for each in step.variants))] for step in steps}


def _wording(
    step: Step, key: str, counted: Mapping[tuple[str, str], Group], credited: Mapping[tuple[str, str], tuple[int, int]]
) -> Wording:
    group, own = counted.get((step.key, key), Group(0, 0)), counted.get((step.key, ""), Group(0, 0))
    orders, minor = credited.get((step.key, key), (0, 0))
    return Wording(key, group.people, group.did, orders, minor, of_shares(group, own) if key else None)


def _ask(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        return list(cursor.fetchall())
