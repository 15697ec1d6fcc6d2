"""Uploaded files: looked at, checked, then taken in; slice by slice, so that a killed worker loses at most one batch's time.

A batch and the line it reaches are one commit: what is done is not done again, and every number stays true. The check writes each batch
as the import would, counts, and rolls it back: nothing of it stays. History mails nobody.
"""

import gzip
import io
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, BinaryIO, cast
from zlib import error as ZlibError

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q

from customers.shop_words import Basis
from integrations import imports, undoing
from integrations.files import reading, samples, table
from integrations.files.reading import Reading
from integrations.models import ImportJob
from stores import clock
from stores.models import Store, User

log = logging.getLogger(__name__)
State = ImportJob.State
LARGEST = 2 * 1024**3
LEASE = timedelta(seconds=90)
SLICE_SECONDS = 12
#: A slice reads over what is done already; of a long file it takes as long again for each such second, up to these.
_LONGEST_SLICE = 90
BATCH = 500
MOST_BAD = 1000
_KEPT_FOR = timedelta(days=7)
_READ_AT_ONCE = 1024 * 1024
_READING = (State.UPLOADED, State.WAITING)
_IDLE = (State.UPLOADING, State.CHECKED, State.MAPPING)
_OPEN = (*_READING, *_IDLE)
_TO_DO = (Q(state__in=_READING) & ~Q(file="")) | Q(state=State.UNDOING)
_UNREADABLE = (table.NotATable, OSError, EOFError, ZlibError)


class _TakenAway(Exception):
    """The job was cancelled, or another sweep has it: nothing of this batch may stay."""


def receive(store: Store, upload: UploadedFile, *, owner: User, now: datetime) -> ImportJob:
    """Keep an uploaded file and have it checked, or wait for its columns; what cannot be read at all is failed at once, with the reason."""
    job = ImportJob(store=store, file_name=(upload.name or "file")[:200], owner=owner, started_at=now, state=State.UPLOADED)
    look(job, cast(BinaryIO, upload.file), now=now)
    if job.state != State.FAILED:
        upload.seek(0)
        job.file.save(job.file_name, upload, save=False)
    job.save()
    return job


def look(job: ImportJob, file: BinaryIO, *, now: datetime) -> None:
    """Look at the whole file of a job that is yet to be saved: it is to be checked, or its columns asked, or it has failed."""
    found, job.problem = _first_look(file, job.store)
    job.state = State.UPLOADED
    if found is not None:
        _keep(job, found)
    if job.problem:
        job.state, job.finished_at = State.FAILED, now


def look_again(job: ImportJob, *, subject: str, encoding: str, separator: str) -> Reading:
    """Guess anew how a waiting file is to be read, by what a person says of it; raise table.NotATable."""
    with _opened(job) as file:
        return reading.guess(file, job.store, subject=subject, encoding=encoding, separator=separator)


def read_as(job: ImportJob, wanted: Reading, *, dates: str = "", decimal: str = "") -> Reading:
    """Have a waiting or checked file read so, and checked if nothing is open; what is not said of dates and amounts is found out.

    Raise table.NotATable.
    """
    with _opened(job) as file:
        settled = reading.again(file, wanted)
    settled.dates, settled.decimal = dates or settled.dates, decimal or settled.decimal
    _keep(job, settled)
    fresh = {
        "line": 0,
        "read": 0,
        "refused": 0,
        "bad": [],
        "sample": [],
        "new": 0,
        "changed": 0,
        "unchanged": 0,
        "granted": 0,
        "withdrawn": 0,
    }
    changes = {"reading": job.reading, "subject": job.subject, "state": job.state, "kind": job.kind, "problem": ""}
    ImportJob.objects.filter(pk=job.pk, state__in=[State.MAPPING, State.CHECKED, State.UPLOADED]).update(
        **fresh, **changes, claim=None, lease_until=None
    )
    return settled


def run(job: ImportJob, *, basis: Basis | None = None) -> bool:
    """Have a checked job taken in; return whether it was one. Without a basis, a yes to marketing in it is left out."""
    fresh = {"line": 0, "read": 0, "refused": 0, "bad": [], "new": 0, "changed": 0, "unchanged": 0, "state": State.WAITING}
    said = {"source": basis.source, "wording": basis.wording} if basis else {}
    return bool(ImportJob.objects.filter(pk=job.pk, state=State.CHECKED).exclude(file="").update(**fresh, basis=said))


