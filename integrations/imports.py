"""Files of orders: read line by line, taken in hundreds at a time by the same verbs as hooks; history, so it enrols nobody.

Lines are read ahead in a thread, so that the next batch is understood while the database writes this one.
"""

import gzip
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, cast

from integrations import payloads
from integrations.generic import adapter
from integrations.models import ImportJob
from orders import incoming, ingest
from stores import rows
from stores.models import Store

_BATCH = 500
_LONGEST_LINE = 10 * 1024 * 1024

Row = tuple[int, incoming.OrderData]


@dataclass
class Report:
    """What became of a file; `bad` names lines by their number, counted from 1."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[dict[str, object]] = field(default_factory=list)


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
    for batch in _ahead(_batches(lines, now)):
        report.read += batch.read
        report.bad += batch.bad
        _write(store, batch.rows, report, now)
        if tell:
            tell(report)
    report.bad.sort(key=lambda bad: cast(int, bad["line"]))
    for name in ("read", "new", "changed", "unchanged", "bad"):
        setattr(job, name, getattr(report, name))
    job.finished_at = now
    job.save()
    return report


def _write(store: Store, batch: Sequence[Row], report: Report, now: datetime) -> None:
    def act(part: Sequence[Row]) -> None:
        outcomes = ingest.upsert_orders(store, [data for _, data in part], now=now, history=True)
        results.extend(outcome.result for outcome in outcomes)

    def give_up(row: Row, error: Exception) -> None:
        reason = str(error) if isinstance(error, incoming.Unusable) else "this order could not be written"
        report.bad.append({"line": row[0], "reason": reason})

    results: list[str] = []
    rows.in_halves(batch, act, give_up)
    report.new += results.count("new")
    report.changed += results.count("changed")
    report.unchanged += results.count("unchanged")


def _batches(lines: Iterable[bytes], now: datetime) -> Iterator[_Batch]:
    batch = _Batch()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        batch.read += 1
        try:
            batch.rows.append((number, _order(line, now)))
        except (payloads.NotJson, incoming.Unusable) as error:
            batch.bad.append({"line": number, "reason": str(error)})
        if len(batch.rows) >= _BATCH or len(batch.bad) >= _BATCH:
            yield batch
            batch = _Batch()
    if batch.read:
        yield batch


def _order(line: bytes, now: datetime) -> incoming.OrderData:
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
