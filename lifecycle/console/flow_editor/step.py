"""One step to be changed: when it goes, who gets it, and what it says, with the mail beside it as one types. All of it is the draft."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from campaigns import fitness
from campaigns.models import Flow, Step
from campaigns.variables import VARIABLES
from campaigns.writing import differences, drafts, example, following, hard_cases, history, testers
from campaigns.writing import preview as previews
from lifecycle.console import flow_step, reach
from lifecycle.console.answer import SeeOther, is_fragment, see, shown
from lifecycle.console.flow import chosen
from lifecycle.console.flow_editor import checks, languages, saved, uploads, wordings
from lifecycle.console.flow_editor import content as contents
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from lifecycle.console.flow_editor.step_form import StepForm
from messaging.models import Purpose
from messaging.rendering import Problem, Rendered, RenderError
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership


def value_of(name: str) -> tuple[str, str, str, object]:
    """Return how a value is written into a mail, alone and with words for when there is nothing, what it is, and how it may look."""
    return f"{{{{ {name} }}}}", f'{{{{ {name} | default: "words" }}}}', VARIABLES[name].what, VARIABLES[name].sample


VALUES = [value_of(name) for name, value in VARIABLES.items() if isinstance(value.sample, str) and value.sample]
_REACHES = {
    Purpose.TRANSACTIONAL: "What the order needs. It goes to everybody, so nothing in it may sell.",
    Purpose.SERVICE: "Help with what they have. It goes to buyers who have not objected.",
    Purpose.MARKETING: "It sells. It goes to those who agreed to offers.",
}


@page(MARKETER)
def show(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Show the step's form with its mail; POST saves it into the draft, as often as somebody stops typing."""
    flow = flow_of(request, key)
    version = edited(flow)
    prefetch_related_objects([version], Prefetch("steps", Step.objects.select_related("edited_by", "offer__store", "only_if")))
    step = next((each for each in version.steps.all() if each.key == step_key), None)
    if step is None:
        raise Http404
    if request.method == "POST":
        return _posted(request, flow, step)
    form, content = StepForm(None, store=request.store, step=step, now=clock.read()), languages.said(step, *_read(request, step))
    return shown(
        request, "console/flow_editor/step.html", _context(request, flow, step, form, content),
        part="console/flow_editor/_preview.html",
    )  # fmt: skip


def _read(request: StoreRequest, step: Step) -> tuple[str, str]:
    """Return the wording and the language in which the mail is written on the page."""
    return wordings.chosen(request, step), languages.chosen(request, step)


def _posted(request: StoreRequest, flow: Flow, step: Step) -> HttpResponse:
    """Save what was typed: the words always, the rest if it can be read. Who saw an older step is shown both."""
    now, by = clock.read(), staff_of(request)
    form, content, number = StepForm(request.POST, store=request.store, step=step, now=now), contents.read(request.POST), 0
    act = request.POST.get("act") or ("auto" if is_fragment(request) else "save")  # no button was pressed: somebody stopped typing
    if request.headers.get("HX-Trigger") == "step-form":
        act = "auto"  # htmx names the button that was pressed before and still has the focus
    revision = request.POST.get("revision", "")
    if act not in ("save", "auto"):
        content, number = changed(request, content, act)
    if step.kind == Step.Kind.WEBHOOK and not may(request.membership, Membership.Role.OWNER):
        raise PermissionDenied
    wording, language = _read(request, step)
    written = languages.changes(step, wording, language, content) if step.is_mail else {}
    changes = {**(form.changes() if form.is_valid() else {}), **written}
    try:
        seen = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
        with history.kept(flow, f"“{step.name}” is written", by=by, now=now, step_key=step.key):
            step = drafts.edit(flow, step.key, revision=seen, changes=changes, by=by, now=now)
            following.note(request.store, content, now=now)
    except drafts.Stale as stale:
        return _both(request, flow, stale.step, form, content, is_auto=act == "auto")
    if is_fragment(request):
        part = "console/flow_editor/_saved.html" if act == "auto" else "console/flow_editor/_written_anew.html"
        return render(request, part, {**_context(request, flow, step, form, content), "is_saved": form.is_valid()})
    if act == "save" and not form.is_valid():
        return render(request, "console/flow_editor/step.html", _context(request, flow, step, form, content), status=422)
    if act != "save" or fitness.of_step(step):
        here = reverse("console:flow_edit_step", args=[request.store.slug, flow.key, step.key])
        return SeeOther(here + languages.query(wording, language) + (f"#block-{number}" if number else ""))
    messages.success(request, f"{step.name} is saved in the draft.")
    return see("console:flow_edit", request.store.slug, flow.key)


def changed(request: StoreRequest, content: dict[str, Any], act: str) -> tuple[dict[str, Any], int]:
    """Do to a mail's blocks what a button says; return them, and the number of the block to stand at."""
    verb, kind = act.partition(":")[0], request.POST.get("new_kind", "")
    if verb == uploads.VERB:
        return uploads.put(request, content, act)
    if verb in saved.VERBS:
        return saved.act(request, content, act)
    if verb == "add" and kind.startswith(saved.KEPT):
        return saved.add(request, content, kind)
    return contents.acted(content, act, kind)