def cancel(job: ImportJob, *, now: datetime) -> bool:
    """Stop a job; what was taken in stays, and can be undone. Return whether there was anything to stop."""
    stopped = (
        ImportJob.objects.filter(pk=job.pk, state__in=_OPEN)
        .exclude(file="")
        .update(state=State.CANCELLED, finished_at=now, claim=None, lease_until=None)
    )
    if stopped:
        job.file.delete(save=False)
        ImportJob.objects.filter(pk=job.pk).update(file="")
    return bool(stopped)


def sweep(*, now: datetime, seconds: float = SLICE_SECONDS) -> bool:
    """Work on one waiting job for so many seconds; return whether there was one. What nobody went on with is forgotten."""
    idle = ImportJob.objects.filter(state__in=_IDLE, started_at__lt=now - _KEPT_FOR).exclude(file="")
    for stale in idle[:10]:
        cancel(stale, now=now)
    undoing.forget(now=now)
    _forget_people(now)
    job = _claim(now)
    if job is None:
        return False
    try:
        if job.state == State.UNDOING:
            undoing.work(job, end=monotonic() + seconds)
        else:
            _work(job, seconds)
    except _TakenAway:
        log.info("Import %s was taken away.", job.pk)
    except _UNREADABLE as error:
        _finish(job, State.FAILED, problem=str(error))
    return True


def _forget_people(now: datetime) -> None:
    """Drop what old jobs still tell of people, when nothing can be mended or undone any more; their numbers stay."""
    old = ImportJob.objects.filter(finished_at__lt=now - undoing.WITHIN).exclude(state=State.UNDOING)
    for job in old.filter(~Q(bad=[]) | Q(reading__samples__0__isnull=False))[:10]:
        kept = job.reading | {"samples": []} if job.reading else {}
        ImportJob.objects.filter(pk=job.pk).update(bad=[], reading=kept)


@transaction.atomic
def _claim(now: datetime) -> ImportJob | None:
    """Lease the oldest job that waits; one at a time, or files would keep the mails waiting."""
    waiting = ImportJob.objects.filter(_TO_DO)
    if waiting.filter(lease_until__gt=now).exists():
        return None
    job = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("store").order_by("id").first()
    if job is not None:
        job.claim, job.lease_until = uuid.uuid4(), now + LEASE
        job.save(update_fields=["claim", "lease_until"])
    return job


def _work(job: ImportJob, seconds: float) -> None:
    """Go on from the job's line until the file or the time ends."""
    how, began, end = reading_of(job), monotonic(), 0.0
    with _opened(job, is_leased=True) as file:
        for batch in imports.batches(imports.units(file, how, now=clock.read(), after=job.line), size=BATCH):
            end = end or monotonic() + max(seconds, min(3 * (monotonic() - began), _LONGEST_SLICE) if seconds else 0)
            _take(job, batch)
            if monotonic() > end:
                ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(claim=None, lease_until=None)
                return
    if job.state == State.WAITING:
        _finish(job, State.DONE)
    elif ImportJob.objects.filter(pk=job.pk, read=0).exists():
        _finish(job, State.FAILED, problem="There is nothing under the head line." if how else "The file is empty.")
    else:
        _finish(job, State.CHECKED)


@transaction.atomic
def _take(job: ImportJob, batch: imports.Batch) -> None:
    """Write one batch, or try it, and, in the same commit, how far the job is."""
    now = clock.read()
    report = _tried(job, batch, now) if job.state == State.UPLOADED else _written(job, batch, now)
    bad = sorted([*batch.bad, *report.bad], key=lambda each: cast(int, each["line"]))
    counts = {name: F(name) + getattr(report, name) for name in ("new", "changed", "unchanged")}
    changes: dict[str, object] = {**counts, "read": F("read") + batch.read, "refused": F("refused") + len(bad), "line": batch.line}
    if bad and len(job.bad) < MOST_BAD:
        changes["bad"] = job.bad = [*job.bad, *bad][:MOST_BAD]
    if job.state == State.UPLOADED:
        changes |= {"granted": F("granted") + batch.granted, "withdrawn": F("withdrawn") + batch.withdrawn}
        if batch.good and len(job.sample) < samples.MOST:
            job.sample = [*job.sample, *(samples.shown(unit) for unit in batch.good[: samples.MOST - len(job.sample)])]
            changes["sample"] = job.sample
    if not ImportJob.objects.filter(pk=job.pk, claim=job.claim, state=job.state).update(**changes, lease_until=now + LEASE):
        raise _TakenAway


