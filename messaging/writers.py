"""The people at a shop whose mails come from them: each under their own name, and from an address the shop's mails go by anyway."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from messaging import imprint
from messaging.domains import sending_domains
from messaging.models import Writer
from stores.models import Store

MOST = 30


class NotAdded(ValueError):
    """Somebody cannot write mails with these words; the message says why."""


def of(store: Store) -> QuerySet[Writer]:
    return Writer.objects.filter(store=store).order_by("name", "pk")


def domains(store: Store) -> list[str]:
    """Return the domains that a store's mails come from: only their addresses are known to be the shop's, and signed for."""
    return [sent.domain for sent in sending_domains.of(store)]


def add(store: Store, *, name: str, email: str, reply_to: str, now: datetime) -> Writer:
    """Save somebody who writes mails; raise NotAdded. Without an address the shop's stays, with their name before it."""
    name, email, reply_to = " ".join(name.split())[:120], email.strip().lower(), reply_to.strip().lower()
    if not name:
        raise NotAdded("Write the name that customers read, such as Ana at Marlow & Finch.")
    if of(store).count() >= MOST:
        raise NotAdded(f"{MOST} people are enough. Remove one first.")
    for address in filter(None, (email, reply_to)):
        _check(address)
    if email and email.rpartition("@")[2] not in (known := domains(store)):
        where = " or ".join(known) or "no domain yet: enter the shop’s own address first"
        raise NotAdded(f"Your mails come from {where}. An address of another domain would not be trusted.")
    return Writer.objects.create(store=store, name=name, email=email, reply_to=reply_to, created_at=now)


def _check(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise NotAdded(f"“{address}” is no address like ana@example.com.") from error
    if not imprint.hears(address):
        raise NotAdded(f"Answers to {address} would reach nobody. Enter an address that somebody reads.")
