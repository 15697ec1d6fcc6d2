"""A customer's address put right by staff. The old one stays known: what a shop still tells under it is theirs."""

from datetime import datetime

from django.db import IntegrityError, transaction

from customers import events, identity
from customers.models import Alias, Customer
from stores.models import User


class NotPossible(Exception):
    """The address cannot be theirs; the text says why to a person."""


def email(customer: Customer, address: str, *, by: User, now: datetime) -> None:
    """Give a customer another e-mail address. Raises NotPossible."""
    key = identity.email_key(address)
    if key is None:
        raise NotPossible("That is no whole e-mail address. Write it like ana@example.com.")
    try:
        with transaction.atomic():
            _change(customer, address.strip(), key, by=by, now=now)
    except IntegrityError as error:
        raise NotPossible("Another customer has this address already. If both are one person, merge them.") from error


def _change(customer: Customer, address: str, key: str, *, by: User, now: datetime) -> None:
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if held.erased_at is not None:
        raise NotPossible("This customer was erased.")
    if held.email_key == key:
        raise NotPossible("That is their address already.")
    old, old_key = held.email, held.email_key
    if Alias.objects.filter(store=held.store_id, email_key=key).exclude(customer=held).exists():
        raise NotPossible("This address belongs to a customer who was merged into another.")
    Alias.objects.filter(store=held.store_id, email_key=key).delete()
    Customer.objects.filter(pk=held.pk).update(email=address, email_key=key)
    if old_key:
        Alias.objects.create(store_id=held.store_id, customer=held, email_key=old_key)
    kind = events.Kind.STAFF_ACTED
    data = {"text": f"E-mail address corrected: {old or 'none'} became {address}", "by": str(by)}
    events.record(held, kind, at=now, key=f"{kind}:email:{held.pk}:{now.isoformat()}", now=now, data=data)
