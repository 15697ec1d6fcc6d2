"""Files that come in pieces, so that a broken line costs one of them: whoever sends the same file again goes on from what is here."""

from datetime import datetime
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.db import transaction

from integrations import uploads
from integrations.models import ImportJob
from stores.models import Store, User

#: Bytes of a piece; a file no larger comes whole.
SIZE = 8 * 1024 * 1024
State = ImportJob.State


class Refused(ValueError):
    """What cannot be a piece of a file that is taken; the text says why."""


def add(store: Store, *, owner: User, name: str, size: int, at: int, piece: bytes, now: datetime) -> ImportJob:
    """Add the piece that begins at byte `at` to the file of that name and size which its owner is sending; raise Refused.

    Another place than where the file has come to changes nothing: the job's `arrived` says from where to go on. The last piece has the
    file looked at as one that came whole (`uploads.receive`).
    """
    if not (0 < size <= uploads.LARGEST and at >= 0 and len(piece) <= SIZE and at + len(piece) <= size):
        raise Refused(f"A file may have up to {uploads.LARGEST // 1024**3} GB, and a piece up to {SIZE:,} bytes of it.")
    with transaction.atomic():
        job = _being_sent(store, owner, name[:200] or "file", size, now)
        if at == job.arrived and piece:
            _write(job, piece)
            if job.arrived == size:
                _end(job, now=now)
            job.save()
    return job


def _being_sent(store: Store, owner: User, name: str, size: int, now: datetime) -> ImportJob:
    """Return the job of a file, locked; of a new one, made."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two first pieces at once are of one file
    sent = ImportJob.objects.select_for_update(of=("self",)).select_related("store")
    job = sent.filter(store=store, owner=owner, file_name=name, size=size, state=State.UPLOADING).order_by("-pk").first()
    if job is None:
        job = ImportJob(store=store, owner=owner, file_name=name, size=size, started_at=now, state=State.UPLOADING)
        job.file.save(name, ContentFile(b""), save=False)
        job.save()
    return job


def _write(job: ImportJob, piece: bytes) -> None:
    """Write at where the file has come to; what a process that died wrote beyond it goes."""
    with job.file.storage.open(job.file.name, "r+b") as file:
        file.seek(job.arrived)
        file.truncate()
        file.write(piece)
    job.arrived += len(piece)


def _end(job: ImportJob, *, now: datetime) -> None:
    with job.file.open("rb") as kept:
        uploads.look(job, cast(BinaryIO, kept.file), now=now)
    if job.state == State.FAILED:
        job.file.delete(save=False)
