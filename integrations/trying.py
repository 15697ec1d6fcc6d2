"""Lets a merchant try a generic connection: a test order through the inbox, and the same delivery as a command for a terminal."""

import hashlib
import hmac
import json
import shlex
from datetime import datetime
from typing import Any

from integrations import connections, inbox, platforms, tasks
from integrations.models import Connection
from stores import money, tokens

TOPIC = "orders/create"


def order(connection: Connection, *, external_id: str, at: datetime) -> dict[str, Any]:
    """Return a small order in the generic format, marked as a test: it is listed, counts nowhere and enters no flow."""
    price = money.to_wire(money.to_minor("50", connection.store.currency), connection.store.currency)
    return {
        "external_id": external_id,
        "number": external_id.upper(),
        "placed_at": at.isoformat(timespec="seconds"),
        "updated_at": at.isoformat(timespec="seconds"),
        "currency": connection.store.currency,
        "total": price,
        "financial_status": "paid",
        "test": True,
        "customer": {"email": "test-customer@example.com", "name": "Test Customer"},
        "lines": [{"external_id": "1", "name": "Test item", "quantity": 1, "unit_price": price}],
    }


def send_order(connection: Connection, *, now: datetime) -> None:
    """Put a test order into the inbox as if the shop had delivered it, and have it taken in soon."""
    body = json.dumps(order(connection, external_id=f"test-{now:%y%m%d-%H%M%S}", at=now)).encode()
    label = platforms.Label(TOPIC, f"test:{hashlib.sha256(body).hexdigest()}", None)
    if inbox.receive(connections.own_door(connection), label=label, body=body):
        tasks.nudge()


def command(connection: Connection, *, address: str) -> str:
    """Return a signed delivery as a curl command; `address` is the whole URL. Its body never changes, so a repeat does nothing."""
    body = json.dumps(order(connection, external_id="test-curl", at=connection.created_at))
    signature = hmac.new(tokens.unseal(connection.sealed_secret).encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Doorstep-Topic": TOPIC,
        "X-Doorstep-Delivery": "test-curl-1",
        "X-Doorstep-Signature": f"sha256={signature}",
    }
    parts = [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    return " \\\n".join([f"curl -i {shlex.quote(address)}", *parts, f"  --data-binary {shlex.quote(body)}"])
