"""Who is in a segment, kept as rows: the difference to what the rule says now is found and written in one statement.

`read` and `read_touched` look at the customers to whom something has happened or of whom a fact has changed, `sweep` at everybody: of a new
or changed segment at once, of what asks about scores when they were worked out anew, of every segment in the night of its store, for time
passes without telling anybody. A segment is looked at after those it asks about.

Entering and leaving a watched segment is told to the wire. Not told is who is found when a segment is made, its rule is changed, or a file
of history was imported or taken back: nothing has happened to these people. No rule can ask for the events of segments, so none feeds on
itself.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from customers import events, touching
from customers.models import Event, Touched
from integrations.models import ImportJob
from segments import columns, compiling, cutoffs, patience, setting, trees
from segments.models import Count, Segment
from segments.rules.parsing import NotARule
from stores import rows, walltime
from stores.models import Store

READER = "segments"
NIGHT = time(4)  # after the scores of `customers.rfm_refresh` are worked out
#: A segment that takes longer is shown as slow; one that takes this long is given up, and tried again after a while.
SLOW_MS, PATIENCE, AGAIN = 5_000, timedelta(minutes=2), timedelta(hours=1)
#: What a rule asks about that is worked out for everybody at once, or given to many by hand.
_ASKED: dict[str, list[str]] = {
    Touched.What.RFM: columns.of("f"), Touched.What.PREDICTIONS: columns.of("p"), Touched.What.ENGAGEMENT: columns.of("g"),
    Touched.What.HISTORY: [*columns.of("g"), "interest"], Touched.What.TAGS: ["tag"],
}  # fmt: skip
_COMING_IN = (ImportJob.State.WAITING, ImportJob.State.UNDOING)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Moved:
    """Who came into a segment and who left it."""

    came: Sequence[int]
    left: Sequence[int]


@transaction.atomic
def read(*, now: datetime, limit: int = 500) -> int:
    """Look again at the customers to whom something has happened; return how many events were read."""
    unread = events.claim(READER, limit=limit)
    rows.in_halves(unread, lambda batch: _act(batch, now=now), lambda event, _: events.set_aside(READER, event, now=now))
    return len(unread)


def _act(batch: Sequence[Event], *, now: datetime) -> None:
    touched = defaultdict(set)
    for event in batch:
        touched[event.store_id].add(event.customer_id)
    for store in Store.objects.filter(pk__in=touched).order_by("pk"):
        look_at(store, touched[store.pk], now=now)
    events.forget(READER, batch)


@transaction.atomic
def read_touched(*, now: datetime, limit: int = 500) -> int:
    """Look again at customers of whom a fact has changed that no event tells, few or a whole store; return how many rows were read."""
    rows_read = touching.claim(limit=limit)
    people = defaultdict(set)
    for row in rows_read:
        if row.customer_id is not None:
            people[row.store_id].add(row.customer_id)
    for store in Store.objects.filter(pk__in=people).order_by("pk"):
        look_at(store, people[store.pk], now=now)
    for store_id, what in {(row.store_id, row.what) for row in rows_read if row.what}:
        ask_for_all(store_id, what, now=now)
    touching.forget(rows_read)
    return len(rows_read)


def ask_for_all(store_id: int, what: str, *, now: datetime) -> None:
    """Have the segments found anew that ask about what has changed for everybody. Of history nobody is told, as when a segment is made."""
    found = Segment.objects.filter(store=store_id, asks__overlap=_ASKED[what], due_at__isnull=False)
    if what == Touched.What.HISTORY:
        found.update(due_at=now, filled_at=None)
    else:
        found.filter(due_at__gt=now).update(due_at=now)


def look_at(store: Store, people: Collection[int], *, now: datetime) -> None:
    """Bring these customers' memberships of every segment of a store up to date. A segment that was never filled waits for that."""
    held = Segment.objects.filter(store=store, kind=Segment.Kind.RULE, archived_at=None, filled_at__isnull=False)
    for segment in trees.in_order(held.select_for_update(no_key=True).order_by("pk")):
        try:
            moved = _write(segment, store, people, now=now)
        except NotARule as error:
            Segment.objects.filter(pk=segment.pk).update(problem=str(error)[:300])
            continue
        if moved.came or moved.left:
            Segment.objects.filter(pk=segment.pk).update(people=F("people") + len(moved.came) - len(moved.left))
            _tell(segment, moved, now=now)


def sweep(*, now: datetime, seconds: float = 20) -> int:
    """Refresh segments that are due, those first that others ask about, until the time is up; return how many."""
    end, count = monotonic() + seconds, 0
    _fill_after_imports(now=now)
    due = Segment.objects.filter(due_at__lte=now).prefetch_related("store").order_by("due_at")
    while done := [segment for segment in trees.in_order(due[:200]) if monotonic() < end and refresh(segment, now=now)]:
        count += len(done)
    return count


