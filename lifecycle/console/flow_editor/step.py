"""One step to be changed: when it goes, who gets it, and what it says, with the mail beside it as one types. All of it is the draft."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from campaigns import fitness
from campaigns.models import Flow, Step
from campaigns.writing import differences, drafts, following, history
from campaigns.writing import preview as previews
from lifecycle.console import reach
from lifecycle.console.answer import gone_to, is_fragment, shown
from lifecycle.console.flow_editor import beside, languages, offered, saved, uploads, wordings
from lifecycle.console.flow_editor import content as contents
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from lifecycle.console.flow_editor.step_form import StepForm
from messaging.models import Purpose
from messaging.rendering import blocks
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

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
    prefetch_related_objects([version], Prefetch("steps", Step.objects.select_related("edited_by", "offer__store", "only_if", "writer")))
    step = next((each for each in version.steps.all() if each.key == step_key), None)
    if step is None:
        raise Http404
    if request.method == "POST":
        return _posted(request, flow, step)
    form = StepForm(None, store=request.store, step=step, now=clock.read(), offered=offered.of(request.store))
    content = languages.said(step, *_read(request, step))
    page_said = _page(request, flow, step, form, content)
    return shown(request, "console/flow_editor/step.html", page_said, part="console/flow_editor/_preview.html")


def _read(request: StoreRequest, step: Step) -> tuple[str, str]:
    """Return the wording and the language in which the mail is written on the page."""
    return wordings.chosen(request, step), languages.chosen(request, step)


def _posted(request: StoreRequest, flow: Flow, step: Step) -> HttpResponse:
    """Save what was typed: the words always, the rest if it can be read. Who saw an older step is shown both."""
    now, by = clock.read(), staff_of(request)
    form, content, number = StepForm(request.POST, store=request.store, step=step, now=now), contents.read(request.POST), 0
    act = pressed(request, "auto" if is_fragment(request) else "save")
    revision = request.POST.get("revision", "")
    if act not in ("save", "auto"):
        content, number = changed(request, content, act)
    if step.kind == Step.Kind.WEBHOOK and not may(request.membership, Membership.Role.OWNER):
        raise PermissionDenied
    wording, language = _read(request, step)
    at = number or contents.first_change(languages.said(step, wording, language), content)
    written = languages.changes(step, wording, language, content) if step.is_mail else {}
    changes = {**(form.changes() if form.is_valid() else {}), **written}
    try:
        seen = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
        with history.kept(flow, f"“{step.name}” is written", by=by, now=now, step_key=step.key):
            step = drafts.edit(flow, step.key, revision=seen, changes=changes, by=by, now=now)
            following.note(request.store, content, now=now)
    except drafts.Stale as stale:
        return _both(request, flow, stale.step, form, content, is_saving=act == "save")
    if act == "save" and not form.is_valid():
        return render(request, "console/flow_editor/step.html", _page(request, flow, step, form, content), status=422)
    if act != "save" and is_fragment(request):
        drawn = beside.of(request, replace(_mail(request, flow, step, content, now), at=at))
        said = {**drawn, **put_in(content, act, number), "is_saved": form.is_valid(), "flow": flow}
        return render(request, "console/flow_editor/_saved.html", said)
    if act != "save" or fitness.of_step(step):
        here = reverse("console:flow_edit_step", args=[request.store.slug, flow.key, step.key])
        return gone_to(request, here + languages.query(wording, language) + (f"#block-{number}" if number else ""))
    messages.success(request, f"{step.name} is saved in the draft.")
    return gone_to(request, reverse("console:flow_edit", args=[request.store.slug, flow.key]))


def pressed(request: StoreRequest, without: str) -> str:
    """Return which button was pressed; where none was, somebody stopped typing, or sent the form by itself."""
    if request.headers.get("HX-Trigger") == "step-form":
        return "auto"  # htmx names the button that was pressed before and still has the focus
    return request.POST.get("act") or without


def changed(request: StoreRequest, content: dict[str, Any], act: str) -> tuple[dict[str, Any], int]:
    """Do to a mail's blocks what a button says; return them, and the number of the block to stand at."""
    verb = act.partition(":")[0]
    if verb == uploads.VERB:
        return uploads.put(request, content, act)
    if verb in saved.VERBS:
        return saved.act(request, content, act)
    is_kept = act.startswith(saved.ADDS)
    content, number = saved.add(request, content, act.removeprefix(saved.ADDS)) if is_kept else contents.acted(content, act)
    if verb in ("add", "copy") and not number:
        messages.error(request, f"Nothing was added: a mail has at most {blocks.MOST_BLOCKS} blocks.")
    return content, number


