"""From a shop's news to the accepted confirmation, idle and while bulk mail drains: two workers pulsing, ten orders a second."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from django.db import connection

from bench import mails, scratch, shop, sink
from bench.figures import Figure
from integrations import connections, inbox, platforms
from messaging.models import Message
from stores import clock
from stores.models import Store

_ORDERS = 100
_EVERY = 0.1  # seconds
_PATIENCE = 120
_PROMISE = 2.0  # seconds (contracts, Numbers)


def measure() -> Iterator[Figure]:
    bulk, now = scratch.size("BULK", 5_000), clock.read()
    store = shop.open_shop("orders", now=now)
    mails.enroll(store, bulk, now=now)
    with sink.running() as port:
        idle = _p95(store, port=port, number=0)
        mails.make_due(now=clock.read())
        busy = _p95(store, port=port, number=1)
        went = Message.objects.filter(state=Message.State.SENT, step=mails.STEP).count()
    yield Figure("order to accepted confirmation, p95", "s", idle, _PROMISE, "the promise")
    yield Figure(f"the same, {went:,} bulk mails meanwhile", "s", busy, idle, "idle")


def _p95(store: Store, *, port: int, number: int) -> float:
    """Let orders come in while two workers pulse; return the 95th percentile of seconds until their confirmations were accepted."""
    made, _ = connections.create(store, platform="generic", now=clock.read())
    door = connections.find_door(made.path.split("/")[2], moment=monotonic())
    assert door is not None
    with _workers(port):
        for n, order in enumerate(shop.on_the_wire(_ORDERS, placed=clock.read())):
            name, placed_at = f"{number}-{n}", clock.read().isoformat()
            body = json.dumps({**order, "external_id": name, "number": name, "placed_at": placed_at, "updated_at": placed_at}).encode()
            inbox.receive(door, label=platforms.Label(topic="order", delivery_id=name, triggered_at=None), body=body)
            sleep(_EVERY)
        end = monotonic() + _PATIENCE
        while len(spans := _spans(made.pk)) < _ORDERS:
            if monotonic() > end:
                raise AssertionError(f"{len(spans)} of {_ORDERS} confirmations were sent.")
            sleep(0.2)
    return spans[int(_ORDERS * 0.95)]


def _spans(connection_id: int) -> list[float]:
    """Return how many seconds each confirmation took, of those that were accepted, the quickest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM m.sent_at - i.received_at) FROM integrations_inboxitem i"
            " JOIN orders_order o ON o.external_id = i.delivery_id AND o.store_id = i.store_id"
            " JOIN messaging_message m ON m.order_id = o.id AND m.step = 'confirmation' AND m.state = 'sent'"
            " WHERE i.connection_id = %s ORDER BY 1",
            [connection_id],
        )
        return [float(seconds) for (seconds,) in cursor.fetchall()]


@contextmanager
def _workers(port: int) -> Iterator[None]:
    environment = {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    children = [subprocess.Popen([sys.executable, "-m", "bench.pulsing"], env=environment) for _ in range(2)]
    sleep(3)  # they are up
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()
