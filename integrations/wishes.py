"""What people ask of a shop about their data, and the platform hands on: a copy, or that they be forgotten."""

from datetime import datetime, timedelta

from customers import erasure, tasks_for_staff
from customers.identity import email_key
from customers.models import Customer
from integrations.models import Connection, InboxItem, Payload
from orders.incoming import PrivacyWish, Unusable
from stores.models import Store

#: So long has a shop to answer whoever asks (GDPR, article 12; Shopify's rule for apps).
WITHIN = timedelta(days=30)


def grant(connection: Connection, wish: PrivacyWish, *, now: datetime) -> None:
    """Do what was asked. A copy is a person's to send, so it becomes a task. Raises Unusable for what a person must decide."""
    platform = connection.get_platform_display()
    if not (wish.external_id or wish.email):
        return _forget_all(connection, by=platform, now=now)
    for customer in _known(connection.store, wish):
        if wish.is_copy:
            key = f"copy:{customer.pk}:{now.date().isoformat()}"
            title, detail = f"Send {customer} a copy of their data", f"They asked for it by way of {platform}. An owner can export it."
            tasks_for_staff.open_task(customer, kind="privacy", key=key, title=title, detail=detail, due_at=now + WITHIN, now=now)
        else:
            erasure.ask(customer, by=platform, now=now)
    return None


def _known(store: Store, wish: PrivacyWish) -> list[Customer]:
    """Return whom a wish means: by the platform's id and by the address, which may be two of ours."""
    still_known = Customer.objects.filter(store=store, erased_at=None)
    by_name = still_known.filter(identities__external_id=wish.external_id) if wish.external_id else still_known.none()
    key = email_key(wish.email) if wish.email else None
    by_address = still_known.filter(email_key=key) if key else still_known.none()
    return list({customer.pk: customer for customer in (*by_name, *by_address)}.values())


def _forget_all(connection: Connection, *, by: str, now: datetime) -> None:
    """Forget everybody of a shop that has left, and what it delivered; whose store it is must not live on by another connection."""
    others = Connection.objects.filter(store=connection.store_id, uninstalled_at=None).exclude(pk=connection.pk)
    if others.exists():
        raise Unusable("Another connection still feeds this store. Uninstall it too, or erase the shop’s customers one by one.")
    Payload.objects.filter(item__connection=connection).exclude(item__topic="shop/redact").delete()
    InboxItem.objects.filter(connection=connection).exclude(topic="shop/redact").delete()
    erasure.ask_for_all(connection.store, by=by, now=now)
