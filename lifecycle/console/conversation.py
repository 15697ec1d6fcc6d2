"""One conversation, with the customer's history beside it: answering, notes, calls, who has it, when it comes back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from customers.models import Customer
from enquiries import canned, desk_work, files
from enquiries.models import Attachment, CannedAnswer, Enquiry, EnquiryMessage
from lifecycle.console import check_ins, company, customer, holds
from lifecycle.console.account import person
from lifecycle.console.answer import back, see, shown
from orders.models import Order
from stores import clock, walltime
from stores.access import StoreRequest, page
from stores.models import Membership, User

SUPPORT = Membership.Role.SUPPORT
Way = Enquiry.Way
_LONGEST = 20_000
_MOST_MESSAGES, _MOST_CANNED = 200, 40
#: What a letter's own look may do: nothing, and fetch nothing: a picture from elsewhere would tell its writer that it was read.
_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


def _held(request: StoreRequest, pk: int) -> Enquiry:
    rows = Enquiry.objects.select_related("store", "customer", "order", "assignee", "offered", "task")
    return get_object_or_404(rows, store=request.store, pk=pk)


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    enquiry = _held(request, pk)
    draft = request.session.pop(_draft_key(enquiry), "") or _picked(request, enquiry)
    return _shown(request, enquiry, draft=draft)


def _shown(request: StoreRequest, enquiry: Enquiry, *, draft: str = "", error: str = "", is_outrun: bool = False) -> HttpResponse:
    now, whose = clock.read(), enquiry.customer
    zone = walltime.zone_for(customer=whose.timezone if whose else "", country=whose.country if whose else "", store=request.store.timezone)
    rows = _said(enquiry)
    context = {
        "section": "inbox", "now": now, "enquiry": enquiry, "said": rows, "read_up_to": max((row.pk for row in rows), default=0),
        "zone": str(zone), "draft": draft, "error": error, "is_outrun": is_outrun,
        "members": _members(request).order_by("name", "email"),
        "undoable": desk_work.undoable(enquiry, now=now), "canned": _canned(request, enquiry, rows),
        "others": company.others(enquiry, person(request)),
        "first_name": canned.first_name(whose) if whose else "",
        **(_beside(request, whose, zone=zone, now=now) if whose else {}),
    }  # fmt: skip
    answer = shown(request, "console/inbox/show.html", context, part="console/inbox/_show.html")
    answer.status_code = 422 if error or is_outrun else 200
    return answer


def _members(request: StoreRequest) -> QuerySet[User]:
    """Return who may answer."""
    may_answer = [role for role in Membership.Role.values if role != Membership.Role.VIEWER]
    return User.objects.filter(memberships__store=request.store, memberships__role__in=may_answer)


def _said(enquiry: Enquiry) -> list[EnquiryMessage]:
    """Return what was said, the oldest first, without the bodies that only their own pages show."""
    kept = Attachment.objects.defer("content").annotate(is_gone=_is(Q(content__isnull=True))).order_by("id")
    said = enquiry.messages.select_related("author", "mail").defer("html", "mail__html", "mail__text").annotate(has_look=_is(~Q(html="")))
    said = said.prefetch_related(Prefetch("attachments", kept))
    return list(reversed(said.order_by("-at", "-id")[:_MOST_MESSAGES]))


def _is(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


def _beside(request: StoreRequest, whose: Customer, *, zone: Any, now: Any) -> dict[str, Any]:
    """Return what is known of the customer: who answers sees what was bought, what is to come, and what was answered."""
    return {
        "orders": Order.objects.filter(customer=whose).prefetch_related("shipments").order_by("-placed_at")[:5],
        "coming": [item for item in customer.future(whose, zone=zone, now=now) if item.is_open][:5],
        "answers": check_ins.given(request.store).filter(customer=whose).order_by("-answered_at")[:3],
        "other_talks": Enquiry.objects.filter(customer=whose).order_by("-last_at", "-id")[:6],
    }


def _canned(request: StoreRequest, enquiry: Enquiry, rows: list[EnquiryMessage]) -> list[tuple[CannedAnswer, str]]:
    """Return the canned answers as they read for this customer, those that fit first."""
    asked = next((row.text for row in reversed(rows) if row.direction == EnquiryMessage.Direction.IN), "")
    fitting = canned.fitting(request.store, f"{enquiry.subject}\n{asked}", most=3)
    rest = CannedAnswer.objects.filter(store=request.store).exclude(pk__in=[each.pk for each in fitting])[:_MOST_CANNED]
    whom = canned.Person(request.store, enquiry.customer, enquiry.order)
    return [(each, canned.written(each, whom)) for each in [*fitting, *rest]]


def _picked(request: StoreRequest, enquiry: Enquiry) -> str:
    """Return the canned answer that ?canned= names: the way without script."""
    wanted = request.GET.get("canned", "")
    found = CannedAnswer.objects.filter(store=request.store, pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
    return canned.written(found, canned.Person(request.store, enquiry.customer, enquiry.order)) if found else ""


def _draft_key(enquiry: Enquiry) -> str:
    return f"draft-{enquiry.pk}"


@require_POST
@page(SUPPORT)
def answer(request: StoreRequest, pk: int) -> HttpResponse:
    """Send an answer, or keep what was typed as a note or as a call; nothing that was typed is ever lost."""
    enquiry, now, by = _held(request, pk), clock.read(), person(request)
    text = request.POST.get("text", "").strip()[:_LONGEST]
    how = request.POST.get("how", "answer")
    if not text:
        return _shown(request, enquiry, error="Nothing is written yet, so nothing was sent or kept.")
    if how == "note":
        desk_work.note(enquiry, text=text, by=by, now=now)
        messages.success(request, "Note kept. The customer never sees it.")
    elif how in (Way.CALL, Way.SOCIAL):
        desk_work.log(enquiry, direction=how, text=text, by=by, now=now)
        messages.success(request, "Written down. It is the customer’s turn now.")
    else:
        return _sent(request, enquiry, text, closes=how == "answer-close")
    company.forget(enquiry, by)
    return see("console:conversation", request.store.slug, pk)


def _sent(request: StoreRequest, enquiry: Enquiry, text: str, *, closes: bool) -> HttpResponse:
    seen, by = request.POST.get("read_up_to", ""), person(request)
    read_up_to = int(seen) if seen.isdecimal() and len(seen) < 19 else 0
    try:
        desk_work.answer(enquiry, text=text, by=by, read_up_to=read_up_to, now=clock.read(), closes=closes)
    except desk_work.Meanwhile:
        return _shown(request, enquiry, draft=text, is_outrun=True)
    except desk_work.Refused as refusal:
        return _shown(request, enquiry, draft=text, error=str(refusal))
    company.forget(enquiry, by)
    messages.success(request, f"The answer leaves in {desk_work.UNDO_SECONDS} seconds; until then it can be taken back.")
    return see(reverse("console:conversation", args=[request.store.slug, enquiry.pk]) + "#latest")


@require_POST
@page(SUPPORT)
def take_back(request: StoreRequest, pk: int, message: int) -> HttpResponse:
    """Take an answer back that has not left; its words stand in the field again."""
    enquiry = _held(request, pk)
    said = get_object_or_404(EnquiryMessage, enquiry=enquiry, pk=message)
    text = desk_work.take_back(enquiry, said, now=clock.read())
    if text is None:
        messages.error(request, "It has left already, so it cannot be taken back.")
    else:
        request.session[_draft_key(enquiry)] = text
        messages.success(request, "Taken back. Nothing was sent.")
    return see(reverse("console:conversation", args=[request.store.slug, pk]) + "#answer-text")


@require_POST
@page(SUPPORT)
def act(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Give a conversation to somebody, put it off, close it, open it again."""
    if verb not in ACTS:
        raise Http404
    try:
        messages.success(request, ACTS[verb](request, _held(request, pk)))
    except desk_work.Refused as refusal:
        messages.error(request, str(refusal))
    return back(request, "console:conversation", request.store.slug, pk)


