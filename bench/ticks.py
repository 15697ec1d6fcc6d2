"""What a tick costs when nothing is due, however much is waiting."""

from collections.abc import Callable, Iterator
from time import perf_counter

from django.db import connection

from bench import scratch, shop
from bench.figures import Figure
from campaigns import enrollment, planning, recipes
from campaigns.models import StepRun
from campaigns.tasks import sweep_bulk, sweep_until_quiet, sweep_urgent
from stores import clock

_ROUNDS = 200
_PER_ENROLLMENT = 25_000  # copies of one run differ in their occurrence, a small integer

#: Half wait for their moment to be known, half are planned for the coming months.
_COPY = """
INSERT INTO campaigns_steprun (store_id, enrollment_id, step_id, step_key, occurrence, customer_id, order_id, is_urgent, state, reason, facts, due_at, use_by, wake_at)
SELECT store_id, enrollment_id, step_id, step_key, n, customer_id, order_id, is_urgent,
       CASE WHEN n %% 2 = 0 THEN 'planned' ELSE 'waiting' END, '', '{}', at, at + interval '2 days', CASE WHEN n %% 2 = 0 THEN at END
FROM campaigns_steprun, LATERAL (SELECT n, %s::timestamptz + interval '1 day' + n * interval '4 minutes' AS at FROM generate_series(2, %s) AS n) AS later
WHERE id = ANY(%s)
"""  # noqa: E501


def measure() -> Iterator[Figure]:
    waiting = scratch.size("WAITING", 1_000_000)
    empty = _cost(_tick)
    _let_wait(waiting)
    sweep_until_quiet()  # the events of enrolling
    plain, ours = _cost(_select_one), _cost(_tick)
    name = f"one tick, {waiting:,} steps waiting, none due"
    yield Figure(name, "ms", ours, plain, "SELECT 1 on the same connection")
    yield Figure(name, "ms", ours, empty, "the same tick with nothing waiting")


def _let_wait(count: int) -> None:
    """Plan steps of a few enrolled orders over and over, until `count` runs wait."""
    now = clock.read()
    store = shop.open_shop("ticks", now=now)
    flow = recipes.install(store, "post-purchase", now=now)
    orders = shop.fill(store, -(-count // _PER_ENROLLMENT), now=now)
    enrollment.enroll(flow, planning.orders_for_planning([order.pk for order in orders]), now=now)
    StepRun.objects.exclude(step_key="thanks").delete()
    ids = list(StepRun.objects.filter(store=store).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_steprun DISABLE TRIGGER ALL")  # the keys are right: they are copies
        cursor.execute(_COPY, [now, count // len(ids), ids])
        cursor.execute("ALTER TABLE campaigns_steprun ENABLE TRIGGER ALL")
        cursor.execute("VACUUM ANALYZE")


def _cost(act: Callable[[], object]) -> float:
    """Return the median milliseconds of many rounds."""
    spent = []
    for _ in range(_ROUNDS):
        began = perf_counter()
        act()
        spent.append((perf_counter() - began) * 1000)
    return shop.median(spent)


def _tick() -> None:
    sweep_urgent()
    sweep_bulk()


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
