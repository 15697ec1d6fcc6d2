"""Months of actions: made ahead, filled from the default partition, dropped whole."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from engagement import partitions
from engagement.models import Action

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rows_by_partition():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM engagement_action GROUP BY 1")
        return dict(cursor.fetchall())


def act(store, at, key="k"):
    return Action.objects.create(store=store, kind="page", at=at, key=key)


def test_months_reach_over_the_turn_of_the_year():
    assert [start.strftime("%Y-%m") for start, _ in partitions.months(NOW, 3)] == ["2026-11", "2026-12", "2027-01"]
    assert [start.strftime("%Y-%m") for start, _ in partitions.months(NOW, -12)][-1] == "2025-12"


def test_months_ahead_are_made_once_and_take_what_was_waiting(store):
    act(store, NOW)
    act(store, datetime(2026, 3, 31, 23, 59, tzinfo=UTC), key="older")
    assert rows_by_partition() == {"engagement_action_default": 2}
    made, dropped = partitions.keep_up(now=NOW, keep_months=24)
    assert [name[-7:] for name in made] == ["2026_03", "2026_11", "2026_12", "2027_01", "2027_02"]
    assert dropped == []
    act(store, NOW, key="another")
    assert rows_by_partition() == {"engagement_action_2026_03": 1, "engagement_action_2026_11": 2}
    assert partitions.keep_up(now=NOW, keep_months=24) == ([], [])


def test_a_month_that_is_over_goes_with_all_its_rows(store):
    act(store, datetime(2026, 8, 31, 23, 59, tzinfo=UTC), key="too old")
    act(store, datetime(2026, 9, 1, tzinfo=UTC), key="just kept")
    act(store, datetime(2019, 1, 1, tzinfo=UTC), key="odd")
    partitions.keep_up(now=NOW, keep_months=3)
    made, dropped = partitions.keep_up(now=datetime(2026, 12, 5, tzinfo=UTC), keep_months=2)
    assert (made, dropped) == (["engagement_action_2027_03"], ["engagement_action_2026_08", "engagement_action_2026_09"])
    assert not Action.objects.exists()


def test_the_same_action_is_written_once_in_whatever_partition(store):
    from engagement import actions

    done = actions.Done(store.pk, "page", NOW, "k")
    assert len(actions.write([done, done], now=NOW)) == 1
    partitions.keep_up(now=NOW, keep_months=24)
    assert actions.write([done], now=NOW) == []


@pytest.mark.django_db
def test_a_query_for_one_month_reads_one_month():
    partitions.keep_up(now=NOW, keep_months=24)
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT * FROM engagement_action WHERE store_id = 1 AND kind = 'page' AND at >= '2027-01-03' AND at < '2027-01-20'"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "engagement_action_2027_01" in plan
    assert "engagement_action_2026_11" not in plan
