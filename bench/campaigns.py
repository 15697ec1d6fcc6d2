"""A campaign to very many: its audience frozen, and its mails decided, drawn and put into the outbox, each beside plain statements."""

from collections.abc import Callable, Iterator
from datetime import datetime
from time import perf_counter

from django.db import connection

from bench import big_shop, many_customers, scratch, shop
from bench.figures import Figure
from campaigns import steps
from campaigns.models import StepRun
from campaigns.one_off import drafts, freezing, line, recipes
from campaigns.one_off.models import Campaign
from messaging.models import Message
from stores import clock
from stores.models import Store

#: What any mailer does first: the list of who gets it.
_PLAIN_LIST = """
CREATE TABLE bench_recipient (campaign_id bigint, customer_id bigint, due_at timestamptz, PRIMARY KEY (campaign_id, customer_id));
INSERT INTO bench_recipient SELECT 1, id, now() FROM customers_customer WHERE store_id = %s AND erased_at IS NULL
"""
#: The same finished mail for each of so many, in one statement: nothing is asked, nothing is drawn.
_PLAIN_MAILS = """
CREATE TABLE bench_message (LIKE messaging_message INCLUDING DEFAULTS INCLUDING INDEXES);
INSERT INTO bench_message SELECT (m).* FROM (
    SELECT jsonb_populate_record(x, jsonb_build_object('id', n, 'dedupe_key', 'plain:' || n, 'token', md5('plain' || n))) AS m
    FROM (SELECT x FROM messaging_message x LIMIT 1) one CROSS JOIN generate_series(1, %s) AS n
) made
"""


def measure() -> Iterator[Figure]:
    people, mails = scratch.size("PEOPLE", 100_000), scratch.size("MAILS", 2_000)
    now = clock.read()
    store = _filled(people, now=now)
    campaign = _due(store, now=now)
    spent = _seconds(lambda: freezing.start(campaign, now=now))
    plain = _seconds(lambda: _run(_PLAIN_LIST, store.pk))
    yield Figure(f"freeze an audience of {people:,}", "s", spent, plain, "INSERT … SELECT into a list of two numbers and a time")
    _run("VACUUM ANALYZE campaigns_enrollment")
    _run("VACUUM ANALYZE campaigns_steprun")
    campaign.refresh_from_db()
    line.LINE = mails
    yield Figure(f"call up {mails:,} of them", "ms", _seconds(lambda: line.call_up(campaign, now=now)) * 1000, 500, "the wish")
    yield _queued(mails, now=now)


def _queued(mails: int, *, now: datetime) -> Figure:
    """Measure one worker that decides and draws what was called up."""

    def ours() -> None:
        while steps.hand_over(now=now, is_urgent=False):
            pass

    spent = _seconds(ours)
    if Message.objects.count() != mails or StepRun.objects.filter(state="handed_over").count() != mails:
        raise AssertionError("Not every mail that was called up stands in the outbox.")
    plain = _seconds(lambda: _run(_PLAIN_MAILS, mails))
    return Figure("decide, draw and queue", "/s", mails / spent, mails / plain, "one finished mail copied by INSERT … SELECT")


def _filled(people: int, *, now: datetime) -> Store:
    store = shop.open_shop("many", now=now)
    model, columns, source = many_customers.TABLES[1]
    big_shop.fill([(model, {**columns, "marketing": "'subscribed'"}, source)], {"now": now, "store": store.pk, "people": people})
    return store


def _due(store: Store, *, now: datetime) -> Campaign:
    content = recipes.of(store, now=now)["launch"].content
    campaign = drafts.create(store, name="News", content=content, now=now)
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SCHEDULED, starts_at=now, wake_at=now)
    return campaign


def _run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values])  # type: ignore[list-item]


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began
