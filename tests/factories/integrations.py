"""Connections, and deliveries signed the way each platform signs them."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime

from integrations import connections, inbox, platforms
from integrations.models import InboxItem

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def connect(store, platform="generic", *, secret="s3cret", live_since=LONG_AGO):
    return connections.create(store, platform=platform, now=LONG_AGO, secret=secret, live_since=live_since)[0]


def refused(connection, body="{", *, reason="?", delivery_id="1"):
    """Put a delivery into the inbox that could not be understood; return it."""
    label = platforms.Label("orders/create", delivery_id, None)
    inbox.receive(connections.own_door(connection), label=label, body=body.encode(), state="failed", reason=reason)
    return InboxItem.objects.get(connection=connection, delivery_id=delivery_id)


def deliver(client, connection, topic, body, *, secret="s3cret", delivery_id=None, **headers):
    """Post a body (bytes, or a JSON value) with its signature; return the response."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    digest = hmac.new(secret.encode(), raw, hashlib.sha256)
    delivery_id = f"d{next(_numbers)}" if delivery_id is None else delivery_id
    if connection.platform == "shopify":
        signed = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Webhook-Id": delivery_id,
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest.digest()).decode(),
        }
    else:
        signed = {"X-Doorstep-Topic": topic, "X-Doorstep-Delivery": delivery_id, "X-Doorstep-Signature": f"sha256={digest.hexdigest()}"}
    return client.post(connection.path, raw, content_type="application/json", headers={**signed, **headers})
