"""The rule of scores, by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from engagement import scoring
from engagement.kinds import DEFAULTS, key_of
from engagement.scoring import Kind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = {"bought": Kind("bought", "Bought", 10, 1, 30), "shared": Kind("shared", "Shared", 2, 5, 60)}


def test_an_action_counts_half_after_its_half_life():
    month_ago = NOW - timedelta(days=30)
    counts = scoring.added({}, [("bought", month_ago, 1), ("shared", month_ago, 1)], as_of=NOW, now=NOW, kinds=KINDS)
    assert counts == {"bought": 0.5, "shared": 0.7071}
    assert scoring.score(counts, KINDS) == (6.414, 4.035)


@pytest.mark.parametrize("pause", [0, 1, 45])
def test_one_step_is_as_good_as_all_at_once(pause):
    moments = [NOW - timedelta(days=days) for days in (200, 90, 13, 2)]
    at_once = scoring.added({}, [("bought", at, 1) for at in moments], as_of=NOW, now=NOW, kinds=KINDS)
    counts: dict[str, float] = {}
    as_of = moments[0]
    for at in moments:
        then = min(at + timedelta(days=pause), NOW)
        counts = scoring.added(counts, [("bought", at, 1)], as_of=as_of, now=max(as_of, then), kinds=KINDS)
        as_of = max(as_of, then)
    counts = scoring.moved(counts, as_of=as_of, now=NOW, kinds=KINDS)
    assert counts["bought"] == pytest.approx(at_once["bought"], abs=0.0005)


def test_an_action_taken_back_leaves_nothing():
    counts = scoring.added({}, [("bought", NOW - timedelta(days=9), 1)], as_of=NOW, now=NOW, kinds=KINDS)
    later = NOW + timedelta(days=20)
    assert scoring.added(counts, [("bought", NOW - timedelta(days=9), -1)], as_of=NOW, now=later, kinds=KINDS) == {}


def test_what_is_ahead_counts_as_now_and_what_has_faded_is_dropped():
    assert scoring.decay(timedelta(days=-3), 30) == 1
    assert scoring.moved({"bought": 1}, as_of=NOW, now=NOW + timedelta(days=400), kinds=KINDS) == {}


def test_a_kind_without_a_worth_is_kept_for_the_day_it_gets_one():
    counts = scoring.added({}, [("demo_watched", NOW, 1)], as_of=NOW, now=NOW, kinds=KINDS)
    assert (counts, scoring.score(counts, KINDS)) == ({"demo_watched": 1}, (0, 0))
    worthy = KINDS | {"demo_watched": Kind("demo_watched", "Watched a demo", 4, 0, 30)}
    assert scoring.score(counts, worthy) == (4, 0)


def test_parts_say_what_each_kind_adds_the_weightiest_first():
    found = scoring.parts({"shared": 2, "bought": 0.5, "page": 9}, as_of=NOW, now=NOW, kinds=KINDS)
    assert [(part.kind.key, part.value, part.impact) for part in found] == [("shared", 4, 10), ("bought", 5, 0.5)]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Product Viewed", "product_viewed"), ("product-viewed", "product_viewed"), ("Product Clicked", "product_viewed"),
        ("Cart Shared", "shared"), ("Demo Watched!", "demo_watched"), ("", ""), ("🙂", ""), ("Ärger über Größe", "ärger_über_grösse"),
        ("x" * 300, "x" * 60), ("Order Completed", "order_completed"),
    ],
)  # fmt: skip
def test_tracked_names_become_keys(name, key):
    assert key_of(name) == key


def test_defaults_are_on_one_scale():
    assert {kind.value for kind in DEFAULTS.values()} <= {0.2, 1, 2, 3, 4, 5, 6, 7, 10, 12}
    assert max(DEFAULTS.values(), key=lambda kind: kind.impact).key == "referred"
    assert all(key == kind.key and kind.half_life_days >= 1 for key, kind in DEFAULTS.items())
