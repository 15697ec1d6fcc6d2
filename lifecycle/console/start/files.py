"""Orders from a file: uploaded, checked, and taken in as history while one goes on with something else."""

import csv
import io

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from integrations import csv_orders, uploads
from integrations.models import ImportJob
from lifecycle.console.account import person
from lifecycle.console.answer import see
from lifecycle.console.start import progress
from stores import clock, spreadsheets
from stores.access import StoreRequest, page
from stores.models import Membership

OWNER = Membership.Role.OWNER
_SHOWN = 20
_LISTED = 10


@page(OWNER)
def index(request: StoreRequest) -> HttpResponse:
    """Take a file; list the last ones."""
    now, problem = clock.read(), ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        problem = _refused(upload)
        if upload is not None and not problem:
            job = uploads.receive(request.store, upload, owner=person(request), now=now)
            return see("console:start_import", request.store.slug, job.pk)
    jobs = ImportJob.objects.filter(store=request.store).defer("bad", "columns").order_by("-id")[:_LISTED]
    context = {"now": now, "problem": problem, "jobs": jobs, "needed": csv_orders.NEEDED, "columns": csv_orders.ALIASES}
    return _page(request, "files", context, status=422 if problem else 200)


@page(OWNER)
def show(request: StoreRequest, pk: int) -> HttpResponse:
    """Show how far a file is and what is wrong in it; POST takes it in or cancels it."""
    job = get_object_or_404(ImportJob.objects.select_related("owner"), store=request.store, pk=pk)
    if request.method == "POST":
        if "cancel" in request.POST:
            stopped = uploads.cancel(job, now=clock.read())
            messages.success(request, "Cancelled. What was taken in before stays." if stopped else "It had ended already.")
        elif not uploads.run(job):
            messages.error(request, f"{job} is not waiting to be imported. Upload it again to import it again.")
        return see("console:start_import", request.store.slug, pk)
    context = {
        "now": clock.read(), "job": job, "shown": job.bad[:_SHOWN], "good": max(job.total - job.refused, 0),
        "at_work": job.state in (ImportJob.State.UPLOADED, ImportJob.State.WAITING) and bool(job.file),
    }  # fmt: skip
    return _page(request, "file", context)


@page(OWNER)
def bad_rows(request: StoreRequest, pk: int) -> HttpResponse:
    """Answer the bad rows of a file as CSV."""
    job = get_object_or_404(ImportJob, store=request.store, pk=pk)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "reason"])
    writer.writerows((bad["line"], spreadsheets.plain(str(bad["reason"]))) for bad in job.bad)
    return _download(text.getvalue(), "bad-rows.csv")


@page(OWNER)
def example(request: StoreRequest) -> HttpResponse:
    return _download(csv_orders.SAMPLE, "orders-example.csv")


def _refused(upload: UploadedFile | None) -> str:
    if upload is None:
        return "Choose a file."
    if (upload.size or 0) > uploads.LARGEST:
        return f"The file is larger than {uploads.LARGEST // 1024**2} MB. Split it, or pack it with gzip."
    return ""


def _download(text: str, name: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(request: StoreRequest, name: str, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    setup = progress.of(request, progress.flow_of(request.store))
    context |= {"section": "home", "setup": setup, "stage": "source"}
    return render(request, f"console/start/{name}.html", context, status=status)
