"""Takes the address of a friend who came by a customer's link.

What comes back is for the records alone: a page that told it would tell anybody who is a customer.
"""

from datetime import datetime

from customers import events, identity
from customers.models import Customer
from offers import giving
from offers.models import Advocate, Program, Referral
from offers.referral import hinting, likeness
from orders import ingest
from orders.incoming import CustomerData
from orders.models import Order
from stores.models import Store

#: What a query of stores reads along for `program_of`.
PROGRAM = ("program__friend_offer", "program__reward_offer")


def program_of(store: Store, *, now: datetime) -> Program | None:
    """Return how a store's customers bring friends; None while they do not, or one of the two offers has ended.

    A loaded store is asked once, and not at all where its query has read `PROGRAM` with it.
    """
    found: Program | None = getattr(store, "program", None)
    if found is None or not found.is_on or found.friend_offer is None or found.reward_offer is None:
        return None
    return None if any(giving.has_ended(offer, now) for offer in (found.friend_offer, found.reward_offer)) else found


def advocate(customer: Customer, *, now: datetime) -> Advocate:
    """Return the link somebody passes on, made the first time."""
    found, _ = Advocate.objects.get_or_create(
        customer=customer, is_current=True, defaults={"store_id": customer.store_id, "created_at": now}
    )
    return found


def take(by: Advocate, email: str, *, now: datetime) -> Referral | None:
    """Note that a friend wants the code; None for an address that is none, who has ordered before, was brought, or is the same person."""
    store, key = by.store, identity.email_key(email)
    if key is None or likeness.mailbox(key) in hinting.of(by.customer).emails:
        return None
    ingest.upsert_customer(store, CustomerData(email=email), now=now)
    friend = Customer.objects.filter(store=store, email_key=key, erased_at=None).first()
    if friend is None or friend.pk == by.customer_id or Order.objects.filter(customer=friend, is_test=False).exists():
        return None
    made, is_new = Referral.objects.get_or_create(store=store, friend=friend, defaults={"by": by.customer, "asked_at": now, "due_at": now})
    if not is_new:
        return None
    kind = events.Kind.REFERRAL_JOINED
    data = {"referral": made.pk, "by": by.customer_id}
    events.record(friend, kind, at=now, key=f"{kind}:{made.pk}", now=now, data=data)
    return made
