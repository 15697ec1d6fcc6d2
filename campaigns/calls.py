"""What steps tell other systems: stored when the step is decided, posted by a sweep of its own, tried again with growing pauses.

A call is at least once: whoever takes it knows it again by its `X-Doorstep-Delivery`. It is signed like the hooks that shops send us, with
a secret of the store's own, and goes to no address that is not public (`stores.reachable`).
"""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.crypto import salted_hmac

from campaigns.models import Call, StepRun
from customers import events
from stores import money, reachable
from stores.models import Store

State = Call.State
TIMEOUT = 10.0
_LEASE = timedelta(minutes=2)
#: The pauses before each further try; after the last one it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))


class NotTaken(Exception):
    """The other side did not take it, with its words."""


def write(run: StepRun, *, now: datetime) -> None:
    """Store what a step tells; it goes with the next sweep."""
    Call.objects.create(store_id=run.store_id, run=run, url=run.step.details["url"], body=_body(run, now), due_at=now)


def _body(run: StepRun, now: datetime) -> dict[str, Any]:
    customer, order = run.customer, run.order
    return {
        "flow": run.enrollment.flow.key, "step": run.step_key, "at": now.isoformat(),
        "customer": {"id": customer.pk, "email": customer.email, "name": customer.name},
        "order": {
            "external_id": order.external_id, "number": order.number, "placed_at": order.placed_at.isoformat(), "currency": order.currency,
            "total": money.to_wire(order.total_minor, order.currency),
        } if order else None,
    }  # fmt: skip


def secret_of(store: Store) -> str:
    """Return the secret that a store's calls are signed with."""
    return salted_hmac("campaigns.calls", str(store.pk), algorithm="sha256").hexdigest()


def sweep(*, now: datetime, limit: int = 20) -> int:
    """Post what is due; return how many were tried. What a process that died had in hand is due again after its lease."""
    calls = _claimed(now=now, limit=limit)
    for call in calls:
        try:
            _post(call)
        except (OSError, HTTPException, NotTaken) as error:
            _put_off(call, f"{type(error).__name__}: {error}"[:300], now=now)
        else:
            _settle(call, State.SENT, "", now=now)
    return len(calls)


@transaction.atomic
def _claimed(*, now: datetime, limit: int) -> list[Call]:
    due = Call.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=State.WAITING, due_at__lte=now)
    calls = list(due.select_related("store", "run__customer", "run__enrollment__flow", "run__step").order_by("due_at", "pk")[:limit])
    for call in calls:
        call.attempts, call.due_at = call.attempts + 1, now + _LEASE
    Call.objects.bulk_update(calls, ["attempts", "due_at"])
    return calls


def _post(call: Call) -> None:
    body = json.dumps(call.body, ensure_ascii=False).encode()
    signature = signature_of(secret_of(call.store), body)
    headers = {
        "Content-Type": "application/json", "X-Doorstep-Topic": "flows/step", "X-Doorstep-Delivery": f"step-{call.run_id}",
        "X-Doorstep-Signature": f"sha256={signature}",
    }  # fmt: skip
    parts = urlsplit(call.url)
    line = reachable.line_to(parts.scheme, parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        line.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        status = line.getresponse().status
    finally:
        line.close()
    if not 200 <= status < 300:
        raise NotTaken(f"It answered {status}.")


def signature_of(secret: str, body: bytes) -> str:
    """Return the signature of a body: the hex of its HMAC-SHA256."""
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def _put_off(call: Call, detail: str, *, now: datetime) -> None:
    if call.attempts > len(PAUSES):
        _settle(call, State.FAILED, detail, now=now)
    else:
        Call.objects.filter(pk=call.pk, state=State.WAITING).update(due_at=now + PAUSES[call.attempts - 1], detail=detail)


@transaction.atomic
def _settle(call: Call, state: str, detail: str, *, now: datetime) -> None:
    """Mark a call as over, once, and tell the wire."""
    if not Call.objects.filter(pk=call.pk, state=State.WAITING).update(state=state, detail=detail, done_at=now):
        return
    run = call.run
    kind = events.Kind.WEBHOOK_SENT if state == State.SENT else events.Kind.WEBHOOK_FAILED
    data: Mapping[str, Any] = {
        "flow": run.enrollment.flow.key, "step": run.step_key, "name": run.step.name, "order": run.order_id, "run": run.pk,
        "host": urlsplit(call.url).hostname, "detail": detail,
    }  # fmt: skip
    events.record(run.customer, kind, at=now, key=f"{kind}:{run.pk}", now=now, data=dict(data))
