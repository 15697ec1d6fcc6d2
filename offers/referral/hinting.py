"""Reads what is known of a person that could show them to be another one (`likeness`)."""

from customers.models import Alias, Customer
from offers.referral import likeness
from offers.referral.likeness import Hints
from orders.models import Order


def of(customer: Customer, *, besides: Order | None = None) -> Hints:
    """Return somebody's hints, of their orders that were no gifts, and of one order `besides`, wherever that one goes."""
    orders = list(Order.objects.filter(customer=customer, is_test=False).order_by("-placed_at")[:50])
    sent = [order.shipping_address for order in orders if not likeness.is_gift(order.shipping_address, name=customer.name)]
    homes = likeness.homes(sent, name=customer.name)
    if besides:
        orders, sent = [*orders, besides], [*sent, besides.shipping_address]
    aliases = Alias.objects.filter(customer=customer).values_list("email_key", flat=True)
    return likeness.hints(
        emails=[customer.email_key, *aliases, *(order.email for order in orders)],
        phones=[customer.phone, *(str(address.get("phone") or "") for address in sent)],
        places=[*homes, likeness.place(besides.shipping_address) if besides else ""],
    )