def _tried(job: ImportJob, batch: imports.Batch, now: datetime) -> imports.Report:
    with transaction.atomic():
        report = imports.write(job.store, batch.good, now=now, basis=None)
        transaction.set_rollback(True)
    return report


def _written(job: ImportJob, batch: imports.Batch, now: datetime) -> imports.Report:
    return imports.write(job.store, batch.good, now=now, basis=Basis(**job.basis) if job.basis else None, job=job)


def _finish(job: ImportJob, state: str, *, problem: str = "") -> None:
    """End a check or an import, if it is still ours; the file of a finished one is removed."""
    now = clock.read()
    changes: dict[str, object] = {"state": state, "problem": problem, "claim": None, "lease_until": None}
    if state == State.CHECKED:
        changes |= {"total": F("read")}
    else:
        changes |= {"finished_at": now, "file": "", "sample": []}
    if ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(**changes) and state != State.CHECKED:
        job.file.delete(save=False)


def reading_of(job: ImportJob) -> Reading | None:
    """Return how a job's CSV is read; None for JSON."""
    return reading.of_json(job.reading) if job.reading else None


def _keep(job: ImportJob, found: Reading) -> None:
    job.kind, job.subject, job.reading = ImportJob.Kind.CSV, found.subject, found.as_json()
    job.state = State.MAPPING if found.questions else State.UPLOADED


@contextmanager
def _opened(job: ImportJob, *, is_leased: bool = False) -> Iterator[BinaryIO]:
    """Open a job's file; whoever has it leased keeps it while reading on, however long nothing new comes of what is read."""
    with job.file.open("rb") as kept:
        file = cast(BinaryIO, kept.file)
        yield unpacked(cast(BinaryIO, io.BufferedReader(_Heard(file, _Renewal(job)), _READ_AT_ONCE)) if is_leased else file)


@dataclass
class _Renewal:
    """Renews the lease of a job, long before it ends."""

    job: ImportJob
    at: float = field(default_factory=monotonic)

    def __call__(self) -> None:
        if monotonic() - self.at > LEASE.total_seconds() / 3:
            self.at = monotonic()
            ImportJob.objects.filter(pk=self.job.pk, claim=self.job.claim).update(lease_until=clock.read() + LEASE)


class _Heard(io.RawIOBase):
    """A file of which each reading on is heard."""

    def __init__(self, file: BinaryIO, heard: Callable[[], None]) -> None:
        self._file, self._heard = file, heard

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        self._heard()
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def unpacked(file: BinaryIO) -> BinaryIO:
    """Return a file to read from its beginning, unpacked if it is gzip."""
    file.seek(0)
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file


def _first_look(file: BinaryIO, store: Store) -> tuple[Reading | None, str]:
    """Return how a CSV is read (None: it is JSON) and what speaks against the file; empty if nothing does."""
    try:
        start = unpacked(file).read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start:
            return None, "The file is empty."
        if start[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
            return None, "This is a spreadsheet or a zip archive. Save it as CSV (in Excel: Save as → CSV UTF-8) and upload that."
        if start[:1] == b"[":
            return None, "This is one JSON list. Write one order a line instead, without brackets around them."
        if start[:1] == b"{":
            return None, _whole_line(start)
        return reading.guess(unpacked(file), store), ""
    except _UNREADABLE as error:
        return None, str(error) if isinstance(error, table.NotATable) else f"The file cannot be read: {error}"


def _whole_line(start: bytes) -> str:
    """Say what is wrong with JSON that is spread over several lines: `{` alone on the first."""
    first = start.split(b"\n", 1)[0]
    try:
        json.loads(first)
    except ValueError:
        if b"\n" in start and not first.rstrip().endswith(b"}"):
            return "This is JSON over several lines. Write each order on one line."
    return ""
