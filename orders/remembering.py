"""Being reminded of a cart on a day one chose."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from orders.models import Cart
from stores import walltime
from stores.phrases import marked

#: In how many days, and how the page says it.
CHOICES = {1: marked("Tomorrow"), 3: marked("In three days"), 7: marked("In a week")}
_MORNING = time(10, 0)


def later(cart: Cart, *, days: int, now: datetime) -> None:
    """Have the customer reminded in the morning of a day by their own clock; 0 takes that back."""
    remind_at = walltime.at_wall_time(now, days=days, wall=_MORNING, zone=zone_of(cart)) if days else None
    Cart.objects.filter(pk=cart.pk, completed_at=None, recovered_at=None).update(remind_at=remind_at)
    cart.remind_at = remind_at


def zone_of(cart: Cart) -> ZoneInfo:
    """Return the zone by which its owner's days are counted."""
    person = cart.customer
    return walltime.zone_for(
        customer=person.timezone if person else "", country=person.country if person else "", store=cart.store.timezone
    )
