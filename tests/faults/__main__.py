"""The long run: a hundred thousand due mails over three roads, and everything dying all the time. `make faults`.

PostgreSQL, Valkey, web, two workers and two beats are its own children, as are a mail server and a provider that misbehave; meanwhile
a shop delivers orders and customers change their minds. It prints what was accounted for, doubled and unknown, and how long the rest
took once the faults stopped; it fails if a promise was broken. FAULTS_STEPS and FAULTS_SEED change its size and its luck, FAULTS_LOGS names
a folder to keep the logs in.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import clocks, processes
from tests.faults.processes import ROOT, MailServer

if TYPE_CHECKING:
    from tests.faults.people import Objections, Orders
    from tests.faults.world import World

STEPS = int(os.environ.get("FAULTS_STEPS", "100000"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
LONGEST = 3 * 3600
#: Of a hundred mails: what a tired mail server, and a tired provider, does to them.
SMTP = {"fine": 97.5, "defer_rcpt": 1, "drop_at_data": 0.3, "drop_mid_body": 0.3, "defer_after_dot": 0.5, "drop_after_dot": 0.2,
        "drop_after_250": 0.2}  # fmt: skip
HTTP = {"fine": 97, "busy": 0.5, "closed": 0.5, "refuse": 0.4, "lost": 0.3, "broken": 0.3, "reset": 0.5, "slow": 0.5}
#: The stores, by the provider of their mails, and their share of the steps.
ROADS = {"smtp": 0.7, "postmark": 0.2, "resend": 0.1}
#: Rows that the death of a process may leave unknown: two at work in a worker, four when the database goes, with ten mails each.
_UNKNOWN = {"worker killed": 20, "worker ended": 20, "worker stopped": 20, "connection cut": 10}
_UNKNOWN_AT_WORST = 40


def main() -> int:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.faults.settings", "PUBLIC_URL": "http://127.0.0.1", "EMAIL_URL": "memory://"}
    with _folder() as folder:
        from tests.faults.world import World

        world = World(folder)
        try:
            os.environ |= {
                "DATABASE_URL": world.postgres.url(), "REDIS_URL": world.valkey.url(), "LIFECYCLE_DATA": str(folder / "data"),
                "SECRET_KEY": "faults" * 10,
            }  # fmt: skip
            with (
                processes.mail_server(folder / "smtp", seed=SEED, modes=SMTP) as server,
                processes.mail_server(folder / "http", seed=SEED, modes=HTTP, module="tests.faults.http_provider") as provider,
            ):
                os.environ["FAULTS_PROVIDER"] = f"http://127.0.0.1:{provider.port}/"
                subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--no-input", "--skip-checks"], cwd=ROOT, check=True)
                import django

                django.setup()
                return _run(world, server, provider)
        finally:
            world.close()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    if named := os.environ.get("FAULTS_LOGS"):
        Path(named).mkdir(parents=True)
        yield Path(named)
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def _run(world: "World", server: MailServer, provider: MailServer) -> int:
    from tests.faults import attack

    orders, objections = _open_shops(world, server, provider)
    began = time.monotonic()
    world.open()
    for each in (orders, objections):
        each.start()
    struck = attack.go_on(world, random.Random(SEED), while_=lambda: _left() > STEPS / 5 and time.monotonic() - began < LONGEST)
    for each in (orders, objections):
        each.end()
    calm, left = time.monotonic(), _left()
    _wait(lambda: _left() <= _sending())
    settled = time.monotonic()
    _wait(lambda: len(provider.read("told")) >= len(provider.read("to_tell")), seconds=120)
    _end_leases()
    complaints = [f"{type(each).__name__} stopped: {each.problem}" for each in (orders, objections) if each.problem]
    complaints += _complaints(server, provider, orders, objections, struck)
    if (took := settled - calm) > 90 + left / 20:
        complaints.append(f"I8: {left} mails took {took:.0f} s after the last fault")
    _report((server, provider), orders, objections)
    print(f"faults in {calm - began:.0f} s: {dict(struck.most_common())}")
    print(f"from the last fault until the {left:,} left were settled: {took:.1f} s")
    for complaint in complaints:
        print(f"BROKEN  {complaint}")
    return 1 if complaints else 0


def _open_shops(world: "World", server: MailServer, provider: MailServer) -> "tuple[Orders, Objections]":
    """Open a store for each road with its share of steps that are due now; return who lives in them."""
    from bench import mails, shop
    from customers.models import Customer
    from integrations import connections
    from messaging.models import Account
    from messaging.roads import accounts
    from stores import clock
    from tests.faults.people import Objections, Orders

    now = clock.read()
    given = {"host": "127.0.0.1", "port": str(server.port), "security": "none", "server_token": "t0ken", "api_key": "an-api-key"}
    for road, share in ROADS.items():
        store = shop.open_shop(road, now=now)
        account = Account(store=store, stream="all", created_at=now)
        accounts.put(account, provider=road, values=given)
        account.save()
        if road == "postmark":
            hook = {"port": world.port, "path": account.hook_path, "key": accounts.hook_secrets(account)["key"]}
            (provider.folder / "hook").write_text(json.dumps(hook))
        mails.enroll(store, int(STEPS * share), now=now)
    mails.make_due(now=clock.read())
    some = list(Customer.objects.order_by("?").values_list("pk", flat=True)[: STEPS // 20])
    connection, secret = connections.create(store, platform="generic", now=now)
    return Orders(port=world.port, path=connection.path, secret=secret, seed=SEED), Objections(some, seed=SEED)


def _left() -> int:
    """Return how many steps have no mail that is over; all, while the database is away."""
    from django.db import Error, connection

    from campaigns.models import StepRun
    from messaging.models import Message
    from stores import clock
    from tests.faults.invariants import OVER

    try:
        due = StepRun.objects.filter(state__in=[StepRun.State.PLANNED, StepRun.State.HELD], wake_at__lte=clock.read()).count()
        return due + Message.objects.exclude(state__in=OVER).count()
    except Error:
        connection.close()
        return STEPS


def _sending() -> int:
    """Return what a dead process was sending: it is settled when its lease is over."""
    from messaging.models import Message

    return Message.objects.filter(state=Message.State.SENDING).count()


def _wait(is_done: Callable[[], bool], seconds: float = LONGEST) -> None:
    end = time.monotonic() + seconds
    while not is_done() and time.monotonic() < end:
        time.sleep(0.5)


def _end_leases() -> None:
    """Let the leases of the dead run out, and settle what they leave."""
    from datetime import timedelta

    from campaigns.tasks import sweep_until_quiet
    from stores import clock

    for _ in range(3):
        clock.set_to(clock.read() + timedelta(minutes=30))
        sweep_until_quiet()


def _complaints(server: MailServer, provider: MailServer, orders: "Orders", objections: "Objections", struck: Counter[str]) -> list[str]:
    from tests.faults import invariants

    taken = server.taken() + provider.taken()
    most = server.unanswered() + provider.unanswered() + sum(_UNKNOWN.get(kind, _UNKNOWN_AT_WORST) * n for kind, n in struck.items())
    return [
        *invariants.broken(taken, most_unknown=most),
        *invariants.against_their_will(taken, objections.allowed),
        *invariants.unconfirmed(orders.placed.keys()),
        *invariants.unsettled({token for (token,) in provider.read("told")}),
    ]


def _report(servers: tuple[MailServer, ...], orders: "Orders", objections: "Objections") -> None:
    from messaging.models import Message

    states = Counter(Message.objects.values_list("state", flat=True))
    taken = sum((server.taken() for server in servers), Counter[str]())
    print(f"{STEPS:,} steps and {len(orders.placed)} orders; {sum(states.values()):,} mails accounted for: {dict(states.most_common())}")
    print("two workers' clocks are four hours apart" if clocks.LIBRARY else f"all clocks are right: {clocks.WHY_NOT}")
    print(f"taken by mail server and provider: {len(taken):,}; more than once: {sum(times > 1 for times in taken.values())}")
    never = sum(server.unanswered() for server in servers)
    by_road = Counter(Message.objects.filter(state="unknown").values_list("store__slug", flat=True))
    print(f"unknown: {states['unknown']} {dict(by_road)}; unanswered were {never}; {len(objections.allowed)} people objected meanwhile")
    arrived = {to: float(at) for server in servers for _, to, at in server.read("taken") if to in orders.placed}
    waits = sorted(arrived[to] - at for to, at in orders.placed.items() if to in arrived)
    if waits:
        print(f"from an order to its confirmation, faults and all: median {waits[len(waits) // 2]:.1f} s, longest {waits[-1]:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