def _both(
    request: StoreRequest, flow: Flow, theirs: Step, form: StepForm, content: dict[str, Any], *, is_auto: bool
) -> HttpResponse:  # fmt: skip
    """Show a change that came in between beside one's own, which is not saved yet."""
    lines = differences.diff(languages.said(theirs, *_read(request, theirs)), content)
    context = {**_context(request, flow, theirs, form, content), "theirs": theirs, "lines": lines}
    if is_auto and is_fragment(request):
        return render(request, "console/flow_editor/_saved.html", {**context, "seen": request.POST.get("revision", "")})
    return render(request, "console/flow_editor/step.html", context, status=422)


def _context(request: StoreRequest, flow: Flow, step: Step, form: StepForm, content: Mapping[str, Any]) -> dict[str, Any]:
    now, (wording, language) = form.now, _read(request, step)
    for name, value in languages.changes(step, wording, language, content).items() if step.is_mail else ():
        setattr(step, name, value)
    problems = fitness.of_step(step)
    here = fitness.of_mail(content, step.purpose) if step.is_mail else []
    view = request.POST.get("view") or request.GET.get("view", "phone")
    query, case = _said(request, "q"), _said(request, "case")
    found = flow_step.orders_to_read_by(request.store, query, _sample(request))
    orders = found or previews.samples(request.store, first=_sample(request))
    as_read = previews.sample(orders[0]) if orders else example.sample(request.store, now=now)
    shown_as = hard_cases.made_hard(as_read, case)
    mail, problem = _drawn(step, shown_as, wording, language, now=now)
    reached = reach.of(request.store, now=now)
    steps = list(step.version.steps.all())
    return {
        "section": "flows", "now": now, "flow": flow, "step": step, "steps": steps, "form": form, "content": content,
        "number": next((place for place, each in enumerate(steps, 1) if each.key == step.key), 1),
        "rows": contents.rows(content, here), "problems": problems, "kinds": contents.kinds_of(step),
        "moment_fields": [form[name] for name in ("offset", "offset_unit", "anchor", "time_of_day")],
        "wrong": _by_place(here),
        "wording": wording, "wordings": wordings.rows(flow, step), "purposes": _purposes(form, reached),
        "date": _date(step, shown_as) if orders else None,
        "mail": mail, "problem": problem, "sample": shown_as, "orders": orders, "zone": str(shown_as.zone),
        "length": len(mail.subject) if mail else 0, "best": contents.SUBJECT_BEST,
        "bought_names": partial(contents.names_of, request.store), "shelf": saved.shelf_of(request.store),
        "checks": checks.of(content, step.purpose, mail, problems, reached, following.faults(request.store, content, now=now))
        if step.is_mail else None,
        "spam": checks.spam_of(request, step, shown_as, now=now, variant=wording, language=languages.read_in(step, language)),
        **languages.context(request, step, language),
        "views": flow_step.ALL_VIEWS, "view": view if view in dict(flow_step.ALL_VIEWS) else "phone", "values": VALUES,
        "preheader": flow_step.preheader_of(mail.html) if mail else "", "query": query,
        "found": found, "testers": testers.of(request.store),
        "case": case if case in hard_cases.CASES else "", "is_about_order": step.version.is_about_order,
        "cases": [("", "As it is"), *((name, label) for name, (label, _) in hard_cases.CASES.items())],
    }  # fmt: skip


def _said(request: StoreRequest, name: str) -> str:
    return request.POST.get(name, request.GET.get(name, "")).strip()[:200]


def _sample(request: StoreRequest) -> int | None:
    """Return the order to read the mail by: the one on the page stays while one types, whatever comes in meanwhile."""
    given = request.POST.get("as", "")
    return int(given) if given.isdecimal() and len(given) < 19 else chosen(request)


def _by_place(problems: Sequence[Problem]) -> Mapping[str, str]:
    return {problem.where: problem.what for problem in problems}


def _drawn(step: Step, shown_as: previews.Sample, wording: str, language: str, *, now: datetime) -> tuple[Rendered | None, str]:
    try:
        return previews.mail_for(step, shown_as, now=now, variant=wording, language=languages.read_in(step, language)), ""
    except RenderError as error:
        return None, f"{error}"


def _date(step: Step, shown_as: previews.Sample) -> previews.StepDate | None:
    return next(iter(previews.dates_for([step], shown_as)), None)


def _purposes(form: StepForm, reached: reach.Reach) -> list[tuple[str, str, str, bool]]:
    """Return the kinds of mail: value, name, what choosing it means in numbers, and whether it is chosen."""
    held = form["purpose"].value()
    found = []
    for purpose, words in _REACHES.items():
        without = reached.everyone - reached.by_purpose[purpose]
        some = f"{without:,} of {reached.everyone:,} customers cannot get it." if without else "Every customer can get it."
        found.append((purpose.value, str(purpose.label), f"{words} {some if reached.everyone else ''}".strip(), purpose.value == held))
    return found
