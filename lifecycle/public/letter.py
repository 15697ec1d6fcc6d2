"""A mail as a page, exactly as it was sent, and the end of its offer for a calendar."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lifecycle.public import drawing, ics
from lifecycle.public.door import opened_by, unknown
from messaging.models import Message
from offers.giving import Promise
from offers.models import OfferCode

#: The mail is foreign ground: no script, no form, nothing of this site's session; its links work, its pictures load.
_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none';"
    " img-src 'self' https: data:; style-src 'unsafe-inline'"
)


@require_safe
@opened_by(lambda: Message.objects.filter(state=Message.State.SENT))
def page(request: HttpRequest, message: Message) -> HttpResponse:
    """Show the mail as it went out."""
    answer = HttpResponse(message.html)
    answer["Content-Security-Policy"] = _POLICY
    return answer


@require_safe
@opened_by(lambda: Message.objects.select_related("store", "customer", "run"))
def calendar(request: HttpRequest, message: Message) -> HttpResponse:
    """Answer the last hour of the mail's offer as an iCalendar event (RFC 5545) with a reminder a day ahead."""
    offer = _offer(message)
    if offer is None:
        return unknown(request)
    words = drawing.words_of(request, message.customer.language, message.store.language)
    ends = offer.ends_at
    lines = [
        f"UID:{message.token}@doorstep", f"DTSTAMP:{ics.stamp(message.created_at)}",
        f"DTSTART:{ics.stamp(ends - timedelta(hours=1))}", f"DTEND:{ics.stamp(ends)}",
        "SUMMARY:" + ics.text(words.say("{offer} at {shop} ends", offer=offer.value, shop=message.store.name)),
        "DESCRIPTION:" + ics.text(words.say("Code: {code}", code=offer.code)),
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:" + ics.text(words.say("Reminder")), "TRIGGER:-P1D", "END:VALARM",
    ]  # fmt: skip
    return ics.answer(lines, about="Offers", name="offer")


def _offer(message: Message) -> Promise | None:
    """Return what a mail promised: a step's run holds it, a code that was earned was given at the moment its mail was written."""
    if run := getattr(message, "run", None):
        held = run.facts.get("offer")
        return Promise(held["value"], held["code"], datetime.fromisoformat(held["ends_at"]).astimezone(UTC), "") if held else None
    code = OfferCode.objects.filter(customer=message.customer_id, issued_at=message.created_at).select_related("offer").first()
    return Promise(code.offer.value, code.code, code.expires_at, "") if code and code.expires_at else None
