"""Template filters and tags every page may use: money, moments in words, icons, addresses, and a field's control."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.template import Context, Node, defaulttags
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.templatetags.static import static
from django.templatetags.tz import do_timezone
from django.urls import NoReverseMatch
from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from stores import access, addresses
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
    is_this_year = there.year == now.astimezone(ZoneInfo(zone)).year
    return _time(moment, there, f"{there:%a} {there.day} {there:%b, %H:%M}" if is_this_year else _whole(there))


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
    return _time(moment, there, f"{there:%H:%M}")


@register.filter
def day_words(text: object, zone: str) -> str:
    """Show the day of an event's ISO moment by a zone's clock ("Wednesday 25 November"); empty for what is none."""
    moment = parse_datetime(text) if isinstance(text, str) else None
    there = moment.astimezone(ZoneInfo(zone)) if moment and moment.tzinfo else None
    return f"{there:%A} {there.day} {there:%B}" if there else ""


def _near(there: datetime, today: datetime) -> str:
    days = (there.date() - today.date()).days
    if days in (-1, 0, 1):
        return f"{('yesterday', 'today', 'tomorrow')[days + 1]} {there:%H:%M}"
    if abs(days) <= _WEEK.days:
        return f"in {days} days" if days > 0 else f"{-days} days ago"
    return f"{there.day} {there:%b}" if there.year == today.year else f"{there.day} {there:%b %Y}"


def _whole(there: datetime) -> str:
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M}"


def _time(moment: datetime, there: datetime, text: str) -> SafeString:
    """Mark a moment up; pages show a hundred, so it is worded here and not by Django's slower formats."""
    utc = moment.astimezone(UTC)
    title = f"{_whole(there)} {there.tzname()} ({there.tzinfo}) · {utc.day} {utc:%b %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(timespec="seconds"), title, text)


@register.filter
def may(membership: Membership, role: str) -> bool:
    """Say whether a member's role is `role` or above it."""
    return access.may(membership, role)


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw one symbol of the sprite; it is decoration, so it needs words beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("vendor/lucide/sprite.svg"), name)


@register.simple_tag
@cache
def spot(tone: str, symbol: str) -> SafeString:
    """Draw the symbol before an entry of a timeline."""
    return format_html('<span class="spot {}">{}</span>', tone, icon(symbol))


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Do as Django's own tag of this name, sooner (stores.addresses)."""
    node = defaulttags.url(parser, token)
    return node if node.kwargs else _Address(node.view_name, node.args, node.kwargs, node.asvar)


class _Address(URLNode):
    def render(self, context: Context) -> str:
        try:
            found = addresses.to(self.view_name.resolve(context), *[value.resolve(context) for value in self.args])
        except NoReverseMatch:
            return super().render(context)
        if self.asvar is None:
            return conditional_escape(found) if context.autoescape else found
        context[self.asvar] = found
        return ""


@register.simple_tag(takes_context=True)
def nav_link(context: Mapping[str, Any], name: str, label: str, section: str = "", count: int = 0) -> SafeString:
    """Link to one of a store's sections (named like its first page, if not otherwise); the section one stands in is marked.

    `count` says how much waits there; beyond 99 nobody needs to know.
    """
    address = addresses.to(f"console:{name}", context["request"].store.slug)
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