def _assign(request: StoreRequest, enquiry: Enquiry) -> str:
    wanted = request.POST.get("to", "")
    to = get_object_or_404(_members(request), pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    desk_work.assign(enquiry, to=to, by=person(request), now=clock.read())
    return f"Given to {to}." if to else "Given to nobody: it stands under Unassigned."


def _snooze(request: StoreRequest, enquiry: Enquiry) -> str:
    now = clock.read()
    days = int(request.POST["days"]) if request.POST.get("days") in {str(days) for days, _ in SNOOZES} else 1
    zone = walltime.zone_for(customer="", country="", store=request.store.timezone)
    until = walltime.at_wall_time(now, days=days, wall=holds.OPENS, zone=zone)
    desk_work.snooze(enquiry, until=until, by=person(request), now=now)
    return "Put off. It comes back by itself, or when the customer writes."


def _close(request: StoreRequest, enquiry: Enquiry) -> str:
    desk_work.close(enquiry, by=person(request), now=clock.read())
    return "Closed. It opens again when the customer writes."


def _reopen(request: StoreRequest, enquiry: Enquiry) -> str:
    desk_work.reopen(enquiry, by=person(request), now=clock.read())
    return "Open again."


def _undo(request: StoreRequest, enquiry: Enquiry) -> str:
    return f"Taken back: {desk_work.undo(enquiry, by=person(request), now=clock.read())}."


SNOOZES = ((1, "tomorrow"), (3, "in three days"), (7, "in a week"))
ACTS: dict[str, Callable[[StoreRequest, Enquiry], str]] = {
    "assign": _assign, "snooze": _snooze, "close": _close, "reopen": _reopen, "undo": _undo,
}  # fmt: skip


@page()
def who_writes(request: StoreRequest, pk: int) -> HttpResponse:
    """Say who else is writing; a POST says that oneself is."""
    enquiry = get_object_or_404(Enquiry, store=request.store, pk=pk)
    if request.method == "POST":
        company.note(enquiry, person(request))
    context = {"enquiry": enquiry, "others": company.others(enquiry, person(request))}
    return render(request, "console/inbox/_company.html", context)


@page()
def download(request: StoreRequest, pk: int, file: int) -> HttpResponse:
    """Hand a file out as a download, never as a page, whatever it is."""
    found = get_object_or_404(Attachment, message__enquiry=pk, store=request.store, pk=file, content__isnull=False)
    answer = HttpResponse(bytes(found.content), content_type=found.kind)
    plain = files.harmless(found.name).encode("ascii", "replace").decode().replace("?", "_")
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


@xframe_options_sameorigin
@page()
def look(request: StoreRequest, pk: int, message: int) -> HttpResponse:
    """Answer a letter as it looked to its writer, for a sandboxed frame: no script, nothing fetched."""
    found = get_object_or_404(EnquiryMessage, enquiry=pk, store=request.store, pk=message)
    return HttpResponse(found.html, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store"})


@require_POST
@page(SUPPORT)
def begin(request: StoreRequest, pk: int) -> HttpResponse:
    """Write down a call or a social message of a customer, as a conversation of its own."""
    whose = get_object_or_404(Customer, store=request.store, pk=pk, erased_at=None)
    text, way = request.POST.get("text", "").strip()[:_LONGEST], request.POST.get("way", "")
    if way not in (Way.CALL, Way.SOCIAL):
        raise Http404
    if not text:
        messages.error(request, "Nothing was written, so nothing was kept.")
        return see("console:customer", request.store.slug, pk)
    begun = desk_work.open_by_hand(whose, way=way, subject=" ".join(text.split())[:60], text=text, by=person(request), now=clock.read())
    messages.success(request, "Written down.")
    return see("console:conversation", request.store.slug, begun.pk)
