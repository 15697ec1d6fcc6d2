"""What two customers who become one mean for their codes: of each offer the one who stays has one that is current."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from offers.models import OfferCode


def make_room(kept: int, gone: int, *, now: datetime) -> None:
    """Let the codes of `gone` stand beside those of `kept`."""
    twin = OfferCode.objects.filter(customer=kept, offer=OuterRef("offer"), is_current=True)
    OfferCode.objects.filter(Exists(twin), customer=gone, is_current=True).update(is_current=False)
