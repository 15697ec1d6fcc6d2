"""Reads what is known of a person that could show them to be another one (`likeness`)."""

from customers.models import Alias, Customer
from offers.referral import likeness
from offers.referral.likeness import Hints
from orders.models import Order


def of(customer: Customer, *, besides: Order | None = None) -> Hints:
    """Return somebody's hints, of their orders and of one order `besides`."""
    orders = list(Order.objects.filter(customer=customer, is_test=False).order_by("-placed_at")[:50])
    orders += [besides] if besides else []
    aliases = Alias.objects.filter(customer=customer).values_list("email_key", flat=True)
    return likeness.hints(
        emails=[customer.email_key, *aliases, *(order.email for order in orders)],
        phones=[customer.phone, *(str(order.shipping_address.get("phone") or "") for order in orders)],
        places=[order.shipping_address for order in orders],
    )
