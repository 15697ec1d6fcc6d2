"""One step to read: its mail as any customer gets it, the hard cases, who gets it and when."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import strip_tags

from campaigns import calls, step_words
from campaigns.models import Flow, FlowVersion, Step, StepRun
from campaigns.writing import preview as previews
from lifecycle.console import flow_people, reach, read_as, tabs
from lifecycle.console.flow import VIEWS
from messaging.models import Purpose
from messaging.reasons import Reason
from messaging.rendering import Rendered, RenderError
from stores import access, clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

OWNER = Membership.Role.OWNER
_HIDDEN = re.compile(r"<div[^>]*display:\s*none[^>]*>(.*?)</div>", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A number, what it counts, and the query of the list that has as many."""

    number: int
    words: str
    query: str


@page()
def show(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    now, store = clock.read(), request.store
    steps = _steps(store, key)
    step = next((one for one in steps if one.key == step_key), None)
    if step is None:
        raise Http404
    flow = step.version.flow
    view, shown = request.GET.get("view", "phone"), read_as.of(request, step.version, now=now)
    mail, problem = _drawn(step, shown.sample, now=now)
    counts = _counts(flow, step)
    context = {
        "section": "flows", "now": now, "flow": flow, "step": step, "number": steps.index(step) + 1, "steps": steps,
        "shown_as": shown, "mail": mail, "problem": problem,
        "preheader": preheader_of(mail.html) if mail else "",
        "view": view if view in dict(ALL_VIEWS) else "phone",
        "views": tabs.of(request, "view", ALL_VIEWS, view),
        "cases": tabs.of(request, "case", shown.cases, shown.case),
        "date": None if shown.is_made_up else next(iter(previews.dates_for([step], shown.sample)), None), "zone": str(shown.sample.zone),
        "who": who(step, reach.of(store, now=now), store), "counts": counts,
        "goes": step_words.goes(step), "bound": step_words.bound(step), "is_about_order": step.version.is_about_order,
        "only_if": step_words.only_if(step), "wordings": step_words.variants(step), "of_use": step_words.of_use(step),
        "secret": calls.secret_of(store) if step.kind == Step.Kind.WEBHOOK and access.may(request.membership, OWNER) else "",
    }  # fmt: skip
    return render(request, "console/flow_step.html", context)


ALL_VIEWS = (*VIEWS, ("inbox", "Inbox row"))


def _steps(store: Store, key: str) -> list[Step]:
    """Return the steps that new people of a flow get, or a draft's newest, with their flow and offer."""
    newest = FlowVersion.objects.filter(flow=OuterRef("version__flow")).order_by("-number").values("pk")[:1]
    version = Coalesce("version__flow__version", Subquery(newest))
    steps = Step.objects.filter(version__flow__store=store, version__flow__key=key, version=version)
    return list(steps.select_related("version__flow", "version__writer", "offer__store", "only_if", "writer"))


def _drawn(step: Step, shown: previews.Sample, *, now: datetime) -> tuple[Rendered | None, str]:
    if not step.is_mail:
        return None, step_words.does(step)
    try:
        return previews.mail_for(step, shown, now=now), ""
    except RenderError as error:
        return None, f"This mail cannot be drawn: {error}"


def preheader_of(html: str) -> str:
    """Return the hidden first line that a mail program shows beside the subject."""
    hidden = _HIDDEN.search(html)
    return " ".join(unescape(strip_tags(hidden[1])).replace("\u200c", " ").split()) if hidden else ""


def who(step: Step, reached: reach.Reach, store: Store) -> str:
    """Say whom a step's purpose reaches, in a sentence with numbers."""
    number = f"{reached.by_purpose[step.purpose]:,} of {reached.everyone:,} customers may get it"
    if step.purpose == Purpose.TRANSACTIONAL:
        return f"{number}: everybody with an address that takes mail."
    if step.purpose == Purpose.SERVICE:
        return f"{number}: {'those who agreed to mails' if store.strict_service else 'all but those who want no help mails'}."
    return f"{number}: those who agreed to offers{', and buyers who were never asked' if store.soft_opt_in else ''}."


def _counts(flow: Flow, step: Step) -> Sequence[Figure]:
    """Count what became of the step so far: by state, and the skipped by reason; one query."""
    of_step = StepRun.objects.filter(step__version__flow=flow, step__key=step.key)
    rows = of_step.order_by().values_list("state", "reason").annotate(number=Count("*"))
    groups: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for state, reason, number in rows:
        group = flow_people.group_of(state, reason)
        groups[group] += number
        if group == "skipped" and reason in Reason.values:
            reasons[reason] += number
    found = [
        Figure(groups[name], label.lower(), f"step={step.key}&state={name}")
        for name, (label, _) in flow_people.GROUPS.items()
        if groups[name] or (name and name != flow_people.WATCHED)
    ]
    why = [
        Figure(number, f"skipped: {Reason(reason).label.lower()}", f"step={step.key}&state=skipped&reason={reason}")
        for reason, number in reasons.most_common(5)
    ]
    return found + why
