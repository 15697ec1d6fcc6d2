"""Due to accepted: tips mails through steps, outbox, gate and SMTP, with one, two and four workers, and to a slow server."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from bench import scratch, shop, sink
from bench.figures import Figure
from campaigns import enrollment, flows, planning, recipes
from campaigns.models import StepRun
from messaging.models import Message
from stores import clock
from stores.models import Store

STEP = "tips"
_BESIDE = "Django's templates and mail classes in a loop, connection kept; nothing decided or recorded"
_THINKS = 1.0  # seconds the slow server takes for a mail


def measure() -> Iterator[Figure]:
    count, now = scratch.size("MAILS", 1000), clock.read()
    store = shop.open_shop("mails", now=now)
    enroll(store, count, now=now)
    with sink.running() as port, tempfile.TemporaryDirectory() as folder:
        ready_made = Path(folder) / "mail.json"
        for processes in (1, 2, 4):
            make_due(now=clock.read())
            ours = _send("bench.sweeper", [[]] * processes, port=port, count=count)
            _keep_one(ready_made, count)
            share = count // processes
            plain = _send("bench.plain_sender", [[str(ready_made), str(share)]] * processes, port=port, count=share * processes)
            words = f"{processes} process{'es' if processes > 1 else ''}"
            yield Figure(f"mails, due to accepted, {words}", "/s", count / ours.wall, share * processes / plain.wall, _BESIDE)
            processor = (1000 * ours.processor / count, 1000 * plain.processor / (share * processes))
            yield Figure(f"processor time a mail, {words}", "ms", *processor, _BESIDE)
    yield from _slow(min(count, 200))


def _slow(count: int) -> Iterator[Figure]:
    """Send to a server that takes a second for each mail: what counts is how many wait side by side."""
    from django.conf import settings

    processes = 2
    lines = processes * settings.MAIL_LINES
    make_due(now=clock.read(), only=count)
    with sink.running(thinks=_THINKS) as port:
        spent = _send("bench.sweeper", [[]] * processes, port=port, count=count)
    yield Figure(
        f"to a server of 1 s a mail, {lines} lines", "/s", count / spent.wall, lines / _THINKS, "as many a second as there are lines"
    )


def enroll(store: Store, count: int, *, now: datetime) -> None:
    flow = recipes.install(store, "post-purchase", now=now)
    flows.activate(flow, now=now)
    shop.fill(store, count, now=now)
    ids = list(store_orders(store))
    for start in range(0, count, 1000):
        enrollment.enroll(flow, planning.orders_for_planning(ids[start : start + 1000]), now=now)
    StepRun.objects.exclude(step_key=STEP).delete()


def store_orders(store: Store) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders_order WHERE store_id = %s ORDER BY id", [store.pk])
        yield from (pk for (pk,) in cursor.fetchall())


def make_due(*, now: datetime, only: int | None = None) -> None:
    """Plan every step anew for this moment, as if nothing had been sent; with `only`, so many, and the others are over."""
    StepRun.objects.update(
        state=StepRun.State.PLANNED, reason="", message=None, decided_at=None, due_at=now, wake_at=now, use_by=now + timedelta(days=2)
    )
    if only is not None:
        StepRun.objects.filter(pk__in=StepRun.objects.order_by("pk").values("pk")[only:]).update(state=StepRun.State.CANCELLED)
    Message.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _send(module: str, words: Sequence[Sequence[str]], *, port: int, count: int) -> scratch.Spent:
    """Let the processes send; raise if the sink did not take exactly `count`."""
    before = sink.taken(port)
    spent = scratch.race(module, words, {"EMAIL_URL": f"smtp://127.0.0.1:{port}"})
    if (arrived := sink.taken(port) - before) != count:
        raise AssertionError(f"{arrived} mails arrived, {count} were due")
    return spent


def _keep_one(file: Path, count: int) -> None:
    """Check that every mail is on record as sent, and keep one for the reference."""
    states = list(Message.objects.values_list("state", flat=True))
    if states != ["sent"] * count:
        raise AssertionError(f"{states.count('sent')} of {len(states)} are on record as sent")
    mail = Message.objects.values("subject", "text", "html", "from_email").earliest("pk")
    file.write_text(json.dumps(mail), encoding="utf-8")
