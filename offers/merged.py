"""What two customers who become one mean for their codes and links: the one who stays has one of each that is current."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from offers.models import Advocate, OfferCode


def make_room(kept: int, gone: int, *, now: datetime) -> None:
    """Let the codes of `gone`, and the link they passed on, stand beside those of `kept`."""
    twin = OfferCode.objects.filter(customer=kept, offer=OuterRef("offer"), is_current=True)
    OfferCode.objects.filter(Exists(twin), customer=gone, is_current=True).update(is_current=False)
    if Advocate.objects.filter(customer=kept, is_current=True).exists():
        Advocate.objects.filter(customer=gone, is_current=True).update(is_current=False)
