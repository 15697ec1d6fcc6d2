"""Files of orders: read line by line, taken in hundreds at a time by the same verbs as hooks; history, so it enrols nobody.

Lines are read ahead in a thread, so that the next batch is understood while the database writes this one; and a batch is written in
lanes, so that one merges while the database works for the other. All lines of one order go the same lane, in their order.
"""

import gzip
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import BinaryIO, cast
from zlib import crc32

from django.db import connection, connections

from integrations import payloads
from integrations.generic import adapter
from integrations.models import ImportJob
from orders import incoming, ingest
from stores import rows
from stores.models import Store

_BATCH = 2000
_LANES = 2
_LONGEST_LINE = 10 * 1024 * 1024

Row = tuple[int, incoming.OrderData]
Write = Callable[[Sequence[Row]], "Report"]


@dataclass
class Report:
    """What became of a file; `bad` names lines by their number, counted from 1."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[dict[str, object]] = field(default_factory=list)

    def add(self, more: "Report") -> None:
        self.read += more.read
        self.new += more.new
        self.changed += more.changed
        self.unchanged += more.unchanged
        self.bad += more.bad


@dataclass
class _Batch:
    rows: list[Row] = field(default_factory=list)
    bad: list[dict[str, object]] = field(default_factory=list)
    read: int = 0


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file of lines: "-" is standard input, gzip is unpacked. Raises OSError."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with open(name, "rb") as plain:
        if plain.peek(2)[:2] == b"\x1f\x8b":
            with gzip.open(plain) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield plain


def take_in(store: Store, lines: Iterable[bytes], *, now: datetime, file_name: str, tell: Callable[[Report], None] | None = None) -> Report:
    """Take in orders in the generic format, one a line; keep the report as an ImportJob. Good lines go in whatever the others are like."""
    job = ImportJob.objects.create(store=store, file_name=file_name[:200], started_at=now)
    report = Report()
    with _lanes(partial(write_rows, store, now=now)) as write:
        for batch in _ahead(_batches(lines, now)):
            report.add(Report(read=batch.read, bad=batch.bad))
            for part in write(batch.rows):
                report.add(part)
            if tell:
                tell(report)
    report.bad.sort(key=lambda bad: cast(int, bad["line"]))
    for name in ("read", "new", "changed", "unchanged", "bad"):
        setattr(job, name, getattr(report, name))
    job.state, job.finished_at = ImportJob.State.DONE, now
    job.save()
    return report


@contextmanager
def _lanes(write: Write) -> Iterator[Callable[[Sequence[Row]], list["Report"]]]:
    """Yield what writes a batch in lanes, each a thread with a connection of its own; a caller's transaction is one lane."""
    if connection.in_atomic_block:
        yield lambda batch: [write(batch)]
        return
    with ExitStack() as ends:
        lanes = [ends.enter_context(ThreadPoolExecutor(max_workers=1)) for _ in range(_LANES)]

        def side_by_side(batch: Sequence[Row]) -> list[Report]:
            parts: list[list[Row]] = [[] for _ in lanes]
            for row in batch:
                parts[crc32(row[1].external_id.encode()) % _LANES].append(row)
            under_way = [lane.submit(write, part) for lane, part in zip(lanes, parts, strict=True)]
            return [each.result() for each in under_way]

        for lane in lanes:
            ends.callback(lane.submit, connections.close_all)
        yield side_by_side


def write_rows(store: Store, batch: Sequence[Row], *, now: datetime) -> Report:
    """Write one batch as history; a row that cannot be written is reported and stops nothing."""
    report = Report()

    def act(part: Sequence[Row]) -> None:
        outcomes = ingest.upsert_orders(store, [data for _, data in part], now=now, history=True)
        results.extend(outcome.result for outcome in outcomes)

    def give_up(row: Row, error: Exception) -> None:
        reason = str(error) if isinstance(error, incoming.Unusable) else "this order could not be written"
        report.bad.append({"line": row[0], "reason": reason})

    results: list[str] = []
    rows.in_halves(batch, act, give_up)
    report.new, report.changed, report.unchanged = (results.count(each) for each in ("new", "changed", "unchanged"))
    return report


def _batches(lines: Iterable[bytes], now: datetime) -> Iterator[_Batch]:
    batch = _Batch()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        batch.read += 1
        try:
            batch.rows.append((number, read_order(line, now=now)))
        except (payloads.NotJson, incoming.Unusable) as error:
            batch.bad.append({"line": number, "reason": str(error)})
        if len(batch.rows) >= _BATCH or len(batch.bad) >= _BATCH:
            yield batch
            batch = _Batch()
    if batch.read:
        yield batch


def read_order(line: bytes, *, now: datetime) -> incoming.OrderData:
    """Return the order of one line; raise payloads.NotJson or incoming.Unusable."""
    if len(line) > _LONGEST_LINE:
        raise incoming.Unusable("the line is longer than 10 MB")
    data = adapter.order(payloads.read_object(line))
    incoming.check_dates(data, now=now)
    return data


def _ahead(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """Yield the same batches, the next one being made in a thread; its errors are raised here."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch
