"""Which mails of a claim may go now, by the limits of their roads; the others are queued again, each due when its turn comes.

A road is a store's account, or the installation's own, whose limits are settings. A limit's row is locked for the claim, so workers
side by side keep it together. Order mail takes from the same pace but has its own queue, and a warm-up is none of its business.
"""

import random
from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from messaging.models import Account, Message, Pace
from messaging.roads import accounts, rates
from messaging.roads.rates import Limit, Request
from stores import rows

_LOCK = """
INSERT INTO messaging_pace (key, next_at, queue_until, urgent_until)
SELECT key, %(now)s, %(now)s, %(now)s FROM unnest(%(keys)s) key ORDER BY key
ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id, key, next_at, queue_until, urgent_until
"""


def admit(claimed: Sequence[Message], *, now: datetime) -> list[Message]:
    """Return those of the claimed mails that may go now. What is past its use-by may: the gate ends it. Runs in the claim's transaction."""
    if not claimed:
        return []
    held = accounts.accounts_of({message.store_id for message in claimed})
    asked = [
        (message, _limits(message, accounts.pick(held, store_id=message.store_id, purpose=message.purpose), now))
        for message in claimed
        if message.use_by > now
    ]
    asked = [(message, limits) for message, limits in asked if limits]
    if not asked:
        return list(claimed)
    turns = _grant(asked, now=now)
    later = {message.pk: turn for (message, _), turn in zip(asked, turns, strict=True) if turn is not None}
    again = {"state": Message.State.QUEUED.value, "claim": None, "lease_until": None}
    rows.update(Message, [{"id": pk, **again, "due_at": turn} for pk, turn in later.items()])
    return [message for message in claimed if message.pk not in later]


def _limits(message: Message, account: Account | None, now: datetime) -> tuple[Limit, ...]:
    road, per_minute, per_domain, warm_up_from = _road(account)
    domain = message.to_email.rpartition("@")[2].lower()
    found = [
        rates.a_minute(road, per_minute) if per_minute else None,
        rates.a_minute(f"{road}:{domain}", per_domain) if per_domain else None,
        rates.warm_up(f"{road}:day", warm_up_from, now=now) if warm_up_from and not message.is_urgent else None,
    ]
    return tuple(limit for limit in found if limit)


def _road(account: Account | None) -> tuple[str, int | None, int | None, date | None]:
    if account is None:
        return "road", settings.MAIL_PER_MINUTE, settings.MAIL_PER_DOMAIN_MINUTE, settings.MAIL_WARM_UP_FROM
    return f"road:{account.pk}", account.per_minute, account.per_domain_minute, account.warm_up_from


def _grant(asked: Sequence[tuple[Message, tuple[Limit, ...]]], *, now: datetime) -> list[datetime | None]:
    """Return when each may go, None for now, and write down how far their limits have come by it."""
    ids, paces = _locked({limit.key for _, limits in asked for limit in limits}, now=now)
    requests = [
        Request(limits, message.due_at, message.is_urgent, message.due_at > message.created_at, random.random())
        for message, limits in asked
    ]  # fmt: skip
    turns = rates.grant(requests, paces, now=now)
    rows.update(
        Pace,
        [
            {"id": ids[key], "next_at": pace.next_at, "queue_until": pace.queue_until, "urgent_until": pace.urgent_until}
            for key, pace in paces.items()
        ],
    )
    return turns


def _locked(keys: Collection[str], *, now: datetime) -> tuple[dict[str, int], dict[str, rates.Pace]]:
    """Return ids and states of these limits, locked until the transaction ends: in one order always, so that none waits in a ring."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"now": now, "keys": list(keys)})
        found = cursor.fetchall()
    return {key: pk for pk, key, *_ in found}, {key: rates.Pace(*moments) for _, key, *moments in found}
