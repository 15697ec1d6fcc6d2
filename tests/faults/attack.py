"""What a run does to its world, at random: each fault is a function that says what it did."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import redis

from tests.faults import clocks
from tests.faults.world import World

Fault = Callable[[World, random.Random], str]
_AHEAD = [0]  # seconds the database's clock has been set forward for good


def kill(world: World, fate: random.Random) -> str:
    victim = fate.choice([*world.site])
    world.strike(victim, signal.SIGKILL)
    return f"{victim.rstrip('12')} killed"


def term(world: World, fate: random.Random) -> str:
    victim = fate.choice([*world.site])
    world.strike(victim, signal.SIGTERM)
    return f"{victim.rstrip('12')} ended"


def stop(world: World, fate: random.Random) -> str:
    victim = fate.choice([*world.site])
    with world.stopped(world.site[victim]):
        time.sleep(fate.uniform(1, 8))
    return f"{victim.rstrip('12')} stopped"


def no_beat(world: World, fate: random.Random) -> str:
    with world.stopped(world.site["beat1"], world.site["beat2"]):
        time.sleep(fate.uniform(15, 25))
    return "no beat"


def broker_flushed(world: World, fate: random.Random) -> str:
    with redis.Redis.from_url(world.valkey.url()) as broker:
        broker.flushall()
    return "broker flushed"


def broker_hung(world: World, fate: random.Random) -> str:
    with world.stopped(world.valkey.child):
        time.sleep(fate.uniform(3, 20))
    return "broker hung"


def broker_killed(world: World, fate: random.Random) -> str:
    world.kill_valkey()
    return "broker killed"


def database_killed(world: World, fate: random.Random) -> str:
    world.kill_postgres()
    return "database killed"


def backend_killed(world: World, fate: random.Random) -> str:
    """Kill one of the database's own processes: the server throws all others out and recovers."""
    with world.connect() as held, held.cursor() as cursor:
        cursor.execute(f"SELECT pid {_OTHERS}")
        found = cursor.fetchone()
    if found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(found[0]), signal.SIGKILL)
    return "database process killed"


def connection_cut(world: World, fate: random.Random) -> str:
    with world.connect() as held, held.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {_OTHERS}")
    return "connection cut"


def clock_forward(world: World, fate: random.Random) -> str:
    """Set the database's clock on by more than the longest lease: whoever is sending is taken for dead."""
    _AHEAD[0] += 20 * 60
    world.set_clock(_AHEAD[0])
    return "clock set on 20 min"


def clock_back(world: World, fate: random.Random) -> str:
    world.set_clock(_AHEAD[0] - 30 * 60)
    time.sleep(fate.uniform(2, 6))
    world.set_clock(_AHEAD[0])
    return "clock set back 30 min for seconds"


_OTHERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    " ORDER BY random() LIMIT 1"
)


FAULTS: dict[Fault, int] = {
    kill: 10, term: 3, stop: 6, no_beat: 1, broker_flushed: 2, broker_hung: 2, broker_killed: 2, database_killed: 2, backend_killed: 2,
    connection_cut: 5, **({clock_forward: 1, clock_back: 1} if clocks.LIBRARY else {}),
}  # fmt: skip


def go_on(world: World, fate: random.Random, *, while_: Callable[[], bool]) -> Counter[str]:
    """Strike at random; return how often what was done."""
    struck: Counter[str] = Counter()
    while while_():
        time.sleep(fate.uniform(0.2, 4))
        [fault] = fate.choices([*FAULTS], [*FAULTS.values()])
        struck[fault(world, fate)] += 1
    return struck
