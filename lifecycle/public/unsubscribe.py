"""Unsubscribing: by the page's button, or by a mail program's one-click POST (RFC 8058). The mail's token is all the authority there is.

Without cookie, CSRF token or redirect the one-click POST acts at once, and is answered 200 whatever the token. A marketing mail stops
marketing; a service mail stops both, because whoever wants no help wants no offers either. Order mails stay.
"""

import logging
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from customers import consent
from customers.models import Customer
from lifecycle.public import drawing
from lifecycle.public.door import SeeOther, find, private, unknown
from messaging.models import Message, Purpose
from messaging.returning import day_counts
from stores import clock
from stores.phrases import Phrases, marked

_log = logging.getLogger(__name__)

MARKETING, SERVICE = consent.Topic.MARKETING, consent.Topic.SERVICE
_UNDO_WORDING = {
    MARKETING.value: marked("Undo: send me offers and news again"),
    SERVICE.value: marked("Undo: send me help with what I bought again"),
}


@csrf_exempt
@private
def page(request: HttpRequest, token: str) -> HttpResponse:
    message = find(Message.objects.select_related("store", "customer"), token)
    form = _form(request)
    if request.method == "POST" and "act" not in form:
        return _one_click(message, token)
    if message is None:
        return unknown(request)
    words = drawing.words_of(request, message.customer.language, message.store.language)
    if request.method == "POST":
        _act(message, form, words)
        return SeeOther(reverse("public:unsubscribe", args=[token]))
    return drawing.draw(request, "public/unsubscribe.html", message.store, words, _context(message))


def _form(request: HttpRequest) -> QueryDict:
    """Return the posted fields; a body that cannot be read has none."""
    try:
        return request.POST
    except MultiPartParserError:
        return QueryDict()


def _one_click(message: Message | None, token: str) -> HttpResponse:
    if message is None:
        _log.warning("one-click unsubscribe with an unknown token %.40r", token)
    else:
        now = clock.read()
        for topic in _topics(message):
            consent.withdraw(message.customer, topic=topic, source="one-click unsubscribe", now=now)
        _note(message, now)
    return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")


def _act(message: Message, form: QueryDict, words: Phrases) -> None:
    """Stop or undo the topic that the button names, or those of the mail."""
    now, named = clock.read(), form.get("topic")
    topics = [named] if named in (MARKETING, SERVICE) else _topics(message)
    for topic in topics:
        if form["act"] == "undo":
            wording = words.say(_UNDO_WORDING[topic])
            consent.grant(message.customer, topic=topic, source="unsubscribe page, undone", wording=wording, now=now)
        else:
            consent.withdraw(message.customer, topic=topic, source="unsubscribe page", now=now)
    if form["act"] != "undo":
        _note(message, now)


def _note(message: Message, now: datetime) -> None:
    """Remember which mail it was that somebody had enough of: the figures are by mail."""
    if Message.objects.filter(pk=message.pk, unsubscribed_at=None).update(unsubscribed_at=now):
        day_counts.touch([message.pk])


def _topics(message: Message) -> list[str]:
    return [SERVICE.value, MARKETING.value] if message.purpose == Purpose.SERVICE else [MARKETING.value]


def _context(message: Message) -> dict[str, object]:
    """Return what the page shows: it reads the present permission, so it tells the truth however one comes back to it."""
    customer = message.customer
    stopped = {
        MARKETING.value: customer.marketing == Customer.Marketing.UNSUBSCRIBED,
        SERVICE.value: customer.objected_to_service_at is not None,
    }
    return {
        "customer": customer,
        "is_done": all(stopped[topic] for topic in _topics(message)),
        "is_service": message.purpose == Purpose.SERVICE,
        "marketing_stopped": stopped[MARKETING.value],
        "service_stopped": stopped[SERVICE.value],
    }
