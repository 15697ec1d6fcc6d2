"""Webhooks taken in a second: signed orders at /hooks/<token>/ of two gunicorn processes, 16 connections."""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep

from django.db import connection

from bench import bare, load, scratch, shop
from bench.figures import Figure
from integrations.models import Connection, InboxItem
from stores import clock, tokens

_SECRET = "bench-secret"
_ROUNDS = 5
_START = 30  # seconds a server may take to answer


def measure() -> Iterator[Figure]:
    now = clock.read()
    store = shop.open_shop("hooks", now=now)
    shop_door = Connection.objects.create(
        store=store, platform=Connection.Platform.GENERIC, sealed_secret=tokens.seal(_SECRET), live_since=now, created_at=now
    )
    body = json.dumps(next(shop.on_the_wire(1, placed=now)))
    with connection.cursor() as cursor:
        cursor.execute(bare.TABLE)
    seconds = scratch.size("SECONDS", 2)
    ours, plain = [], []
    with (
        served("bench.bare:application", {"BENCH_BARE": "1", "BENCH_SECRET": _SECRET}) as bare_port,
        served("lifecycle.wsgi:application", {"HOOKS_PER_SECOND": "100000"}) as port,
    ):
        for _ in range(_ROUNDS):
            plain.append(load.run(f"http://127.0.0.1:{bare_port}/hooks/bare/", signed(body), seconds=seconds))
            ours.append(load.run(f"http://127.0.0.1:{port}{shop_door.path}", signed(body), seconds=seconds))
    kept = InboxItem.objects.filter(connection=shop_door).count()
    if any(each.refused for each in [*ours, *plain]) or kept < sum(each.rate * seconds for each in ours) * 0.9:
        raise AssertionError(f"{ours} and {plain}; {kept} deliveries are kept")
    beside = f"a bare Django view: verify, one INSERT; in turns, medians of {_ROUNDS}"
    for name, unit, pick in (("webhooks taken", "/s", _rate), ("webhooks, slowest of a hundred (p99)", "ms", _p99)):
        yield Figure(name, unit, shop.median([pick(each) for each in ours]), shop.median([pick(each) for each in plain]), beside)


def _rate(outcome: load.Outcome) -> float:
    return outcome.rate


def _p99(outcome: load.Outcome) -> float:
    return outcome.p99_ms


def signed(body: str) -> load.Request:
    signature = hmac.new(_SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Doorstep-Topic": "order", "X-Doorstep-Signature": f"sha256={signature}"}
    return load.Request(body=body, headers=headers)


@contextmanager
def served(application: str, env: Mapping[str, str]) -> Iterator[int]:
    """Serve an application with two gunicorn processes of four threads; yield the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    words = ["--workers", "2", "--worker-class", "gthread", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    child = subprocess.Popen([sys.executable, "-m", "gunicorn", *words, application], env={**os.environ, **env})
    try:
        _wait_for(port, child)
        yield port
    finally:
        child.terminate()
        child.wait()


def _wait_for(port: int, child: subprocess.Popen[bytes]) -> None:
    end = monotonic() + _START
    while monotonic() < end and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                sleep(1)  # the second process too
                return
        sleep(0.1)
    raise AssertionError("the server did not start")
