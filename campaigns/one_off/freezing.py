"""Freezing an audience: who is meant now becomes a passage and a planned mail each, in one statement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from campaigns.models import Enrollment, Flow, Step, StepRun
from campaigns.one_off import moments, scheduling
from campaigns.one_off.models import Campaign
from customers.models import Customer
from segments import audience
from segments.models import Segment
from segments.rules.parsing import NotARule
from stores import rows, walltime
from stores.failpoints import reach
from stores.models import Store

#: A number of a person below ten thousand that looks like chance and is the same whenever it is asked for.
_CHANCE = "(hashint8extended(c.id, %(salt)s) & 9223372036854775807) %% 10000"


@transaction.atomic
def freeze(campaign: Campaign, *, now: datetime) -> int:
    """Write the people down and plan their mails; return how many. A campaign that is not being frozen stays as it is.

    All or nothing: a process that dies here leaves the campaign as it was, and the next begins anew. Who is no longer meant later still
    gets the mail, if they may; who comes later does not.
    """
    held = Campaign.objects.select_for_update(of=("self",), no_key=True).filter(pk=campaign.pk, state=Campaign.State.FREEZING)
    found = held.select_related("flow__version", "audience", "without", "store").first()
    if found is None:
        return 0
    assert found.starts_at is not None
    found.decides_at = found.starts_at + timedelta(hours=found.test_hours) if _is_held_back(found) else None
    found.people = _write(found, now=now)
    reach("in_freeze")
    found.state, found.frozen_at, found.wake_at = Campaign.State.SENDING, now, now
    found.save(update_fields=["decides_at", "people", "state", "frozen_at", "wake_at"])
    Flow.objects.filter(pk=found.flow_id).update(state=Flow.State.LIVE, activated_at=now)
    return found.people


def _is_held_back(campaign: Campaign) -> bool:
    """Say whether some wait for the better version."""
    return campaign.test_percent is not None and campaign.test_percent < 100


def meant(store: Store, chosen: Segment | None, without: Segment | None, *, now: datetime) -> tuple[str, list[Any]]:
    """Return the SELECT (its column is `id`) of a segment's people, everybody's if None, without those of another. Raises NotARule."""
    values: list[Any] = [store.pk]
    sql = "SELECT id FROM customers_customer WHERE store_id = %s AND erased_at IS NULL"
    if chosen is not None:
        everybody = audience.everybody(chosen, store=store, now=now)
        sql, values = everybody.sql, list(everybody.params)
    if without is None:
        return sql, values
    others = audience.everybody(without, store=store, now=now)
    return f"SELECT id FROM ({sql}) chosen EXCEPT SELECT id FROM ({others.sql}) others", [*values, *others.params]


def _write(campaign: Campaign, *, now: datetime) -> int:
    store, steps = campaign.store, campaign.mails
    people, values = meant(store, campaign.audience, campaign.without, now=now)
    with connection.cursor() as cursor:
        found = cursor.mogrify(people, values).decode().replace("%", "%%")
        cursor.execute(_statement(cursor, found), {**_given(campaign, steps), "clocks": rows.as_value(_clocks(campaign))})
        return int(cursor.fetchone()[0])


def _given(campaign: Campaign, steps: Sequence[Step]) -> dict[str, Any]:
    """Return the values of the statement: version A goes to chance below `first`, B below `second`, the rest waits until `decides_at`."""
    share = (campaign.test_percent or 0) * 100 if len(steps) > 1 else 0
    return {
        "store": campaign.store_id, "flow": campaign.flow_id, "version": campaign.flow.version_id, "salt": campaign.pk,
        "a": steps[0].pk, "a_key": steps[0].key, "b": steps[-1].pk, "b_key": steps[-1].key, "first": share // 2, "second": share,
        "starts_at": campaign.starts_at, "decides_at": campaign.decides_at or campaign.starts_at, "use_by": steps[0].use_by_hours,
    }  # fmt: skip


def _clocks(campaign: Campaign) -> list[dict[str, Any]]:
    """Return when a mail is due for each kind of customer: by their zone and country, if each has their own time, else for all."""
    assert campaign.starts_at is not None
    if campaign.timing != Campaign.Timing.EACH:
        return []
    wish = scheduling.wish_of(campaign)
    kinds = Customer.objects.filter(store=campaign.store_id).order_by().values_list("timezone", "country").distinct()
    store = campaign.store.timezone
    return [
        {
            "timezone": zone, "country": country,
            "at": moments.due(wish, walltime.zone_for(customer=zone, country=country, store=store), starts_at=campaign.starts_at),
        }
        for zone, country in kinds
    ]  # fmt: skip


def _statement(cursor: Any, people: str) -> str:
    """Return the statement that writes the passages and the planned mails of `people`, an own SELECT without open values."""
    passages = {
        "store_id": "%(store)s", "flow_id": "%(flow)s", "version_id": "%(version)s", "customer_id": "c.id", "entry_key": "'once'",
        "entered_at": f"coalesce(clock.at, CASE WHEN {_CHANCE} < %(second)s THEN %(starts_at)s ELSE %(decides_at)s END)",
    }  # fmt: skip
    mails = {
        "store_id": "%(store)s", "enrollment_id": "c.enrollment_id", "customer_id": "c.id", "state": "'planned'", "due_at": "c.at",
        "step_id": "CASE WHEN is_b THEN %(b)s ELSE %(a)s END", "step_key": "CASE WHEN is_b THEN %(b_key)s ELSE %(a_key)s END",
        "facts": "jsonb_build_object('basis', 'entered', 'anchor', 'entered', 'anchor_at', c.at)",
        "use_by": "c.at + %(use_by)s * interval '1 hour'",
    }  # fmt: skip
    return f"""
