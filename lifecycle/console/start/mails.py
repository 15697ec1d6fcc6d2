"""The five mails, one after the other, as the customer of a real order gets them; and what is missing for them to be good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from campaigns import recipes, step_words
from campaigns.models import Flow, Step
from campaigns.recipes import post_purchase
from campaigns.writing import example, preview
from catalog.models import Pairing
from lifecycle.console import offers, products, read_as
from lifecycle.console.answer import see
from lifecycle.console.flow import VIEWS
from lifecycle.console.flows import latest
from lifecycle.console.frames import framed, framed_text
from lifecycle.console.start import brand, memory, progress
from messaging.rendering import RenderError
from offers.models import Offer
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
PICKED = 8


@dataclass(frozen=True)
class Missing:
    """Something without which a mail is poorer or is not sent, and where to mend it."""

    words: str
    action: str
    address: str


@dataclass(frozen=True)
class Leaf:
    """One mail of the five: its date for the shown order, and its subject or why it cannot be drawn."""

    step: Step
    number: int
    when: str
    date: preview.StepDate | None
    subject: str
    problem: str


@page(MARKETER)
def show(request: StoreRequest) -> HttpResponse:
    """Show the mails of the set-up; POST brings them into a store that has none."""
    now, flow = clock.read(), progress.flow_of(request.store)
    if request.method == "POST" and flow is None:
        recipes.install(request.store, post_purchase.KEY, now=now)
        return see("console:start_preview", request.store.slug)
    if flow is None:
        return render(request, "console/start/no_mails.html", {"section": "home", "now": now, **_around(request, None)})
    orders = preview.samples(request.store, first=chosen(request.GET), most=PICKED)
    shown = preview.sample(orders[0]) if orders else example.sample(request.store, now=now)
    steps = steps_of(flow)
    leaves = _leaves(steps, shown, is_real=bool(orders), now=now)
    here = next((leaf for leaf in leaves if leaf.step.key == request.GET.get("step")), leaves[0])
    view = request.GET.get("view", "phone")
    context = {
        "section": "home", "now": now, "leaves": leaves, "here": here, "shown": shown, "orders": orders, "views": VIEWS,
        "previous": leaves[here.number - 2] if here.number > 1 else None,
        "next": leaves[here.number] if here.number < len(leaves) else None,
        "view": view if view in dict(VIEWS) else "phone", "missing": missing(request, steps, has_orders=bool(orders)),
        **_around(request, flow, has_orders=bool(orders)),
    }  # fmt: skip
    if not memory.recall(request).get("seen"):
        memory.keep(request, seen=True)
    return render(request, "console/start/mails.html", context)


@xframe_options_sameorigin
@page(MARKETER)
def frame(request: StoreRequest) -> HttpResponse:
    """Answer one mail alone, for the sandboxed frame; the brand page's unsaved words may stand in for the store's."""
    now, flow = clock.read(), progress.flow_of(request.store)
    step = next((step for step in steps_of(flow) if step.key == request.GET.get("step", "confirmation")), None) if flow else None
    if step is None:
        raise Http404
    store = brand.tried_on(request.store, request.GET)
    shown = sample_of(store, chosen(request.GET), now=now)
    shown.customer.store = store
    try:
        mail = preview.mail_for(step, shown, now=now)
    except RenderError as error:
        return framed_text(f"This mail cannot be drawn: {error}")
    return framed_text(mail.text) if request.GET.get("view") == "text" else framed(mail.html)


def chosen(query: QueryDict) -> int | None:
    """Return the order asked for by ?order=."""
    return read_as.number(query.get("order", ""))


def sample_of(store: Store, order: int | None, *, now: datetime) -> preview.Sample:
    """Return the store's order to show mails by: that one, else the newest, else a made-up one."""
    orders = preview.samples(store, first=order)
    return preview.sample(orders[0]) if orders else example.sample(store, now=now)


def steps_of(flow: Flow) -> list[Step]:
    return list(latest(flow).steps.select_related("offer__store"))


def missing(request: StoreRequest, steps: Sequence[Step], *, has_orders: bool) -> list[Missing]:
    """Return what is missing, each with the page that mends it."""
    store, found = request.store, []
    gaps = products.gaps(store).count() if any(step.shows("tips") for step in steps) else 0
    if gaps:
        words = "1 product that sold has no tips." if gaps == 1 else f"{gaps:,} products that sold have no tips."
        address = reverse("console:products", args=[store.slug]) + "?show=gaps"
        found.append(Missing(f"{words} Their buyers get no tips mail.", "Write tips", address))
    if not store.postal_address and may(request.membership, Membership.Role.OWNER):
        address = reverse("console:start_brand", args=[store.slug]) + "#id_postal_address"
        found.append(Missing("The postal address is missing at the foot of every mail.", "Add the address", address))
    without = offers.without_code(store).filter(pk__in=[step.offer_id for step in steps if step.offer_id])
    found += [Missing(f"No code for the offer “{offer}”. Its mail is skipped.", "Add a code", _offer(offer)) for offer in without]
    suggests = any("has_pairings" in step.conditions for step in steps)
    if suggests and has_orders and not Pairing.objects.filter(store=store, is_blocked=False).exists():
        address = reverse("console:products", args=[store.slug])
        found.append(Missing("No product says what goes well with it. That mail is skipped.", "Choose pairings", address))
    return found


def _offer(offer: Offer) -> str:
    return reverse("console:offer", args=[offer.store.slug, offer.pk])


def _leaves(steps: Sequence[Step], shown: preview.Sample, *, is_real: bool, now: datetime) -> list[Leaf]:
    dates = {date.step.key: date for date in preview.dates_for(steps, shown)}
    leaves = []
    for number, step in enumerate(steps, start=1):
        subject = problem = ""
        try:
            subject = preview.mail_for(step, shown, now=now).subject
        except RenderError as error:
            problem = f"This mail cannot be drawn: {error}"
        leaves.append(Leaf(step, number, _when(step), dates.get(step.key) if is_real else None, subject, problem))
    return leaves


def _when(step: Step) -> str:
    """Return "1 day after shipping", "4 days after it arrived, 10:00 their time"."""
    after = {"placed": "the order", "shipped": "shipping", "expected": "the expected day", "received": "it arrived"}[step.anchor]
    return step_words.when(step).replace(" after", f" after {after}", 1)


def _around(request: StoreRequest, flow: Flow | None, *, has_orders: bool = False) -> dict[str, object]:
    return {"setup": progress.of(request, flow, has_orders=has_orders), "stage": "mails"}
