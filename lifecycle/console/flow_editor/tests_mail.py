"""A step's mail sent to oneself and to saved testers, as the page shows it: marked as a test, counted nowhere."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from campaigns.writing import example, hard_cases, preview, testers
from campaigns.writing.models import Proofreader
from campaigns.writing.trial import Trial
from lifecycle.console.answer import back
from lifecycle.console.flow_editor import languages, wordings
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from stores import clock
from stores.access import StoreRequest, page


@require_POST
@page(MARKETER)
def act(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Send a test to those who are ticked; `add` saves an address for tests, `remove:<id>` forgets it."""
    step = edited(flow_of(request, key)).steps.select_related("version", "offer__store").filter(key=step_key).first()
    if step is None or not step.is_mail:
        raise Http404
    verb, _, number = request.POST.get("act", "send").partition(":")
    if verb == "add":
        _add(request)
    elif verb == "remove":
        Proofreader.objects.filter(store=request.store, pk=int(number) if number.isdecimal() and len(number) < 19 else 0).delete()
        messages.success(request, "That address gets no tests any more.")
    elif not request.store.sender_email:
        messages.error(request, "There is no address your mails come from yet. Enter it under Settings.")
    else:
        given, now = request.POST.get("as", ""), clock.read()
        orders = preview.samples(request.store, first=int(given) if given.isdecimal() and len(given) < 19 else None)
        shown = preview.sample(orders[0]) if orders else example.sample(request.store, now=now)
        shown = hard_cases.made_hard(shown, request.POST.get("case", ""))
        wording, language = wordings.chosen(request, step), languages.read_in(step, languages.chosen(request, step))
        _say(request, testers.send(step, shown, _people(request), variant=wording, language=language, now=now))
    return back(request, "console:flow_edit_step", request.store.slug, key, step_key)


def _add(request: StoreRequest) -> None:
    try:
        tester = testers.add(request.store, request.POST.get("email", ""))
        messages.success(request, f"{tester} can get tests now.")
    except testers.NotAdded as refusal:
        messages.error(request, str(refusal))


def _people(request: StoreRequest) -> list[tuple[str, str]]:
    """Return who is ticked: oneself, and testers of the store."""
    me = staff_of(request)
    ticked = [int(pk) for pk in request.POST.getlist("tester") if pk.isdecimal() and len(pk) < 19]
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