def _fill_after_imports(*, now: datetime) -> None:
    """Have the segments of a store found anew, as if just made, once a file of history came in or was taken back."""
    ended = Q(finished_at__gt=OuterRef("refreshed_at")) | Q(undone_at__gt=OuterRef("refreshed_at"))
    imported = ImportJob.objects.filter(ended, store=OuterRef("store"))
    Segment.objects.filter(Exists(imported), due_at__gt=now).update(due_at=now, filled_at=None)


def refresh(segment: Segment, *, now: datetime) -> bool:
    """Look at everybody, unless another process is at it; a failure is noted, and the next try an hour off. Return whether it was done."""
    began = monotonic()
    try:
        with transaction.atomic(), patience.at_most(PATIENCE):
            held = Segment.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=segment.pk, due_at__lte=now).first()
            if held is None:
                return False
            moved = _refresh(held, segment.store, began, now=now)
    except (DatabaseError, NotARule) as error:
        log.exception("Segment %s could not be refreshed", segment.pk)
        words = "It took longer than two minutes." if patience.is_over(error) else str(error)
        Segment.objects.filter(pk=segment.pk).update(problem=words[:300], due_at=now + AGAIN)
        return True
    if moved.came or moved.left:
        trees.ask_again(held, now=now)
    return True


def _refresh(segment: Segment, store: Store, began: float, *, now: datetime) -> Moved:
    cutoffs.work_out(store.pk, cutoffs.asked(trees.of(segment)), now=now)
    moved = _write(segment, store, None, now=now)
    if segment.filled_at is not None and not ImportJob.objects.filter(store=store, state__in=_COMING_IN).exists():
        _tell(segment, moved, now=now)
    segment.people = segment.memberships.count()
    segment.filled_at = segment.filled_at or now
    segment.refreshed_at, segment.due_at, segment.problem = now, next_night(store, now=now), ""
    segment.build_ms = round((monotonic() - began) * 1000)
    segment.save(update_fields=["people", "filled_at", "refreshed_at", "due_at", "problem", "build_ms"])
    Count.objects.update_or_create(
        segment=segment,
        day=now.astimezone(ZoneInfo(store.timezone)).date(),
        defaults={"people": segment.people},
        create_defaults={"people": segment.people, "store": store},
    )
    return moved


def next_night(store: Store, *, now: datetime) -> datetime:
    """Return when everybody is looked at next: four in the morning by the store's clock."""
    zone = ZoneInfo(store.timezone)
    tonight = walltime.at_wall_time(now, days=0, wall=NIGHT, zone=zone)
    return tonight if tonight > now else walltime.at_wall_time(now, days=1, wall=NIGHT, zone=zone)


def _write(segment: Segment, store: Store, people: Iterable[int] | None, *, now: datetime) -> Moved:
    """Write the difference between who is kept and who is meant, of a few people or of all."""
    few, node = None if people is None else sorted(people), trees.of(segment)
    at = setting.of(store, now=now, cuts=cutoffs.of(store.pk, node, now=now))
    meant = compiling.ids(node, at, people=few)
    only = "" if few is None else " AND h.customer_id = ANY(%s)"
    # Who is held and who is meant are put on one heap and counted, not joined: nothing is known yet of the rows of a segment that was
    # filled a moment ago, and a join planned by that would look through all of them for each.
    statement = f"""
WITH meant AS MATERIALIZED ({meant.sql}), moved AS MATERIALIZED (
    SELECT who, max(held) AS held FROM (
        SELECT h.customer_id AS who, h.id AS held, false AS is_meant FROM segments_membership h WHERE h.segment_id = %s{only}
        UNION ALL SELECT id, NULL, true FROM meant
    ) heap GROUP BY who HAVING bool_or(is_meant) <> (max(held) IS NOT NULL)
), gone AS (
    DELETE FROM segments_membership WHERE id = ANY(ARRAY(SELECT held FROM moved WHERE held IS NOT NULL)) RETURNING customer_id
), come AS (
    INSERT INTO segments_membership (store_id, segment_id, customer_id, entered_at)
    SELECT %s, %s, who, %s FROM moved WHERE held IS NULL
    ON CONFLICT DO NOTHING RETURNING customer_id
)
SELECT coalesce((SELECT array_agg(customer_id) FROM come), '{{}}'), coalesce((SELECT array_agg(customer_id) FROM gone), '{{}}')
"""
    kept = [segment.pk, *([few] if few is not None else [])]
    values = [*meant.values, *kept, store.pk, segment.pk, now]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return Moved(*cursor.fetchone())


def _tell(segment: Segment, moved: Moved, *, now: datetime) -> None:
    """Record who entered and who left a watched segment."""
    if not segment.is_watched:
        return
    data = {"segment": segment.pk, "name": segment.name}
    for kind, people in ((events.Kind.SEGMENT_ENTERED, moved.came), (events.Kind.SEGMENT_LEFT, moved.left)):
        for start in range(0, len(people), 1000):
            told = [
                events.NewEvent(segment.store_id, pk, kind, now, f"{kind}:{segment.pk}:{pk}:{now.isoformat()}", data)
                for pk in people[start : start + 1000]
            ]
            events.record_many(told, now=now)
