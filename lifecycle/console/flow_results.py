"""What a flow brought, step by step, and what those did who were held out of what it sells."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import comparing, flows, results
from campaigns.comparing import Difference
from campaigns.models import Flow, Step
from campaigns.results import Comparison, StepResult
from lifecycle.console import deliverability
from lifecycle.console.answer import back
from lifecycle.console.deliverability import Cell
from lifecycle.console.flows import latest
from messaging.models import Purpose
from messaging.returning import day_counts
from stores import clock, money
from stores.access import StoreRequest, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
#: Of a hundred people, how many may be held out: what the pages offer, with its words.
HOLDOUTS = {0: "Nobody", 5: "5 of 100", 10: "10 of 100", 20: "20 of 100"}
USUAL_HOLDOUT = 5


@dataclass(frozen=True)
class Row:
    """A step, its cells, and its wordings in words with the difference each makes."""

    result: StepResult
    cells: list[Cell]
    money: str
    wordings: list[tuple[str, str]]


@page()
def show(request: StoreRequest, key: str) -> HttpResponse:
    flow = get_object_or_404(Flow.objects.select_related("version"), store=request.store, key=key)
    now, version = clock.read(), latest(flow)
    day_counts.catch_up(request.store, now=now)
    found = results.by_step(flow, list(version.steps.all()))
    selling = sells(version.steps.all())
    compared = results.compare(flow) if selling else None
    context = {
        "section": "flows", "now": now, "flow": flow, "sent": sum(each.sent for each in found), "few": results.FEWEST_SENT,
        "rows": [_row(request.store, flow, each) for each in found], "days": results.DAYS, "sells": selling,
        "revenue": money.show(sum(each.minor for each in found), request.store.currency), "compared_days": results.COMPARED_DAYS,
        "groups": _groups(request.store, compared) if compared else [], "said": _said(request.store, compared) if compared else [],
        "fewest": comparing.FEWEST, "fewest_buyers": comparing.FEWEST_BUYERS, "holdouts": HOLDOUTS.items(),
    }  # fmt: skip
    return render(request, "console/flow_results.html", context)


@require_POST
@page(MARKETER)
def hold_out(request: StoreRequest, key: str) -> HttpResponse:
    """Say of how many people what the flow sells is withheld, of those who enter from now on."""
    flow = get_object_or_404(Flow, store=request.store, key=key)
    percent = asked_holdout(request)
    if percent is None:
        raise Http404
    flows.hold_out(flow, percent=percent)
    messages.success(request, f"{HOLDOUTS[percent]} of those who enter {flow.name} from now on {'are' if percent else 'is'} held out.")
    return back(request, "console:flow_results", request.store.slug, key)


def asked_holdout(request: StoreRequest) -> int | None:
    """Return how many of a hundred a form asks to hold out; None if it does not ask."""
    asked = request.POST.get("holdout", "")
    return int(asked) if asked in map(str, HOLDOUTS) else None


def sells(steps: Iterable[Step]) -> bool:
    return any(step.purpose == Purpose.MARKETING for step in steps)


def _row(store: Store, flow: Flow, result: StepResult) -> Row:
    base = reverse("console:messages", args=[store.slug])
    counts = [("Sent", "sent", result.sent), ("Clicked", "clicked", result.clicked), ("Unsubscribed", "unsubscribed", result.unsubscribed)]
    cells = [
        Cell(label, count, _share(count, result.sent) if name != "sent" else "",
             f"{base}?{urlencode({'flow': flow.key, 'step': result.step.key, 'outcome': name})}")
        for label, name, count in counts
    ]  # fmt: skip
    wordings = [(_name(each.key), of_wording(each, store)) for each in result.wordings]
    return Row(result, cells, money.show(result.minor, store.currency) if result.orders else "", wordings)


def _name(key: str) -> str:
    return f"Wording {key.upper()}" if key else "Its own wording"


def of_wording(wording: results.Wording, store: Store) -> str:
    """Return one wording's figures in a sentence, and how they differ from the step's own."""
    share = deliverability.share(wording.clicked, wording.sent)
    said = f"{wording.sent:,} sent, {wording.clicked:,} clicked{f' ({share})' if share else ''}"
    if wording.orders:
        said += f", {money.show(wording.minor, store.currency)} from {wording.orders:,} order{'s' * (wording.orders > 1)}"
    if not wording.key:
        return f"{said}."
    return f"{said}. Clicked, against its own wording: {_points(wording.against_own)}"


def _groups(store: Store, compared: Comparison) -> list[tuple[str, comparing.Group, str, str]]:
    """Return both sides: name, figures, the share who bought, and what each spent."""
    sides = (("Got everything", compared.mailed), ("Held out", compared.held_out))
    return [
        (name, side, deliverability.share(side.did, side.people) or "–", money.show(round(side.mean), store.currency))
        for name, side in sides
        if side.people
    ]


def _said(store: Store, compared: Comparison) -> list[tuple[str, str]]:
    """Return the differences in words: of the share who bought, and of what each spent."""
    spent = compared.spent
    amount = "Too few to tell."
    if spent is not None:
        value, low, high = (_signed(store, figure) for figure in (spent.value, spent.low, spent.high))
        amount = f"{value} each, with 95 % between {low} and {high}. {_verdict(spent)}"
    return [("Who bought", _points(compared.bought)), ("What each spent", amount)]


def _points(difference: Difference | None) -> str:
    if difference is None:
        return "too few to tell."
    value, low, high = (f"{100 * figure:+.1f}".replace("-", "−") for figure in (difference.value, difference.low, difference.high))
    return f"{value} points, with 95 % between {low} and {high}. {_verdict(difference)}"


def _verdict(difference: Difference) -> str:
    if not difference.is_sure:
        return "It may still be chance."
    return "It is hardly chance."


def _signed(store: Store, minor: float) -> str:
    return f"{'+' if minor >= 0 else '−'}{money.show(abs(round(minor)), store.currency)}"


def _share(count: int, sent: int) -> str:
    """Return a share, where enough was sent to speak of one."""
    return deliverability.share(count, sent) if sent >= results.FEWEST_SENT else ""
