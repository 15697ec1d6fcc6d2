"""Files of orders and customers: read line by line, taken in hundreds at a time by the same verbs as hooks; history enrols nobody.

Lines are read ahead in a thread, so that the next batch is understood while the database writes this one; and a batch is written in
lanes, so that one merges while the database works for the other. All lines of one order go the same lane, in their order.
"""

import gzip
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import BinaryIO, cast
from zlib import crc32

from django.db import connection, connections

from customers import shop_words
from integrations import payloads
from integrations.files import orders as file_orders
from integrations.files import people as file_people
from integrations.files.orders import Unit
from integrations.files.reading import Reading
from integrations.files.targets import ORDERS
from integrations.generic import adapter
from integrations.models import ImportJob, ImportTrace
from orders import incoming, ingest
from stores import rows
from stores.models import Store

Data = incoming.OrderData | incoming.CustomerData
Basis = shop_words.Basis
_BATCH = 2000
_LANES = 2
_LONGEST_LINE = 10 * 1024 * 1024

Write = Callable[[Sequence[Unit]], "Report"]


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
class Batch:
    """What stands in a file up to `line`; `bad` is what could not be understood, `granted` and `withdrawn` count words on marketing."""

    good: list[Unit] = field(default_factory=list)
    bad: list[dict[str, object]] = field(default_factory=list)
    line: int = 0
    granted: int = 0
    withdrawn: int = 0

    @property
    def read(self) -> int:
        return len(self.good) + len(self.bad)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file: "-" is standard input, gzip is unpacked. Raises OSError."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with open(name, "rb") as plain:
        if plain.peek(2)[:2] == b"\x1f\x8b":
            with gzip.open(plain) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield plain


def take_in(store: Store, said: Iterable[bytes], *, now: datetime, file_name: str, tell: Callable[[Report], None] | None = None) -> Report:
    """Take in orders in the generic format, one a line."""
    return take_units(store, lines(said, now=now), now=now, file_name=file_name, tell=tell)


def take_units(
    store: Store, found: Iterable[Unit], *, now: datetime, file_name: str, kind: str = ImportJob.Kind.JSONL, reading: Reading | None = None,
    basis: Basis | None = shop_words.SHOP, tell: Callable[[Report], None] | None = None,
) -> Report:  # fmt: skip
    """Take in what a file says; keep the report as an ImportJob, which can be undone. What is good goes in whatever the rest is like.

    Without a basis, a yes to marketing is left out.
    """
    job = ImportJob.objects.create(
        store=store, file_name=file_name[:200], started_at=now, kind=kind, subject=reading.subject if reading else ORDERS,
        reading=reading.as_json() if reading else {}, basis=asdict(basis) if basis else {},
    )  # fmt: skip
    report = Report()
    with _lanes(partial(write, store, now=now, basis=basis, job=job)) as write_in_lanes:
        for batch in _ahead(batches(found, size=_BATCH)):
            report.add(Report(read=batch.read, bad=batch.bad))
            for part in write_in_lanes(batch.good):
                report.add(part)
            if tell:
                tell(report)
    report.bad.sort(key=lambda bad: cast(int, bad["line"]))
    for name in ("read", "new", "changed", "unchanged", "bad"):
        setattr(job, name, getattr(report, name))
    job.refused, job.total, job.state, job.finished_at = len(report.bad), report.read, ImportJob.State.DONE, now
    job.save()
    return report


@contextmanager
def _lanes(act: Write) -> Iterator[Callable[[Sequence[Unit]], list["Report"]]]:
    """Yield what writes a batch in lanes, each a thread with a connection of its own; a caller's transaction is one lane."""
    if connection.in_atomic_block:
        yield lambda batch: [act(batch)]
        return
    with ExitStack() as ends:
        lanes = [ends.enter_context(ThreadPoolExecutor(max_workers=1)) for _ in range(_LANES)]

        def side_by_side(batch: Sequence[Unit]) -> list[Report]:
            parts: list[list[Unit]] = [[] for _ in lanes]
            for unit in batch:
                parts[crc32(_name(unit).encode(errors="replace")) % _LANES].append(unit)
            under_way = [lane.submit(act, part) for lane, part in zip(lanes, parts, strict=True)]
            return [each.result() for each in under_way]

        for lane in lanes:
            ends.callback(lane.submit, connections.close_all)
        yield side_by_side


def _name(unit: Unit) -> str:
    assert unit.data is not None
    return unit.data.external_id or (unit.data.email.casefold() if isinstance(unit.data, incoming.CustomerData) else "")


