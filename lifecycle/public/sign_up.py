"""Saying yes to offers and news by double opt-in: whoever types an address gets one mail, and only the button behind its link says yes."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from customers import consent, topics
from customers.models import Customer
from lifecycle.public import drawing
from lifecycle.public.door import SeeOther, find, private, unknown
from messaging import outbox, own_words
from messaging.models import Message, Purpose
from messaging.roads import accounts
from stores import clock, tokens
from stores.models import Store
from stores.phrases import Phrases, marked

STEP = "sign-up"
_LASTS = timedelta(days=7)
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


def ask(store: Store, customer: Customer, words: Phrases, *, now: datetime) -> None:
    """Queue the mail that asks, in the language of the page, at most one a day; who has said yes already is not asked again."""
    if customer.marketing == Customer.Marketing.SUBSCRIBED or not customer.email_key or customer.erased_at:
        return
    token = tokens.public_token()
    sender = accounts.sender_of(store, accounts.account_of(store, Purpose.TRANSACTIONAL))
    if not sender.email:
        return
    drawn = own_words.draw(STEP, _CONTENT, store, words.language, _values(store, customer, token, words))
    message = Message(
        store=store, customer=customer, dedupe_key=f"{STEP}:{customer.pk}:{int(now.timestamp() // _APART.total_seconds())}", step=STEP,
        purpose=Purpose.TRANSACTIONAL, is_urgent=True, to_email=customer.email, to_name=customer.name, from_email=sender.email,
        from_name=sender.name, reply_to=sender.reply_to, subject=drawn.subject, html=drawn.html, text=drawn.text,
        token=token, created_at=now, due_at=now, use_by=now + _LASTS,
    )  # fmt: skip
    try:
        with transaction.atomic():
            outbox.queue([message])
    except IntegrityError:  # asked today already: that mail is there
        return


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


def _values(store: Store, customer: Customer, token: str, words: Phrases) -> dict[str, str]:
    link = {name: settings.PUBLIC_URL + reverse(f"public:{name}", args=[token]) for name in ("sign-up", "letter")}
    return {
        "yes_url": link["sign-up"],
        "gets": wording(store, words),
        "browser_url": link["letter"],
        "preferences_url": settings.PUBLIC_URL + reverse("public:preferences", args=[customer.token]),
        "sender_name": store.sender_name or store.name,
        "store_name": store.name,
    }
