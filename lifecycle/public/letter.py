"""A mail as a page, exactly as it was sent, and the days of its offer for a calendar."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lifecycle.public import drawing, offer_days
from lifecycle.public.door import opened_by, unknown
from messaging.models import Message
from offers import giving
from offers.giving import Promise
from offers.models import Offer, OfferCode
from stores import clock

#: The mail is foreign ground: no script, no form, nothing of this site's session; its links work, its pictures load.
_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none';"
    " img-src 'self' https: data:; style-src 'unsafe-inline'"
)


#: What may have reached somebody: of some nobody knows, and others are being handed over while the first are read already.
_MAY_BE_THERE = Q(state__in=[Message.State.SENT, Message.State.SENDING, Message.State.UNKNOWN]) | Q(doubtful_road__isnull=False)


@require_safe
@opened_by(lambda: Message.objects.filter(_MAY_BE_THERE).select_related("store", "customer"))
def page(request: HttpRequest, message: Message) -> HttpResponse:
    """Show the mail as it went out, or say that its copy is not kept any more."""
    if not message.html:
        words = drawing.words_of(request, message.customer.language, message.store.language)
        return drawing.draw(request, "public/letter_gone.html", message.store, words, {"customer": message.customer}, status=410)
    answer = HttpResponse(message.html)
    answer["Content-Security-Policy"] = _POLICY
    return answer


@require_safe
@opened_by(lambda: Message.objects.select_related("store", "customer", "run__step__offer"))
def calendar(request: HttpRequest, message: Message) -> HttpResponse:
    """Answer the days of the mail's offer; fetched again, the same events go to where the days are by then."""
    told = _told(message)
    if told is None:
        return unknown(request)
    words = drawing.words_of(request, message.customer.language, message.store.language)
    promised, offer = told
    as_now = promised.as_now(offer) if offer else promised
    written_at = message.created_at if as_now == promised else clock.read()
    change = int((written_at - message.created_at).total_seconds() // 60)
    return offer_days.answer(as_now, message.store, words, uid=message.token, now=written_at, change=change)


def _told(message: Message) -> tuple[Promise, Offer | None] | None:
    """Return what a mail promised, and its offer: a step's run holds it, a code that was earned was given when its mail was written."""
    if run := getattr(message, "run", None):
        held = run.facts.get("offer")
        return (Promise.of(held), run.step.offer) if held else None
    found = OfferCode.objects.filter(customer=message.customer_id, issued_at=message.created_at).select_related("offer__store")
    code = found.exclude(expires_at=None).first()
    return (giving.told(code, now=message.created_at), code.offer) if code else None
