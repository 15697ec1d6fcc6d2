"""Uploaded files of orders: checked first, then taken in; slice by slice, so that a killed worker loses at most one batch's time.

A batch and the line it reaches are one commit: what is done is not done again, and every number stays true. History mails nobody.
"""

import gzip
import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import BinaryIO, cast
from zlib import error as ZlibError

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from integrations import csv_orders, imports, payloads
from integrations.models import ImportJob
from orders.incoming import OrderData, Unusable
from stores import clock
from stores.models import Store, User

log = logging.getLogger(__name__)
State = ImportJob.State
LARGEST = 200 * 1024 * 1024
LEASE = timedelta(seconds=60)
SLICE_SECONDS = 12
BATCH = 500
MOST_BAD = 1000
_KEPT_FOR = timedelta(days=7)
_AT_WORK = (State.UPLOADED, State.WAITING)


@dataclass
class _Batch:
    """Orders up to `line`; `bad` are those that could not be understood."""

    line: int = 0
    rows: list[imports.Row] = field(default_factory=list)
    bad: list[dict[str, object]] = field(default_factory=list)

    @property
    def read(self) -> int:
        return len(self.rows) + len(self.bad)


class _TakenAway(Exception):
    """The job was cancelled, or another sweep has it: nothing of this batch may stay."""


def receive(store: Store, upload: UploadedFile, *, owner: User, now: datetime) -> ImportJob:
    """Keep an uploaded file and have it checked; what cannot be orders at all is failed at once, with the reason."""
    job = ImportJob(store=store, file_name=(upload.name or "file")[:200], owner=owner, started_at=now, state=State.UPLOADED)
    job.kind, job.columns, job.problem = _first_look(cast(BinaryIO, upload.file))
    if job.problem:
        job.state, job.finished_at = State.FAILED, now
        job.save()
        return job
    upload.seek(0)
    job.file.save(job.file_name, upload, save=False)
    job.save()
    return job


def run(job: ImportJob) -> bool:
    """Have a checked job taken in; return whether it was one."""
    fresh = {"line": 0, "read": 0, "refused": 0, "bad": [], "state": State.WAITING}
    return bool(ImportJob.objects.filter(pk=job.pk, state=State.CHECKED).update(**fresh))


def cancel(job: ImportJob, *, now: datetime) -> bool:
    """Stop a job; what was taken in stays. Return whether there was anything to stop."""
    open_states = [*_AT_WORK, State.CHECKED]
    stopped = (
        ImportJob.objects.filter(pk=job.pk, state__in=open_states)
        .exclude(file="")
        .update(state=State.CANCELLED, finished_at=now, claim=None, lease_until=None)
    )
    if stopped:
        job.file.delete(save=False)
        ImportJob.objects.filter(pk=job.pk).update(file="")
    return bool(stopped)


def sweep(*, now: datetime, seconds: float = SLICE_SECONDS) -> bool:
    """Work on one waiting job for so many seconds; return whether there was one. Files nobody went on with are forgotten."""
    for stale in ImportJob.objects.filter(state=State.CHECKED, started_at__lt=now - _KEPT_FOR).exclude(file="")[:10]:
        cancel(stale, now=now)
    job = _claim(now)
    if job is None:
        return False
    try:
        _work(job, end=monotonic() + seconds)
    except _TakenAway:
        log.info("Import %s was taken away.", job.pk)
    except (csv_orders.NotCsv, OSError, EOFError, ZlibError) as error:
        _finish(job, State.FAILED, problem=str(error))
    return True


@transaction.atomic
def _claim(now: datetime) -> ImportJob | None:
    """Lease the oldest job that waits; one at a time, or files would keep the mails waiting."""
    if ImportJob.objects.filter(state__in=_AT_WORK, lease_until__gt=now).exclude(file="").exists():
        return None
    waiting = ImportJob.objects.select_for_update(skip_locked=True, of=("self",)).filter(state__in=_AT_WORK).exclude(file="")
    job = waiting.select_related("store").order_by("id").first()
    if job is not None:
        job.claim, job.lease_until = uuid.uuid4(), now + LEASE
        job.save(update_fields=["claim", "lease_until"])
    return job


def _work(job: ImportJob, *, end: float) -> None:
    """Go on from the job's line until the file or the time ends."""
    with _opened(job) as file:
        for batch in _batches(job, file):
            _take(job, batch)
            if monotonic() > end:
                ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(claim=None, lease_until=None)
                return
    _finish(job, State.CHECKED if job.state == State.UPLOADED else State.DONE)


