"""When an order keeps its customer from being sold to, over its whole past. Pure.

Live the database says so of one moment (`campaigns.stops`); a test holds the two to each other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from campaigns.rehearsal.story import GONE, Told
from orders.progress import LATE_AFTER

Span = tuple[datetime, datetime | None]
#: How long an order may be late and count, and how long a refund does.
_LATE_COUNTS, _REFUND_COUNTS = timedelta(days=60), timedelta(days=14)


def spans(placed_at: datetime, parcels: Sequence[Told], *, over_at: datetime | None, refunds: Sequence[datetime]) -> list[Span]:
    """Return when an order was trouble: late or not handed over until it was `over_at`, and so long after all money was given back."""
    end = placed_at + _LATE_COUNTS
    if over_at is not None and over_at < end:
        end = over_at
    found: list[Span] = [(at, at + _REFUND_COUNTS) for at in refunds]
    for told in parcels:
        if not told.parcel.is_cancelled:
            found += _of_parcel(told, end)
    return found


def _of_parcel(told: Told, end: datetime) -> list[Span]:
    parcel = told.parcel
    over_at = parcel.delivered_at if parcel.status != GONE else parcel.status_at or parcel.shipped_at
    if over_at is not None and over_at < end:
        end = over_at
    since = [*_failed(told), *(_late(told) if parcel.is_scanned else ()), *told.silent]
    return [(start, min(stop or end, end)) for start, stop in since if start < min(stop or end, end)]


def _late(told: Told) -> Iterator[Span]:
    """Yield when the estimate that counted lay so far behind the first, or had passed."""
    if not told.estimates:
        if told.parcel.expected_at:
            yield told.parcel.expected_at + LATE_AFTER, None
        return
    promised = told.estimates[0][1]
    for (at, value), (until, _) in pairwise([*told.estimates, (None, None)]):
        assert at is not None and value is not None
        yield (at if value >= promised + LATE_AFTER else max(at, value + LATE_AFTER)), until


def _failed(told: Told) -> Iterator[Span]:
    parcel = told.parcel
    for (at, status), (until, _) in pairwise([*told.news, (None, "")]):
        if status == "failure" and at is not None:
            yield at, until
    if not told.news and parcel.status == "failure" and parcel.status_at:
        yield parcel.status_at, None
