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
from campaigns.models import Flow
from lifecycle.console import paging, shortcuts
from lifecycle.console.customer import Coming
from stores import addresses
from stores.templatetags.words import icon

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


#: A planned mail's forms: what says where they lead, the token, the mail's number; then the verb, its label and the mail's name, or the
#: mail's name, a symbol, when it goes and the first moment that can be.
_BUTTON = (
    '<form {}><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    '<button class="button small" id="run-{}-{}" type="submit">{}<span class="unseen"> {}</span></button></form>'
)
_MOVE = (
    '<details class="more"><summary class="button small">Move<span class="unseen"> {3}</span>{4}</summary>'
    '<form class="pop" {0}><input type="hidden" name="csrfmiddlewaretoken" value="{1}"><div class="field">'
    '<label for="move-{2}">Send it at, by their clock</label>'
    '<input class="input" type="datetime-local" id="move-{2}" name="at" value="{5}" min="{6}" required></div>'
    '<button class="button small" type="submit">Move it</button></form></details>'
)


@register.simple_tag(takes_context=True)
def run_actions(context: Mapping[str, Any], item: Coming) -> SafeString:
    """Draw what can be done with a mail to come; drawn at one go, for a customer with many mails has a hundred of these forms."""
    run, goes = item.run, item.is_open and item.run.enrollment.flow.state != Flow.State.WATCHING
    verbs = {
        "send-now": ("Send now", goes), "hold": ("Hold a week", item.is_open and not item.held_until), "skip": ("Skip", item.is_open),
        "move": ("Move", goes), "release": ("Undo", item.may_return),
    }  # fmt: skip
    named = f"{run.step.name}, order {run.order}" if run.order else run.step.name
    forms = []
    for verb, (label, is_there) in verbs.items():
        if is_there:
            address = addresses.to("console:customer_act", context["request"].store.slug, context["customer"].pk, run.pk, verb)
            start = post_to(address, "#customer"), context["csrf_token"], run.pk
            if verb == "move":
                moments = (to_the_minute(moment, context["zone"]) for moment in (run.due_at, context["now"]))
                forms.append(format_html(_MOVE, *start, named, icon("chevron-down"), *moments))
            else:
                forms.append(format_html(_BUTTON, *start, verb, label, named))
    return SafeString("".join(forms))
