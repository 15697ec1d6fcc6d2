"""Template filters every page may use: money and moments in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

from stores import money as amounts

register = template.Library()


@register.filter
def money(minor: int, currency: str) -> str:
    """Show minor units of a currency as people read them."""
    return amounts.show(minor, currency)


@register.filter
def local(moment: datetime | None, zone: str) -> datetime | None:
    """Return a moment in the zone of that name, for the `date` filter."""
    return moment.astimezone(ZoneInfo(zone)) if moment else None
