"""Template filters and tags every page may use: money, moments in words, icons, addresses, and a field's control."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.templatetags.static import static
from django.templatetags.tz import do_timezone
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from stores import access
from stores import money as amounts
from stores.models import Membership

register = template.Library()
_WEEK = timedelta(days=7)


@register.filter
def money(minor: int, currency: str) -> str:
    """Show minor units of a currency as people read them."""
    return amounts.show(minor, currency)


@register.filter
def local(moment: datetime | None, zone: str) -> datetime | None:
    """Return a moment in the zone of that name, marked so that the `date` filter leaves it there."""
    there: datetime | None = do_timezone(moment, ZoneInfo(zone)) if moment else None
    return there


@register.simple_tag
def exact(moment: datetime | None, zone: str, now: datetime) -> SafeString | str:
    """Show a moment to the minute by a zone’s clock ("Tue 10 Nov, 10:00"), with the year where it is not this one, UTC in its title."""
    if moment is None:
        return ""
    there = moment.astimezone(ZoneInfo(zone))
    form = "D j M, H:i" if there.year == now.astimezone(ZoneInfo(zone)).year else "D j M Y, H:i"
    return _time(moment, there, date_format(there, form))


@register.simple_tag
def relative(moment: datetime | None, zone: str, now: datetime) -> SafeString | str:
    """Show a moment as near it is: "today 17:00", "in 3 days", "2 days ago"; beyond a week its date."""
    if moment is None:
        return ""
    there, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    return _time(moment, there, _near(there, today))


@register.simple_tag
def clock_time(moment: datetime, zone: str) -> SafeString:
    """Show only the time of day of a moment, for lists that name the day once."""
    there = moment.astimezone(ZoneInfo(zone))
    return _time(moment, there, date_format(there, "H:i"))


@register.filter
def day_words(text: object, zone: str) -> str:
    """Show the day of an event's ISO moment by a zone's clock ("Wednesday 25 November"); empty for what is none."""
    moment = parse_datetime(text) if isinstance(text, str) else None
    return date_format(moment.astimezone(ZoneInfo(zone)), "l j F") if moment and moment.tzinfo else ""


def _near(there: datetime, today: datetime) -> str:
    days = (there.date() - today.date()).days
    clock = date_format(there, "H:i")
    if days in (-1, 0, 1):
        return f"{('yesterday', 'today', 'tomorrow')[days + 1]} {clock}"
    if abs(days) <= _WEEK.days:
        return f"in {days} days" if days > 0 else f"{-days} days ago"
    return date_format(there, "j M" if there.year == today.year else "j M Y")


def _time(moment: datetime, there: datetime, text: str) -> SafeString:
    utc = date_format(moment.astimezone(ZoneInfo("UTC")), "j M H:i")
    title = f"{date_format(there, 'D j M Y, H:i')} {there.tzname()} ({there.tzinfo}) · {utc} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(timespec="seconds"), title, text)


@register.filter
def may(membership: Membership, role: str) -> bool:
    """Say whether a member's role is `role` or above it."""
    return access.may(membership, role)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one symbol of the sprite; it is decoration, so it needs words beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("vendor/lucide/sprite.svg"), name)


@register.simple_tag(takes_context=True)
def nav_link(context: Mapping[str, Any], name: str, label: str, section: str = "", count: int = 0) -> SafeString:
    """Link to one of a store's sections (named like its first page, if not otherwise); the section one stands in is marked.

    `count` says how much waits there; beyond 99 nobody needs to know.
    """
    address = reverse(f"console:{name}", args=[context["request"].store.slug])
    current = (
        format_html(' aria-current="{}"', "page" if context["request"].path == address else "true")
        if context.get("section") == (section or name)
        else ""
    )
    waiting = format_html(" <span>{}</span>", count if count < 100 else "99+") if count else ""
    return format_html('<a href="{}"{}>{}{}</a>', address, current, label, waiting)


@register.simple_tag(takes_context=True)
def query_with(context: Mapping[str, Any], **changes: object) -> str:
    """Return this page's query with some values changed; None takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name.rstrip("_"), None)
        if value not in (None, ""):
            query[name.rstrip("_")] = str(value)
    return str(query.urlencode())


@register.filter
def is_checkbox(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """Draw a field's control with our class, and tie hint and error to it for screen readers."""
    wide = field.field.widget.attrs.get("class", "")
    attributes: dict[str, str | bool] = {} if is_checkbox(field) else {"class": f"input {wide}".strip()}
    if field.errors:
        attributes["aria-invalid"] = "true"
    tied = [f"{field.auto_id}_{part}" for part, there in (("helptext", field.help_text), ("error", field.errors)) if there]
    if tied:
        attributes["aria-describedby"] = " ".join(tied)
    return field.as_widget(attrs=attributes)
