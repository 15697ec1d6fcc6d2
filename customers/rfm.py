"""Recency, frequency, monetary value: the scores, the six groups, the stages of a customer's life. Pure rules.

Scores are quintiles among a store's own buyers, 5 being best, as in Hughes, *Strategic Database Marketing*: each measure is sorted and cut
into five parts, 5 being the most recent. Unlike there the parts are not exactly equal: equal values share a score, for of two who bought
twice, neither is the better buyer.

The six groups carry the names that Klaviyo's RFM report gave them (help centre, "Understanding scoring and customer groups in the RFM
report"). Its scores go from 1 to 3 and are not used: which cell belongs to which group is our own map, `_MAP`, of recency against the mean
of frequency and monetary value. Those who were good and stayed away are at risk, whoever is new is recent, and who neither came lately nor
bought much is inactive.
"""

from dataclasses import dataclass

#: By recency (5 to 1, a row each), then by the mean of frequency and monetary value (1 to 5).
_MAP = {
    5: ("recent", "recent", "loyal", "champions", "champions"),
    4: ("recent", "recent", "loyal", "champions", "champions"),
    3: ("needs_attention", "needs_attention", "needs_attention", "loyal", "loyal"),
    2: ("inactive", "inactive", "at_risk", "at_risk", "at_risk"),
    1: ("inactive", "inactive", "at_risk", "at_risk", "at_risk"),
}
#: The same for the database: the group of recency r and mean m stands at 5 (r - 1) + m, counted from 1.
GROUPS = [group for recency in sorted(_MAP) for group in _MAP[recency]]

#: A buyer is lapsing after so many of the store's usual gaps between two orders, and lost after twice that.
LATE_BY = 2
SOONEST, LATEST = 30, 365
#: What holds for a store with too few who came back to know its gap: three months, and half a year.
USUAL_LAPSING = 90
#: So many must have come back before their median says anything.
FEWEST = 30


@dataclass(frozen=True)
class Scores:
    """Three scores from 1 to 5."""

    recency: int
    frequency: int
    monetary: int


def best_of_its_equals(at_most: int, buyers: int) -> int:
    """Return the recency score of a buyer whose last order is no earlier than those of `at_most` buyers, themselves among them."""
    return -(-5 * at_most // buyers)


def worst_of_its_equals(less: int, buyers: int) -> int:
    """Return the frequency or monetary score of a buyer who is ahead of `less` others.

    Many share the lowest value (one order): taking the best of them would call most one-time buyers frequent.
    """
    return 1 + 5 * less // buyers


def mean(frequency: int, monetary: int) -> int:
    """Return the mean of two scores, a half counting up."""
    return (frequency + monetary + 1) // 2


def group(scores: Scores) -> str:
    return _MAP[scores.recency][mean(scores.frequency, scores.monetary) - 1]


def lapsing_days(gap_days: float | None) -> int:
    """Return after how many days without an order a buyer is lapsing; `gap_days` is the store's median gap, None for too few to say."""
    return USUAL_LAPSING if gap_days is None else min(max(round(LATE_BY * gap_days), SOONEST), LATEST)


def lost_days(lapsing: int) -> int:
    return 2 * lapsing


def stage(*, orders: int, days_since: float, lapsing: int) -> str:
    """Return the stage of somebody's life as a customer, who last ordered `days_since` days ago."""
    if orders == 0:
        return "prospect"
    if days_since >= lost_days(lapsing):
        return "lost"
    if days_since >= lapsing:
        return "lapsing"
    return "first_time" if orders == 1 else "active"
