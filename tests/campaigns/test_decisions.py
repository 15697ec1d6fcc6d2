"""Send, skip or hold: the rule, by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.decisions import CONDITIONS, Hold, Send, Situation, Skip, decide
from messaging.reasons import Reason

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
USE_BY = datetime(2026, 11, 12, 9, tzinfo=UTC)
SPAN = timedelta(hours=8)
SOON, LATER = NOW + SPAN, NOW + 2 * SPAN
ALL = (
    "has_tips", "has_pairings", "has_code", "not_bought_since", "not_ordered", "no_return", "has_arrived", "not_answered", "happened",
    "not_happened", "no_review_asked", "no_check_in", "not_unhappy", "can_be_bought", "agreed_or_bought",
    "has_lesson_1", "has_lesson_2", "has_lesson_3", "has_lesson_4", "has_call", "is_guest",
)  # fmt: skip


def situation(**fields) -> Situation:
    met: dict[str, Any] = dict.fromkeys(("has_tips", "has_pairings", "has_code", "has_arrived", "has_call"), True)
    met |= {"is_available": True, "is_known": True, "is_guest": True, "lessons": 4}
    return Situation(**{"now": NOW, "use_by": USE_BY, "is_selling": True, "conditions": ALL, **met, **fields})


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, Send()),
        ({"is_cancelled": True}, Skip(Reason.CANCELLED)),
        ({"is_refunded": True}, Skip(Reason.REFUNDED)),
        ({"is_returned": True}, Skip(Reason.RETURNED)),
        ({"is_the_shops": True}, Skip(Reason.SHOP_SENDS_IT)),
        ({"now": USE_BY}, Skip(Reason.TOO_LATE)),
        ({"refusal": Reason.UNSUBSCRIBED}, Skip(Reason.UNSUBSCRIBED)),
        ({"is_paused": True}, Hold(Reason.PAUSED, USE_BY)),
        ({"has_open_task": True}, Hold(Reason.OPEN_TASK, USE_BY)),
        ({"has_open_task": True, "is_selling": False}, Send()),
        ({"has_tips": False}, Skip(Reason.NO_TIPS)),
        ({"has_pairings": False}, Skip(Reason.NO_PAIRING)),
        ({"has_code": False}, Skip(Reason.NO_CODE)),
        ({"has_bought_since": True}, Skip(Reason.BOUGHT_SINCE)),
        ({"has_ordered": True}, Skip(Reason.BOUGHT_SINCE)),
        ({"has_return": True}, Skip(Reason.RETURNED)),
        ({"has_answered": True}, Skip(Reason.ANSWERED)),
        ({"has_arrived": False}, Skip(Reason.NOT_SURE)),
        ({"is_moot": True}, Skip(Reason.NOT_NEEDED)),
        ({"exit": Reason.BOUGHT_SINCE, "is_paused": True}, Skip(Reason.BOUGHT_SINCE)),
        ({"is_in_trouble": True}, Hold(Reason.TROUBLE, NOW + timedelta(days=1))),
        ({"is_in_trouble": True, "is_selling": False}, Send()),
        ({"is_in_trouble": True, "now": USE_BY - SPAN}, Hold(Reason.TROUBLE, USE_BY)),
        ({"has_tips": False, "conditions": ()}, Send()),
        ({"is_available": False}, Skip(Reason.OUT_OF_STOCK)),
        ({"is_known": False}, Skip(Reason.NO_CONSENT)),
        ({"lessons": 3}, Skip(Reason.NO_TIPS)),
        ({"has_call": False}, Skip(Reason.NO_CALL)),
        ({"is_guest": False}, Skip(Reason.HAS_ACCOUNT)),
        ({"is_asked_for_review": True}, Skip(Reason.ASKED)),
        ({"has_check_in": True}, Skip(Reason.CHECK_IN)),
        ({"was_unhappy": True}, Skip(Reason.LOW_SCORE)),
        ({"has_happened": False}, Skip(Reason.NOT_HAPPENED)),
        ({"has_happened": True}, Skip(Reason.HAPPENED)),
        ({"waits_until": SOON}, Hold(Reason.WAITS, SOON)),
        ({"waits_until": SOON, "is_paused": True}, Hold(Reason.PAUSED, USE_BY)),
        ({"is_other": True, "is_paused": True}, Skip(Reason.INSTEAD)),
        ({"is_among": False, "has_tips": False}, Skip(Reason.NOT_AMONG)),
        ({"is_held_out": True, "is_watched": True}, Skip(Reason.HOLDOUT)),
        ({"is_held_out": True, "has_code": False}, Skip(Reason.NO_CODE)),
        ({"is_held_out": True, "is_selling": False}, Send()),
        ({"is_paused": True, "is_cancelled": True}, Skip(Reason.CANCELLED)),
        ({"has_open_task": True, "has_code": False}, Hold(Reason.OPEN_TASK, USE_BY)),
        ({"capped_until": SOON}, Hold(Reason.CAP, SOON)),
        ({"quiet_until": SOON}, Hold(Reason.QUIET_HOURS, SOON)),
        ({"quiet_until": SOON, "capped_until": LATER}, Hold(Reason.CAP, LATER)),
        ({"quiet_until": LATER, "capped_until": SOON}, Hold(Reason.QUIET_HOURS, LATER)),
        ({"capped_until": USE_BY + SPAN}, Hold(Reason.CAP, USE_BY)),
        ({"quiet_until": USE_BY + SPAN}, Hold(Reason.QUIET_HOURS, USE_BY)),
        ({"capped_until": LATER, "is_paused": True}, Hold(Reason.PAUSED, USE_BY)),
        ({"capped_until": LATER, "has_code": False}, Hold(Reason.CAP, LATER)),
        ({"quiet_until": LATER, "refusal": Reason.UNSUBSCRIBED}, Skip(Reason.UNSUBSCRIBED)),
        ({"is_stopped": True, "is_paused": True}, Hold(Reason.STOPPED, NOW)),
        ({"is_stopped": True, "is_cancelled": True}, Skip(Reason.CANCELLED)),
    ],
)
def test_each_fact_leads_to_its_verdict(fields, verdict):
    assert decide(situation(**fields)) == verdict


def test_every_condition_has_a_case_above():
    assert set(CONDITIONS) == set(ALL)
