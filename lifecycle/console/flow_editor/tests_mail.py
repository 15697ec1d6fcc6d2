"""A mail that is written sent to oneself and to saved testers, as the page shows it: marked as a test, counted nowhere."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from campaigns.models import Step
from campaigns.writing import testers
from campaigns.writing.models import Proofreader
from campaigns.writing.trial import Trial
from lifecycle.console import read_as
from lifecycle.console.answer import back
from lifecycle.console.flow_editor import languages, wordings
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from stores import clock
from stores.access import StoreRequest, page


@require_POST
@page(MARKETER)
def act(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Send a test of a flow's mail, in the wording and language that are open."""
    step = edited(flow_of(request, key)).steps.select_related("version__writer", "offer__store", "writer").filter(key=step_key).first()
    if step is None or not step.is_mail:
        raise Http404
    done(request, step, wording=wordings.chosen(request, step), language=languages.read_in(step, languages.chosen(request, step)))
    return back(request, "console:flow_edit_step", request.store.slug, key, step_key)


def done(request: StoreRequest, step: Step, *, wording: str, language: str) -> None:
    """Send a test to those who are ticked; `add` saves an address for tests, `remove:<id>` forgets it. Say what came of it."""
    verb, _, number = request.POST.get("act", "send").partition(":")
    if verb == "add":
        _add(request)
    elif verb == "remove":
        Proofreader.objects.filter(store=request.store, pk=read_as.number(number) or 0).delete()
        messages.success(request, "That address gets no tests any more.")
    elif not request.store.sender_email:
        messages.error(request, "There is no address your mails come from yet. Enter it under Settings.")
    else:
        now = clock.read()
        shown = read_as.of(request, step.version, now=now, most=1)
        _say(request, testers.send(step, shown.sample, _people(request), variant=wording, language=language, now=now))


def _add(request: StoreRequest) -> None:
    try:
        tester = testers.add(request.store, request.POST.get("email", ""))
        messages.success(request, f"{tester} can get tests now.")
    except testers.NotAdded as refusal:
        messages.error(request, str(refusal))


def _people(request: StoreRequest) -> list[tuple[str, str]]:
    """Return who is ticked: oneself, and testers of the store."""
    me = staff_of(request)
    ticked = [pk for given in request.POST.getlist("tester") if (pk := read_as.number(given))]
    others = [(tester.email, "") for tester in testers.of(request.store).filter(pk__in=ticked) if tester.email != me.email]
    return [*([(me.email, me.name)] if "me" in request.POST else []), *others]


def _say(request: StoreRequest, done: list[tuple[str, Trial]]) -> None:
    sent = [to for to, trial in done if trial.outcome == "accepted"]
    failed = next((trial for _, trial in done if trial.outcome != "accepted"), None)
    if failed:
        messages.error(request, f"A test was not sent: {failed.detail or failed.outcome}")
    if sent:
        messages.success(request, f"The test is on its way to {', '.join(sent)}. It counts nowhere, and its code is none.")
    elif not failed:
        messages.error(request, "Tick who is to get the test; nothing was sent.")
