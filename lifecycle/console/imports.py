"""Files of orders and customers: upload, columns, check, import, undo. The set-up's second step shows the same, in its own frame."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from customers.shop_words import Basis
from integrations import pieces, undoing, uploads
from integrations.files import decoding, example, exports, reading, table, targets, values
from integrations.models import ImportJob
from lifecycle.console.account import person
from lifecycle.console.answer import see
from stores import clock, money, spreadsheets
from stores.access import StoreRequest, page
from stores.models import Membership

OWNER = Membership.Role.OWNER
State = ImportJob.State
_SHOWN = 20
_LISTED = 50
#: How a yes to marketing may have been given: what stands in the ledger → how the page says it.
HOW = {
    "a box at checkout": "They ticked a box at checkout",
    "a form on our site": "They signed up in a form on our site",
    "on paper": "They signed on paper, at the till or a fair",
    "another tool": "They agreed in another tool, which has a record of it",
}
_LONGEST_WORDING = 500


@dataclass(frozen=True)
class Frame:
    """Where the pages of files stand: the names of their addresses, and what draws a part of them."""

    index: str
    show: str
    columns: str
    render: Callable[[StoreRequest, str, dict[str, Any], int], HttpResponse]


def _draw(request: StoreRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"console/imports/{name}.html", {"section": "customers", **context}, status=status)


HERE = Frame("console:imports", "console:import", "console:import_columns", _draw)


@page(OWNER)
def index(request: StoreRequest) -> HttpResponse:
    return listing(request, HERE)


@require_POST
@page(OWNER)
def piece(request: StoreRequest) -> HttpResponse:
    """Take a piece of a large file, and say how much of it is here."""
    numbers = [request.GET.get(name, "") for name in ("size", "at")]
    size, at = (int(each) if each.isdecimal() and len(each) < 19 else -1 for each in numbers)
    name = request.GET.get("name", "")
    try:
        said = request.read(pieces.SIZE + 1)
        job = pieces.add(request.store, owner=person(request), name=name, size=size, at=at, piece=said, now=clock.read())
    except pieces.Refused as refusal:
        return JsonResponse({"problem": str(refusal)}, status=422)
    except UnreadablePostError:
        return HttpResponse(status=503)  # the line broke; it is sent again
    return JsonResponse({"job": job.pk, "at": job.arrived, "is_whole": job.state != State.UPLOADING})


@page(OWNER)
def show(request: StoreRequest, pk: int) -> HttpResponse:
    return one(request, pk, HERE)


@page(OWNER)
def columns(request: StoreRequest, pk: int) -> HttpResponse:
    return mapping(request, pk, HERE)


@page(OWNER)
def bad_rows(request: StoreRequest, pk: int) -> HttpResponse:
    """Answer the bad rows of a file as CSV, as they stood there, each with its line and reason: mend them, and upload them alone."""
    job = get_object_or_404(ImportJob, store=request.store, pk=pk)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "reason", *(spreadsheets.plain(head) for head in job.reading.get("heads", []))])
    for bad in job.bad:
        for cells in bad.get("cells") or [[]]:
            writer.writerow([bad["line"], spreadsheets.plain(str(bad["reason"])), *(spreadsheets.plain(cell) for cell in cells)])
    return _download(text.getvalue(), "bad-rows.csv")


@page(OWNER)
def sample(request: StoreRequest, subject: str) -> HttpResponse:
    if subject not in example.OF:
        raise Http404
    return _download(example.OF[subject], f"{subject}-example.csv")


@require_POST
@page(OWNER)
def undo(request: StoreRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ImportJob, store=request.store, pk=pk)
    if undoing.start(job, by=person(request), now=clock.read()):
        messages.success(request, f"{job} is being undone. You may leave; it goes on without you.")
    else:
        messages.error(request, f"{job} cannot be undone: it brought nothing, or it ended more than {undoing.WITHIN.days} days ago.")
    return see("console:import", request.store.slug, pk)


def listing(request: StoreRequest, frame: Frame) -> HttpResponse:
    """Take a file; list the last ones."""
    now, problem = clock.read(), ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        problem = _refused(upload)
        if upload is not None and not problem:
            job = uploads.receive(request.store, upload, owner=person(request), now=now)
            return see(frame.show, request.store.slug, job.pk)
    jobs = ImportJob.objects.filter(store=request.store).defer("bad", "reading", "sample", "undone").order_by("-id")[:_LISTED]
    context = {
        "now": now, "problem": problem, "jobs": jobs, "known": list(dict.fromkeys(exports.LABELS.values())), "of": _columns_known(),
        "frame": frame, "piece": pieces.SIZE,
    }  # fmt: skip
    return frame.render(request, "index", context, 422 if problem else 200)


def one(request: StoreRequest, pk: int, frame: Frame) -> HttpResponse:
    """Show how far a file is and what is wrong in it; POST takes it in or cancels it."""
    jobs = ImportJob.objects.select_related("owner", "undone_by")
    job, problem = get_object_or_404(jobs, store=request.store, pk=pk), ""
    if request.method == "POST" and "cancel" in request.POST:
        stopped = uploads.cancel(job, now=clock.read())
        messages.success(request, "Cancelled. What was taken in before stays, and can be undone." if stopped else "It had ended already.")
        return see(frame.show, request.store.slug, pk)
    if request.method == "POST":
        basis, problem = _basis(request)
        if not problem:
            if not uploads.run(job, basis=basis):
                messages.error(request, f"{job} is not waiting to be imported. Upload it again to import it again.")
            return see(frame.show, request.store.slug, pk)
    elif job.state == State.MAPPING:
        return mapping(request, pk, frame)
    now, how = clock.read(), uploads.reading_of(job)
    is_read = job.state in (State.UPLOADED, State.WAITING) and bool(job.file)
    context = {
        "now": now, "job": job, "shown": job.bad[:_SHOWN], "good": max(job.total - job.refused, 0), "how": how,
        "noun": "order" if job.subject == ImportJob.Subject.ORDERS else "customer", "reads": _reads(how) if how else [],
        "sample": _sample(job), "at_work": is_read or job.state == State.UNDOING, "may_undo": undoing.is_possible(job, now=now),
        "undo_until": job.finished_at and job.finished_at + undoing.WITHIN, "undone": _undone(job), "choices": HOW, "problem": problem,
        "chosen": request.POST.get("how", ""), "wording": request.POST.get("wording", ""), "frame": frame,
    }  # fmt: skip
    return frame.render(request, "show", context, 422 if problem else 200)


def mapping(request: StoreRequest, pk: int, frame: Frame) -> HttpResponse:
    """Ask what columns mean and how dates and amounts are written; POST has the file checked once nothing is open."""
    job = get_object_or_404(ImportJob.objects.select_related("store"), store=request.store, pk=pk)
    how = uploads.reading_of(job)
    if how is None or job.state not in (State.MAPPING, State.CHECKED, State.UPLOADED) or not job.file:
        messages.error(request, f"The columns of {job} cannot be changed any more. Upload it again.")
        return see(frame.show, request.store.slug, pk)
    problem = ""
    try:
        if request.method == "POST":
            dates, decimal = _one_of(request, "dates", values.ORDERS), _one_of(request, "decimal", values.DECIMALS)
            # what was found is found again, for columns may mean something else now; what a person chooses instead holds
            how = uploads.read_as(
                job, _wanted(request, how), dates="" if dates == how.dates else dates, decimal="" if decimal == how.decimal else decimal
            )
            if not how.questions:
                return see(frame.show, request.store.slug, pk)
        elif {"subject", "encoding", "separator"} & {*request.GET}:
            said = {name: request.GET.get(name, "") for name in ("subject", "encoding", "separator")}
            how = uploads.look_again(
                job, subject=said["subject"] if said["subject"] in targets.SUBJECTS else how.subject,
                encoding=said["encoding"] if said["encoding"] in decoding.ENCODINGS else how.encoding,
                separator=said["separator"] if said["separator"] in table.SEPARATORS else how.separator,
            )  # fmt: skip
    except table.NotATable as error:
        problem = str(error)
    except OSError:
        problem = "The file is not there any more. Upload it again."
    context = {
        "now": clock.read(), "job": job, "how": how, "columns": list(zip(how.heads, how.samples, how.targets, strict=True)),
        "problem": problem, "of": targets.OF[how.subject].values(), "subjects": targets.SUBJECTS, "encodings": decoding.ENCODINGS,
        "separators": table.SEPARATORS, "orders": values.ORDERS, "decimals": values.DECIMALS, "is_asked": request.method == "POST",
        "frame": frame,
    }  # fmt: skip
    return frame.render(request, "columns", context, 422 if request.method == "POST" or problem else 200)


def _wanted(request: StoreRequest, how: reading.Reading) -> reading.Reading:
    """Return the reading that a form says; a target chosen twice counts where it stands first."""
    subject = _one_of(request, "subject", targets.SUBJECTS) or how.subject
    chosen: list[str] = []
    for place in range(len(how.heads)):
        key = _one_of(request, f"column-{place}", targets.OF[subject])
        chosen.append(key if key not in chosen else "")
    code = request.POST.get("currency", "").strip().upper()
    return replace(
        how, subject=subject, targets=chosen, export=how.export if chosen == how.targets and subject == how.subject else "",
        encoding=_one_of(request, "encoding", decoding.ENCODINGS) or how.encoding,
        separator=_one_of(request, "separator", table.SEPARATORS) or how.separator,
        currency=code if money.is_currency(code) else how.currency,
        timezone=_zone(request.POST.get("timezone", "")) or how.timezone,
    )  # fmt: skip


def _zone(name: str) -> str:
    return name if name in available_timezones() else ""


def _one_of(request: StoreRequest, name: str, known: Any) -> str:
    said = request.POST.get(name, "")
    return said if said in known else ""


def _basis(request: StoreRequest) -> tuple[Basis | None, str]:
    """Return on what a yes to marketing rests, and what is missing of it; none leaves every yes out."""
    how, wording = request.POST.get("how", ""), request.POST.get("wording", "").strip()[:_LONGEST_WORDING]
    if how not in HOW:
        return None, ""
    if not wording:
        return None, "Say where it was, and in which words they agreed: it is kept with each of them, for whoever asks later."
    return Basis(f"file: {how}", wording), ""


def _reads(how: reading.Reading) -> list[tuple[str, str]]:
    """Return in words how a file is read."""
    said = [
        ("Recognised as", how.label),
        ("Written in", f"{decoding.ENCODINGS.get(how.encoding, how.encoding)}, cells cut by {table.SEPARATORS.get(how.separator, '?')}"),
    ]
    if how.dates in values.ORDERS:
        said.append(("Dates", f"{values.ORDERS[how.dates]}; without a zone, {how.timezone}"))
    if how.subject == targets.ORDERS:
        said.append(("Amounts", f"decimal {values.DECIMALS[how.decimal or '.']}; without a currency, {how.currency}"))
    used = [f"{head} → {targets.OF[how.subject][key].label}" for head, key in zip(how.heads, how.targets, strict=True) if key]
    unused = [head for head, key in zip(how.heads, how.targets, strict=True) if head and not key]
    return [*said, ("Columns", ", ".join(used)), *([("Not used", ", ".join(unused))] if unused else [])]


_HEADS = {
    "order": "Order", "placed_at": "Placed", "total": "Total", "status": "Payment", "items": "Items", "name": "Name", "email": "E-mail",
    "phone": "Phone", "place": "Place", "tags": "Tags", "birthday": "Birthday", "marketing": "Marketing",
}  # fmt: skip


def _sample(job: ImportJob) -> dict[str, Any]:
    """Return the first of a file as a table, without the columns of which nothing is said."""
    used = [name for name in _HEADS if any(row.get(name) not in (None, "", "never") for row in job.sample)]
    zone = ZoneInfo(job.reading.get("timezone") or "UTC")
    return {"heads": [_HEADS[name] for name in used], "rows": [(row["line"], _cells(row, used, zone)) for row in job.sample]}


def _cells(row: dict[str, Any], used: list[str], zone: ZoneInfo) -> list[tuple[str, str]]:
    said = {name: str(row.get(name, "")) for name in used}
    if placed := said.get("placed_at"):
        said["placed_at"] = datetime.fromisoformat(placed).astimezone(zone).strftime("%d %b %Y, %H:%M")
    if "marketing" in said:
        said["marketing"] = {"subscribed": "Yes", "unsubscribed": "No"}.get(said["marketing"], "")
    return [(_HEADS[name], said[name]) for name in used]


#: What an undo takes back, as the page counts it: one, and several.
_TAKEN = {
    "orders": ("order", "orders"), "customers": ("customer", "customers"), "consents": ("yes to marketing", "yes to marketing"),
    "restored": ("customer’s former details", "customers’ former details"),
}  # fmt: skip


def _undone(job: ImportJob) -> list[dict[str, Any]]:
    """Return what an undo took back, and what stays for which reason."""
    kept = job.undone.get("kept", {})
    counts = {what: job.undone.get(what, 0) for what in _TAKEN}
    return [
        {"name": one if counts[what] == 1 else several, "count": counts[what], "kept": sorted(kept.get(what, {}).items())}
        for what, (one, several) in _TAKEN.items()
        if counts[what] or kept.get(what)
    ]


def _columns_known() -> list[tuple[str, list[targets.Target]]]:
    return [(label, [each for each in targets.OF[subject].values() if each.is_offered]) for subject, label in targets.SUBJECTS.items()]


def _refused(upload: UploadedFile | None) -> str:
    if upload is None:
        return "Choose a file."
    if (upload.size or 0) > uploads.LARGEST:
        return f"The file is larger than {uploads.LARGEST // 1024**3} GB. Split it, or pack it with gzip."
    return ""


def _download(text: str, name: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})
