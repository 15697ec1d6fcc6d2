"""Lets conversations forget whose they were: that something was asked, about what order and how soon it was answered, stays."""

from django.db.models import F, Func, IntegerField, Value

from customers.erasure import Person
from enquiries.models import Arrival, Attachment, Enquiry, EnquiryMessage, Mention


def forget(person: Person) -> None:
    theirs = Enquiry.objects.filter(customer=person.id)
    said = EnquiryMessage.objects.filter(enquiry__customer=person.id)
    Arrival.objects.filter(said__enquiry__customer=person.id).update(raw=None)
    for address in person.addresses:
        _empty_unread(person.store_id, address)
    Mention.objects.filter(customer=person.id).delete()
    Attachment.objects.filter(message__enquiry__customer=person.id).delete()
    said.update(from_email="", from_name="", text="", html="", message_id="")
    theirs.update(from_email="", from_name="", subject="(erased)", state=Enquiry.State.CLOSED, before=None)
    strangers = Enquiry.objects.filter(store=person.store_id, customer=None, from_email__in=person.addresses)
    strangers.delete()


def _empty_unread(store_id: int, address: str) -> None:
    """Empty what nothing came of, if it names an address."""
    place = Func(Value(address.encode()), F("raw"), template="position(%(expressions)s)", arg_joiner=" in ", output_field=IntegerField())
    unread = Arrival.objects.filter(store=store_id, said=None, raw__isnull=False)
    unread.annotate(place=place).filter(place__gt=0).update(raw=None)