def put_in(content: Mapping[str, Any], act: str, number: int) -> dict[str, Any]:
    """Return what a page is given of a block that a button added or copied: the others stay as they are, and nothing typed is lost."""
    if not number or act.partition(":")[0] not in ("add", "copy"):
        return {"is_pressed": act != "auto"}
    return {"is_pressed": True, "row": contents.row(number, content["blocks"][number - 1]), "after": number - 1}


def _both(
    request: StoreRequest, flow: Flow, theirs: Step, form: StepForm, content: dict[str, Any], *, is_saving: bool
) -> HttpResponse:  # fmt: skip
    """Show a change that came in between beside one's own, which is not saved yet; to who only typed, say so."""
    if not is_saving and is_fragment(request):
        refusal = f"{theirs.edited_by or 'Somebody'} changed this step meanwhile, so yours is not saved. Press Save to see both."
        return render(request, "console/flow_editor/_saved.html", {"refusal": refusal})
    lines = differences.diff(languages.said(theirs, *_read(request, theirs)), content)
    context = {**_page(request, flow, theirs, form, content), "theirs": theirs, "lines": lines}
    return render(request, "console/flow_editor/step.html", context, status=422)


def _mail(request: StoreRequest, flow: Flow, step: Step, content: Mapping[str, Any], now: datetime) -> beside.Mail:
    """Return the mail as it is written on the page, in the wording and language that are open, saved or not."""
    wording, language = _read(request, step)
    for name, value in languages.changes(step, wording, language, content).items() if step.is_mail else ():
        setattr(step, name, value)
    frame = reverse("console:flow_preview", args=[request.store.slug, flow.key, step.key])
    return beside.Mail(step, content, f"{frame}?of=draft", now, wording, languages.read_in(step, language))


def _page(request: StoreRequest, flow: Flow, step: Step, form: StepForm, content: Mapping[str, Any]) -> dict[str, Any]:
    wording, language = _read(request, step)
    said = beside.page(request, _mail(request, flow, step, content, form.now), form.offered or offered.of(request.store))
    steps, shown_as = list(step.version.steps.all()), said["shown_as"]
    dates = () if shown_as.is_made_up else previews.dates_for([step], shown_as.sample)
    return {
        **said, "section": "flows", "flow": flow, "steps": steps, "form": form,
        "number": next((place for place, each in enumerate(steps, 1) if each.key == step.key), 1),
        "moment_fields": [form[name] for name in ("offset", "offset_unit", "anchor", "time_of_day")],
        "wording": wording, "wordings": wordings.rows(flow, step), "purposes": _purposes(form, said["reached"]()),
        "date": next(iter(dates), None), **languages.context(request, step, language), "is_about_order": step.version.is_about_order,
        "may_write": True,
        "test_address": reverse("console:flow_test", args=[request.store.slug, flow.key, step.key]),
        "languages_address": reverse("console:flow_languages", args=[request.store.slug, flow.key, step.key]),
    }  # fmt: skip


def _purposes(form: StepForm, reached: reach.Reach) -> list[tuple[str, str, str, bool]]:
    """Return the kinds of mail: value, name, what choosing it means in numbers, and whether it is chosen."""
    held = form["purpose"].value()
    found = []
    for purpose, words in _REACHES.items():
        without = reached.everyone - reached.by_purpose[purpose]
        some = f"{without:,} of {reached.everyone:,} customers cannot get it." if without else "Every customer can get it."
        found.append((purpose.value, str(purpose.label), f"{words} {some if reached.everyone else ''}".strip(), purpose.value == held))
    return found
