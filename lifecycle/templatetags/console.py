"""What the staff's pages do with htmx: each tag adds to an ordinary form, which works the same without script."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns import step_words
from campaigns.models import StepRun
from lifecycle.console import paging, shortcuts
from stores import addresses

register = template.Library()
register.filter("counted", paging.in_words)
register.filter("in_brackets", step_words.in_brackets)


@register.filter
def absolute(number: int) -> int:
    return abs(number)


@register.filter
def seconds(milliseconds: int | None) -> str:
    """Show how long a work took: "40 ms", "2.3 s", "2 min 5 s"."""
    if (milliseconds or 0) < 1000:
        return f"{milliseconds or 0} ms"
    whole, rest = divmod((milliseconds or 0) / 1000, 60)
    return f"{rest:.1f} s" if not whole else f"{whole:.0f} min {rest:.0f} s"


@register.filter
def span_words(span: timedelta) -> str:
    """Show a span of time by its two largest parts: "1 day 4 h", "2 h 5 min", "3 min"."""
    minutes = round(span.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} day{'' if days == 1 else 's'}{f' {hours} h' if hours else ''}"
    return f"{hours} h{f' {minutes} min' if minutes else ''}" if hours else f"{minutes} min"


@register.filter
def to_the_minute(moment: datetime, zone: str) -> str:
    """Write a moment as a field of date and time holds it."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


@register.simple_tag(takes_context=True)
def keyboard(context: Mapping[str, Any]) -> SafeString:
    """Give the page the keys that lead to screens; nothing for who switched them off."""
    request = context["request"]
    if not request.user.shortcuts:
        return SafeString()
    keys = {keys: address for address, _, keys in shortcuts.screens_like(request, "") if keys}
    return format_html(' data-keys="{}" data-help="{}"', json.dumps(keys), addresses.to("console:shortcuts"))


@register.simple_tag(takes_context=True)
def live(context: Mapping[str, Any], target: str = "#results") -> SafeString:
    """Make a GET form answer while one types: `target` is replaced, and the address follows without filling the history."""
    return format_html(
        'hx-get="{}" hx-target="{}" hx-swap="outerHTML" hx-replace-url="true"'
        ' hx-trigger="submit, input delay:250ms" hx-sync="this:replace"',
        context["request"].path, target,
    )  # fmt: skip


@register.simple_tag
def post_to(address: str, target: str) -> SafeString:
    """Make a form post to an address; with htmx the page that it leads to gives its part `target`, and the rest stays."""
    return format_html(
        'method="post" action="{0}" hx-post="{0}" hx-target="{1}" hx-swap="outerHTML" hx-sync="this:drop"', address, target
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def run_button(context: Mapping[str, Any], verb: str, label: str) -> SafeString:
    """Draw the button that does something with the planned mail `run`; a customer with many mails has a hundred of them."""
    run, request = context["run"], context["request"]
    address = addresses.to("console:customer_act", request.store.slug, context["customer"].pk, run.pk, verb)
    return format_html(
        '<form {}><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="button small" id="run-{}-{}" type="submit">{}<span class="unseen"> {}</span></button></form>',
        post_to(address, "#customer"), context["csrf_token"], run.pk, verb, label, _named(run),
    )  # fmt: skip


def _named(run: StepRun) -> str:
    return f"{run.step.name}, order {run.order}" if run.order else run.step.name