def write(
    store: Store, batch: Sequence[Unit], *, now: datetime, basis: Basis | None = shop_words.SHOP, job: ImportJob | None = None
) -> Report:
    """Write one batch as history; one that cannot be written is reported and stops nothing. With a job, it is remembered for an undo."""
    report = Report()
    results: list[str] = []

    def act(part: Sequence[Unit]) -> None:
        taken = _take(store, [_said(unit.data, basis) for unit in part if unit.data], now=now, basis=basis or shop_words.SHOP)
        if job is not None:
            _remember(job, taken, now=now)
        results.extend("unchanged" if unit.is_repeat else each.result for unit, each in zip(part, taken.outcomes, strict=True))

    def give_up(unit: Unit, error: Exception) -> None:
        reason = str(error) if isinstance(error, incoming.Unusable) else "it could not be written"
        report.bad.append({"line": unit.line, "reason": reason})

    rows.in_halves(batch, act, give_up)
    report.new, report.changed, report.unchanged = (results.count(each) for each in ("new", "changed", "unchanged"))
    return report


def _take(store: Store, said: list[Data], *, now: datetime, basis: Basis) -> ingest.Taken:
    orders = [each for each in said if isinstance(each, incoming.OrderData)]
    if orders:
        return ingest.take_history(store, orders, now=now, basis=basis)
    return ingest.take_people(store, [each for each in said if isinstance(each, incoming.CustomerData)], now=now, basis=basis)


def _said(data: Data, basis: Basis | None) -> Data:
    """Return what a file says, without the yes to marketing where nobody told what it rests on."""
    person = data.customer if isinstance(data, incoming.OrderData) else data
    if basis is not None or person.marketing != "subscribed":
        return data
    silent = replace(person, marketing="never")
    return replace(data, customer=silent) if isinstance(data, incoming.OrderData) else silent


def _remember(job: ImportJob, taken: ingest.Taken, *, now: datetime) -> None:
    """Keep what a batch made and changed, in the same commit."""
    trace = ImportTrace(store_id=job.store_id, job=job, at=now, consents=taken.consents)
    trace.orders = [each.order_id for each in taken.outcomes if each.result == "new" and each.order_id]
    trace.customers = [each.id for each in taken.customers if each.outcome == "new"]
    for each in taken.customers:
        differing = {name: [said, getattr(each, name)] for name, said in each.before.items() if said != getattr(each, name)}
        if differing:
            trace.before[str(each.id)] = differing
    if trace.orders or trace.customers or trace.consents or trace.before:
        trace.save()


def units(file: BinaryIO, reading: Reading | None, *, now: datetime, after: int = 0) -> Iterator[Unit]:
    """Yield what stands in a file after a line: of a CSV as its reading says, else one order in the generic format a line."""
    if reading is None:
        yield from lines(file, now=now, after=after)
    elif reading.subject == ORDERS:
        yield from file_orders.units(file, reading, now=now, after=after)
    else:
        yield from file_people.units(file, reading, after=after)


def lines(file: Iterable[bytes], *, now: datetime, after: int = 0) -> Iterator[Unit]:
    """Yield orders in the generic format, one a line."""
    for number, line in enumerate(file, start=1):
        if number <= after or not line.strip():
            continue
        try:
            yield Unit(number, read_order(line, now=now))
        except (payloads.NotJson, incoming.Unusable) as error:
            yield Unit(number, problem=str(error))


def batches(found: Iterable[Unit], *, size: int) -> Iterator[Batch]:
    batch = Batch()
    for unit in found:
        batch.line = unit.line
        if unit.data is None:
            batch.bad.append({"line": unit.line, "reason": unit.problem} | ({"cells": unit.cells} if unit.cells else {}))
        else:
            batch.good.append(unit)
            person = unit.data.customer if isinstance(unit.data, incoming.OrderData) else unit.data
            batch.granted += person.marketing == "subscribed"
            batch.withdrawn += person.marketing == "unsubscribed"
        if len(batch.good) >= size or len(batch.bad) >= size:
            yield batch
            batch = Batch()
    if batch.read:
        yield batch


def read_order(line: bytes, *, now: datetime) -> incoming.OrderData:
    """Return the order of one line; raise payloads.NotJson or incoming.Unusable."""
    if len(line) > _LONGEST_LINE:
        raise incoming.Unusable("the line is longer than 10 MB")
    data = adapter.order(payloads.read_object(line))
    incoming.check_dates(data, now=now)
    return data


def _ahead(source: Iterator[Batch]) -> Iterator[Batch]:
    """Yield the same batches, the next one being made in a thread; its errors are raised here."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, source, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, source, None)
            yield batch