WITH meant AS MATERIALIZED ({people}), clock AS (
    SELECT * FROM json_to_recordset(%(clocks)s::json) AS clock(timezone text, country text, at timestamptz)
), entered AS (
    INSERT INTO campaigns_enrollment {_values(cursor, Enrollment, passages)}
    FROM meant JOIN customers_customer c ON c.id = meant.id
    LEFT JOIN clock ON clock.timezone = c.timezone AND clock.country = c.country
    WHERE c.store_id = %(store)s AND c.erased_at IS NULL
    RETURNING id, customer_id, entered_at
), planned AS (
    INSERT INTO campaigns_steprun {_values(cursor, StepRun, mails)}
    FROM (SELECT id AS enrollment_id, customer_id AS id, entered_at AS at FROM entered) c
    CROSS JOIN LATERAL (SELECT {_CHANCE} >= %(first)s AND {_CHANCE} < %(second)s AS is_b) part
    RETURNING 1
)
SELECT count(*) FROM planned
"""


def _values(cursor: Any, model: type[Model], given: dict[str, str]) -> str:
    """Return "(columns) SELECT values" for a model: what is not given has its default."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = [given.get(field.column) or _literal(cursor, field) for field in fields]
    return f"({', '.join(field.column for field in fields)}) SELECT {', '.join(values)}"


def _literal(cursor: Any, field: Any) -> str:
    text: str = cursor.mogrify("%s", [field.get_db_prep_save(field.get_default(), connection)]).decode()
    return text.replace("%", "%%")


def start(campaign: Campaign, *, now: datetime) -> None:
    """Find the people of a campaign whose time has come; where its segment can no longer be read, stop it and say why."""
    Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SCHEDULED, starts_at__lte=now).update(state=Campaign.State.FREEZING)
    try:
        freeze(campaign, now=now)
    except NotARule as error:
        going = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.FREEZING)
        going.update(state=Campaign.State.STOPPED, problem=str(error)[:300], stopped_at=now, finished_at=now, wake_at=None)
