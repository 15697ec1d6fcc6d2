"""Saying yes to offers and news by double opt-in: whoever types an address gets one mail, and only the button behind its link says yes."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from customers import consent, topics
from customers.models import Customer
from lifecycle.public import drawing
from lifecycle.public.door import SeeOther, find, private, unknown
from messaging import asked_for
from messaging.models import Message
from stores import clock, tokens
from stores.models import Store
from stores.phrases import Phrases, marked

STEP = "sign-up"
#: Nobody is mailed more often, whoever types their address.
_APART = timedelta(days=1)
_CONTENT: dict[str, Any] = {
    "subject": marked("One tap, and you hear from {{ brand.name }}"),
    "preheader": marked("Somebody, most likely you, asked for this. Without your yes nothing comes."),
    "blocks": [
        {"kind": "heading", "text": marked("Is it you who wants our mails?")},
        {"kind": "text", "text": marked("This address was entered to get: {{ gets }}")},
        {"kind": "button", "label": marked("Yes, send them to me"), "url": "{{ yes_url }}"},
        {
            "kind": "text", "tone": "soft",
            "text": marked("It was not you? Then do nothing: without the yes nothing comes, and this link ends in a week."),
        },
        {"kind": "signature", "text": marked("All the best,")},
    ],
}  # fmt: skip
_LETTER = asked_for.Letter(STEP, _CONTENT, timedelta(days=7))


def ask(store: Store, customer: Customer, words: Phrases, *, now: datetime) -> None:
    """Queue the mail that asks, in the language of the page, at most one a day; who has said yes already is not asked again."""
    if customer.marketing == Customer.Marketing.SUBSCRIBED:
        return
    token = tokens.public_token()
    values = {
        "yes_url": settings.PUBLIC_URL + reverse("public:sign-up", args=[token]), "gets": wording(store, words),
        "because": words.say("You get this because you gave {shop} your address.", shop=store.name),
    }  # fmt: skip
    key = f"{customer.pk}:{int(now.timestamp() // _APART.total_seconds())}"
    asked_for.send(_LETTER, store, customer, values, language=words.language, key=key, now=now, token=token)


def wording(store: Store, words: Phrases) -> str:
    """Return what a yes gets, as the page says it."""
    return " ".join(f"{topic.name}: {topic.sentence}" for topic in topics.of(store, words) if topic.purpose == consent.Topic.MARKETING)


@private
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button, since scanners follow links, and take the yes that is pressed."""
    now = clock.read()
    found = Message.objects.filter(step=STEP, use_by__gt=now).select_related("customer", "store")
    message = find(found, token)
    if message is None or message.customer.erased_at:
        return unknown(request)
    store, customer = message.store, message.customer
    words = drawing.words_of(request, customer.language, store.language)
    if request.method == "POST":
        source = "thank-you page, confirmed by mail"
        consent.grant(customer, topic=consent.Topic.MARKETING, source=source, wording=wording(store, words), now=now)
        return SeeOther(reverse("public:sign-up", args=[token]))
    is_done = customer.marketing == Customer.Marketing.SUBSCRIBED
    context = {"customer": customer, "gets": wording(store, words), "is_done": is_done}
    return drawing.draw(request, "public/sign_up.html", store, words, context)
