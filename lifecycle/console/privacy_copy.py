"""All that is held of one person, as plain values: every row that leads to them, found by the models' own keys, so none is left out."""

from typing import Any

from django.db import models

from customers.models import Customer
from enquiries.models import Attachment, EnquiryMessage
from messaging.models import Click, Link, ProviderEvent
from orders.models import Refund, Shipment
from surveys.models import ReviewPhoto

#: Rows that lead to a person by way of another, and the way.
_BY_WAY: tuple[tuple[type[models.Model], str], ...] = (
    (Shipment, "order__customer"), (Refund, "order__customer"), (Link, "message__customer"), (Click, "link__message__customer"),
    (ProviderEvent, "message__customer"), (EnquiryMessage, "enquiry__customer"), (Attachment, "message__enquiry__customer"),
    (ReviewPhoto, "review__customer"),
)  # fmt: skip
#: Keys that open pages, and what only machines read: they say nothing of the person, and are nobody's to have.
_LEFT_OUT = frozenset({"store", "token", "claim", "lease_until", "dedupe_key", "html", "versions", "said", "doubtful_road", "content"})


def of(customer: Customer) -> dict[str, Any]:
    """Return the person's own row under `customer`, and lists of the rows of each other kind by its name."""
    found: dict[str, Any] = {"customer": Customer.objects.values(*_names(Customer)).get(pk=customer.pk)}
    for model, way in (*_direct(), *_BY_WAY):
        rows = model._base_manager.filter(**{way: customer.pk}).order_by("pk").values(*_names(model))
        found.setdefault(str(model._meta.verbose_name_plural), []).extend(rows)
    return found


def _direct() -> list[tuple[type[models.Model], str]]:
    relations = (field for field in Customer._meta.get_fields(include_hidden=True) if field.auto_created and not field.concrete)
    return sorted(
        ((field.related_model, field.field.name) for field in relations),  # type: ignore[misc, union-attr]
        key=lambda pair: str(pair[0]._meta.label),
    )


def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.name not in _LEFT_OUT]
