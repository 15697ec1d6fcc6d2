"""Writes actions and what they add up to; the reader of the wire and the tracking API both come through here."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from customers import touching
from engagement import kinds, scoring
from engagement.models import Action, Engagement
from stores import partitions, rows


@dataclass(frozen=True)
class Done:
    """One action about to be written; without a customer it waits for its visitor to say who they are."""

    store_id: int
    kind: str
    at: datetime
    key: str
    customer_id: int | None = None
    visitor_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """An action that is to count (+1), or no longer (−1), for a customer."""

    store_id: int
    customer_id: int
    kind: str
    at: datetime
    sign: int = 1


def parted() -> partitions.Parted:
    """Return how the actions are parted, and how long they are kept."""
    return partitions.of(Action._meta.db_table)


def write(done: Sequence[Done], *, now: datetime) -> list[Done]:
    """Write actions, within a transaction, and add the new ones to their customers' scores; return the new ones."""
    fresh = {(each.store_id, each.key, each.at): each for each in done}
    columns = ("store_id", "customer_id", "visitor_id", "kind", "at", "key", "data")
    values = [{name: getattr(each, name) for name in columns} for each in fresh.values()]
    new = rows.insert(Action, values, conflict="(store_id, key, at) DO NOTHING", returning="store_id, key, at")
    written = [fresh[store, key, at] for store, key, at in new]
    count([Counted(each.store_id, each.customer_id, each.kind, each.at) for each in written if each.customer_id], now=now)
    return written


def take_back(store_id: int, keys: Iterable[str], *, now: datetime) -> set[str]:
    """Take actions back as if they had never been, within a transaction; return the keys of those that there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM engagement_action WHERE store_id = %s AND key = ANY(%s) RETURNING customer_id, kind, at, key",
            [store_id, sorted(set(keys))],
        )
        gone = cursor.fetchall()
    count([Counted(store_id, customer, kind, at, sign=-1) for customer, kind, at, _ in gone if customer], now=now)
    return {key for *_, key in gone}


def count(actions: Sequence[Counted], *, now: datetime) -> None:
    """Bring scores up to date, within a transaction: a step an action, whatever a customer did before."""
    if not actions:
        return
    of = defaultdict(list)
    for each in actions:
        of[each.customer_id].append((each.kind, each.at, each.sign))
    stores = {each.customer_id: each.store_id for each in actions}
    tables = kinds.of_all(stores.values())
    held = _locked(stores, now=now)
    changed = []
    for customer, (as_of, counts) in held.items():
        table, latest = tables[stores[customer]], max(now, as_of)
        sums = scoring.added(counts, of[customer], as_of=as_of, now=latest, kinds=table)
        value, impact = scoring.score(sums, table)
        changed.append({"customer_id": customer, "value": value, "impact": impact, "as_of": latest, "parts": sums})
    _save(changed)
    for store in sorted(set(stores.values())):
        touching.touch(store, [customer for customer in held if stores[customer] == store])


def _locked(stores: dict[int, int], *, now: datetime) -> dict[int, tuple[datetime, dict[str, float]]]:
    """Return the scores of customers, their rows made where missing and locked in order of id."""
    fresh = [{"customer_id": pk, "store_id": stores[pk], "value": 0, "impact": 0, "as_of": now, "parts": {}} for pk in sorted(stores)]
    rows.insert(Engagement, fresh, conflict="(customer_id) DO NOTHING")
    found = Engagement.objects.select_for_update().filter(customer__in=stores).order_by("customer_id")
    return {row.customer_id: (row.as_of, row.parts) for row in found}


def _save(changed: Sequence[rows.Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_engagement AS held SET value = fresh.value, impact = fresh.impact, as_of = fresh.as_of, parts = fresh.parts"
            " FROM json_to_recordset(%s::json)"
            " AS fresh(customer_id bigint, value float, impact float, as_of timestamptz, parts jsonb)"
            " WHERE held.customer_id = fresh.customer_id",
            [rows.as_value(changed)],
        )