@transaction.atomic
def _take(job: ImportJob, batch: _Batch) -> None:
    """Write one batch (a check writes nothing) and, in the same commit, how far the job is."""
    now = clock.read()
    report = imports.write_rows(job.store, batch.rows, now=now) if job.state == State.WAITING else imports.Report()
    bad = sorted([*batch.bad, *report.bad], key=lambda each: cast(int, each["line"]))
    job.bad = [*job.bad, *bad][:MOST_BAD]
    counts = {name: F(name) + getattr(report, name) for name in ("new", "changed", "unchanged")}
    ours = ImportJob.objects.filter(pk=job.pk, claim=job.claim, state=job.state)
    if not ours.update(
        **counts, read=F("read") + batch.read, refused=F("refused") + len(bad), bad=job.bad, line=batch.line, lease_until=now + LEASE
    ):
        raise _TakenAway


def _finish(job: ImportJob, state: str, *, problem: str = "") -> None:
    """End a check or an import, if it is still ours; the file of a finished one is removed."""
    now = clock.read()
    changes: dict[str, object] = {"state": state, "problem": problem, "claim": None, "lease_until": None}
    if state == State.CHECKED:
        changes |= {"total": F("read")}
    else:
        changes |= {"finished_at": now, "file": ""}
    if ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(**changes) and state != State.CHECKED:
        job.file.delete(save=False)


def _batches(job: ImportJob, file: BinaryIO) -> Iterator[_Batch]:
    batch = _Batch()
    for line, found in _units(job, file, now=clock.read()):
        if isinstance(found, Exception):
            batch.bad.append({"line": line, "reason": str(found)})
        else:
            batch.rows.append((line, found))
        batch.line = line
        if batch.read >= BATCH:
            yield batch
            batch = _Batch()
    if batch.read:
        yield batch


def _units(job: ImportJob, file: BinaryIO, *, now: datetime) -> Iterator[tuple[int, OrderData | Exception]]:
    """Yield the orders after the job's line, each with its line, or what is wrong with it."""
    if job.kind == ImportJob.Kind.CSV:
        yield from ((line, found) for line, found in csv_orders.orders(file, job.store, now=now) if line > job.line)
        return
    for number, line in enumerate(file, start=1):
        if number > job.line and line.strip():
            try:
                yield number, imports.read_order(line, now=now)
            except (payloads.NotJson, Unusable) as problem:
                yield number, problem


@contextmanager
def _opened(job: ImportJob) -> Iterator[BinaryIO]:
    with job.file.open("rb") as kept:
        yield _unpacked(cast(BinaryIO, kept.file))


def _unpacked(file: BinaryIO) -> BinaryIO:
    """Return a file to read from its beginning, unpacked if it is gzip."""
    file.seek(0)
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file


def _first_look(file: BinaryIO) -> tuple[str, dict[str, object], str]:
    """Return a file's kind, its columns if it is CSV, and what speaks against it; empty if nothing does."""
    try:
        start = _unpacked(file).read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start:
            return ImportJob.Kind.JSONL, {}, "The file is empty."
        if start[:1] == b"[":
            return ImportJob.Kind.JSONL, {}, "This is one JSON list. Write one order a line instead, without brackets around them."
        if start[:1] == b"{":
            return ImportJob.Kind.JSONL, {}, _whole_line(start)
        found = csv_orders.head_of(_unpacked(file))
    except (csv_orders.NotCsv, OSError, EOFError, ZlibError) as error:
        return ImportJob.Kind.CSV, {}, f"The file cannot be read: {error}"
    columns: dict[str, object] = {"found": [*found.places], "missing": [*found.missing], "unused": [*found.unused]}
    problem = f"These columns are needed and missing: {', '.join(found.missing)}." if found.missing else ""
    return ImportJob.Kind.CSV, columns, problem


def _whole_line(start: bytes) -> str:
    """Say what is wrong with JSON that is spread over several lines: `{` alone on the first."""
    first = start.split(b"\n", 1)[0]
    try:
        json.loads(first)
    except ValueError:
        if b"\n" in start and not first.rstrip().endswith(b"}"):
            return "This is JSON over several lines. Write each order on one line."
    return ""
