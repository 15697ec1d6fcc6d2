"""Months and days of tables: made ahead, filled from the default partition, dropped whole."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection

from engagement import actions
from engagement.models import Action
from integrations.models import Payload
from lifecycle.celery import app
from messaging.models import Click
from stores import partitions, tasks

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACTIONS, PAYLOADS = partitions.of("engagement_action"), partitions.of("integrations_payload")


def rows_by_partition(table="engagement_action"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, count(*) FROM {table} GROUP BY 1")
        return dict(cursor.fetchall())


def act(store, at, key="k"):
    return Action.objects.create(store=store, kind="page", at=at, key=key)


def test_months_and_days_reach_over_the_turn_of_the_year():
    assert [f"{start:%Y-%m-%d}" for start, _ in ACTIONS.parts(NOW, 3)] == ["2026-11-01", "2026-12-01", "2027-01-01"]
    assert ACTIONS.begin(NOW, -12) == datetime(2025, 11, 1, tzinfo=UTC)
    assert PAYLOADS.parts(datetime(2026, 12, 31, 23, 59)) == [(datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))]


def test_months_ahead_are_made_once_and_take_what_was_waiting(store):
    act(store, NOW)
    act(store, datetime(2026, 3, 31, 23, 59, tzinfo=UTC), key="older")
    assert rows_by_partition() == {"engagement_action_default": 2}
    made, dropped = partitions.keep_up(ACTIONS, now=NOW)
    assert [name[-7:] for name in made] == ["2026_03", "2026_11", "2026_12", "2027_01", "2027_02"]
    assert dropped == []
    act(store, NOW, key="another")
    assert rows_by_partition() == {"engagement_action_2026_03": 1, "engagement_action_2026_11": 2}
    assert partitions.keep_up(ACTIONS, now=NOW) == ([], [])


def test_a_month_that_is_over_goes_with_all_its_rows(store):
    act(store, datetime(2026, 8, 31, 23, 59, tzinfo=UTC), key="too old")
    act(store, datetime(2026, 9, 1, tzinfo=UTC), key="just kept")
    act(store, datetime(2019, 1, 1, tzinfo=UTC), key="odd")
    partitions.keep_up(replace(ACTIONS, kept=3), now=NOW)
    made, dropped = partitions.keep_up(replace(ACTIONS, kept=2), now=datetime(2026, 12, 5, tzinfo=UTC))
    assert (made, dropped) == (["engagement_action_2027_03"], ["engagement_action_2026_08", "engagement_action_2026_09"])
    assert not Action.objects.exists()


@pytest.mark.django_db
def test_days_are_made_beside_a_month_that_is_there_already():
    partitions.make_missing(replace(PAYLOADS, span="month"), ACTIONS.parts(NOW))
    made, _ = partitions.keep_up(PAYLOADS, now=datetime(2026, 11, 29, tzinfo=UTC))
    assert made == [f"integrations_payload_2026_12_0{day}" for day in range(1, 7)]
    assert partitions.keep_up(PAYLOADS, now=datetime(2026, 12, 29, tzinfo=UTC))[1] == []
    assert "integrations_payload_2026_11" in partitions.keep_up(PAYLOADS, now=datetime(2026, 12, 30, tzinfo=UTC))[1]


def test_the_same_action_is_written_once_in_whatever_partition(store):
    done = actions.Done(store.pk, "page", NOW, "k")
    assert len(actions.write([done, done], now=NOW)) == 1
    partitions.keep_up(ACTIONS, now=NOW)
    assert actions.write([done], now=NOW) == []


@pytest.mark.django_db
def test_a_query_for_one_month_reads_one_month():
    partitions.keep_up(ACTIONS, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT * FROM engagement_action WHERE store_id = 1 AND kind = 'page' AND at >= '2027-01-03' AND at < '2027-01-20'"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "engagement_action_2027_01" in plan
    assert "engagement_action_2026_11" not in plan


@pytest.mark.django_db
def test_one_task_beside_the_pulse_keeps_the_parts_of_clicks_actions_and_payloads(travel):
    travel(NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname, pg_get_partkeydef(c.oid) FROM pg_class c JOIN pg_partitioned_table p ON p.partrelid = c.oid")
        parted = dict(cursor.fetchall())
    assert parted == {table: f"RANGE ({column})" for table, (column, *_) in settings.PARTED.items()}
    assert parted.keys() == {model._meta.db_table for model in (Action, Click, Payload)}
    tasks.keep_parts()
    months = ["2026_11", "2026_12", "2027_01", "2027_02"]
    parts = {**dict.fromkeys(parted, months), PAYLOADS.table: [f"2026_11_{day}" for day in range(23, 31)]}
    assert {table: sorted(partitions.existing(partitions.of(table))) for table in parted} == {
        table: [f"{table}_{name}" for name in names] for table, names in parts.items()
    }
    assert app.amqp.router.route({}, "stores.tasks.keep_parts")["queue"].name == "learning"
