"""What a customer does on the tracker: says that it is there or not yet, answers the question, asks for something, takes the day along."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lifecycle.public import ics, tracker, tries, wishes
from lifecycle.public.door import SeeOther, opened_by, private, unknown
from orders import by_customer
from orders.by_hand import NotPossible
from orders.models import Order
from stores import clock
from surveys import answers


@require_POST
@opened_by(lambda: Order.objects.select_related("store", "customer"))
def say(request: HttpRequest, order: Order) -> HttpResponse:
    """Take "it arrived" and "not yet", and an answer to the one question; then the tracker shows what follows from it."""
    now, said = clock.read(), request.POST.get("said", "")
    if tries.refused_until(request, f"said:{order.pk}", now=now):
        return _to_tracker(order, "?often")
    if said in ("arrived", "not-yet"):
        try:
            (by_customer.arrived if said == "arrived" else by_customer.not_yet)(order, now=now)
        except NotPossible:
            return _to_tracker(order, "")
        return _to_tracker(order, f"?{said}")
    if said in ("1", "2", "3", "4", "5"):
        response = answers.ask(answers.CHECK_IN, store=order.store, customer=order.customer, order=order, now=now)
        answers.answer(response, score=int(said), comment=response.comment, now=now)
        return SeeOther(reverse("public:check-in", args=[response.token]))
    return _to_tracker(order, "")


@require_POST
@private
def wish(request: HttpRequest, token: str) -> HttpResponse:
    """Open a task for what is wished, or show the tracker again with what is missing."""
    found = tracker.find(token)
    if found is None:
        return unknown(request)
    now, order, words = found.now, found.order, tracker.words_of(request, found.order)
    what, text = request.POST.get("what", ""), request.POST.get("words", "").strip()[: wishes.LONGEST]
    if tries.refused_until(request, f"wish:{order.pk}", now=now):
        too_often = words.say("That was too often for now. Try again in a while.")
        return tracker.draw(request, found, wishing=tracker.Wishing(what, text, too_often))
    if problem := wishes.problem(what, text, tracker.may_wish(tracker.standing_of(found)), words):
        return tracker.draw(request, found, wishing=tracker.Wishing(what, text, problem))
    wishes.take(order, what, words=text, now=now)
    return _to_tracker(order, "#wishes")


@require_safe
@private
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the day of the delivery for a calendar; when the estimate moves, fetching it again moves the same event."""
    found = tracker.find(token)
    expected = tracker.standing_of(found).expected if found else None
    if found is None or expected is None:
        return unknown(request)
    order, words = found.order, tracker.words_of(request, found.order)
    day = expected.astimezone(ZoneInfo(order.store.timezone)).date()
    lines = [
        f"UID:{order.token}@doorstep", f"DTSTAMP:{ics.stamp(found.now)}", f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}", "TRANSP:TRANSPARENT",
        "SUMMARY:" + ics.text(words.say("Parcel from {shop} arrives", shop=order.store.name)),
        "DESCRIPTION:" + ics.text(words.say("Order {number}", number=order)),
    ]  # fmt: skip
    return ics.answer([lines], about="Deliveries", name="delivery")


def _to_tracker(order: Order, rest: str) -> HttpResponse:
    return SeeOther(reverse("public:tracker", args=[order.token]) + rest)
