"""Lets orders forget whose they were: what was bought, when and for how much stays."""

from django.db.models import F, Func, JSONField

from customers.erasure import Person
from orders.models import Cart, Order, Parked, Shipment
from stores import tokens

_WITHOUT_PLACES = Func(F("said"), template="%(expressions)s - 'pickup'", output_field=JSONField())


def names(person: Person) -> list[str]:
    """Return the platforms' ids of a person's orders and carts, and the carriers' of their parcels."""
    found = [model.objects.filter(customer=person.id).values_list("external_id", flat=True) for model in (Order, Cart)]
    parcels = Shipment.objects.filter(order__customer=person.id).exclude(tracking_number="")
    return [name for each in found for name in each] + list(parcels.values_list("tracking_number", flat=True))


def forget(person: Person) -> None:
    theirs = Order.objects.filter(customer=person.id)
    Parked.objects.filter(store=person.store_id, order_external_id__in=theirs.values("external_id")).delete()
    Shipment.objects.filter(order__in=theirs).update(tracking_number="", tracking_url="", scans=[], said=_WITHOUT_PLACES)
    Cart.objects.filter(customer=person.id).update(url="")
    for order in theirs.only("pk"):
        blank = {"email": "", "shipping_address": {}, "invoice_url": "", "reorder_url": ""}
        Order.objects.filter(pk=order.pk).update(**blank, token=tokens.public_token())
