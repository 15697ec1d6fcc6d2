"""The mails that somebody asks for: in our own words, and at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from customers.models import Customer
from messaging import outbox, own_words, rendering
from messaging.models import Message, Purpose
from messaging.roads import accounts
from stores import tokens
from stores.models import Store


@dataclass(frozen=True)
class Letter:
    """One such mail: its step, what it says in marked phrases, and for how long it is of use."""

    step: str
    content: Mapping[str, Any]
    lasts: timedelta


def send(
    letter: Letter, store: Store, to: Customer | None, values: Mapping[str, str], *, language: str, key: str, now: datetime, token: str = ""
) -> None:
    """Queue a letter in a language there are words of, once for a key; `token`, if its own links name it, opens it in the browser.

    Without anybody to send it to it is drawn all the same, so that nobody can tell by how long it took.
    """
    token = token or tokens.public_token()
    drawn = _drawn(letter, store, to, values, language=language, token=token)
    sender = accounts.sender_of(store, accounts.account_of(store, Purpose.TRANSACTIONAL))
    if to is None or not to.email_key or to.erased_at or not sender.email:
        return
    message = Message(
        store=store, customer=to, dedupe_key=f"{letter.step}:{key}", step=letter.step, purpose=Purpose.TRANSACTIONAL, is_urgent=True,
        to_email=to.email, to_name=to.name, from_email=sender.email, from_name=sender.name, reply_to=sender.reply_to,
        subject=drawn.subject, html=drawn.html, text=drawn.text, token=token, created_at=now, due_at=now, use_by=now + letter.lasts,
    )  # fmt: skip
    try:
        with transaction.atomic():
            outbox.queue([message])
    except IntegrityError:  # asked for already: that mail is there
        return


def _drawn(
    letter: Letter, store: Store, to: Customer | None, values: Mapping[str, str], *, language: str, token: str
) -> rendering.Rendered:  # fmt: skip
    said = {
        **values,
        "store_name": store.name,
        "sender_name": store.sender_name or store.name,
        "browser_url": settings.PUBLIC_URL + reverse("public:letter", args=[token]),
        "preferences_url": settings.PUBLIC_URL + reverse("public:preferences", args=[to.token if to else token]),
    }
    return own_words.draw(letter.step, letter.content, store, language, said)
