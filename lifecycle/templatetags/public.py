"""How the customers' pages speak: `words` and `calendar` of the page's context say phrases and days in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template import Context, Node
from django.template.base import Parser, Token
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True, name="say")
def _say(context: Mapping[str, Any], phrase: str, **holes: object) -> SafeString:
    """Say a phrase; what goes into its holes is kept apart from it, since it may run the other way."""
    return _filled(context["words"].say(str(phrase)), holes)


_with_holes = register.tags["say"]


@register.tag
def say(parser: Parser, token: Token) -> Node:
    """Say a phrase; a page has dozens that stand in it as they are, and each is looked up and escaped once a language."""
    bits = token.split_contents()
    return _Said(bits[1].strip('"')) if len(bits) == 2 and bits[1][0] == bits[1][-1] == '"' else _with_holes(parser, token)


class _Said(Node):
    """A phrase without holes that stands in the template."""

    def __init__(self, phrase: str) -> None:
        self.phrase, self.said = phrase, dict[str, SafeString]()

    def render(self, context: Context) -> SafeString:
        words = context["words"]
        said = self.said.get(words.language)
        if said is None:
            said = self.said[words.language] = conditional_escape(words.say(self.phrase))
        return said


@register.simple_tag(takes_context=True)
def day(context: Mapping[str, Any], moment: datetime) -> SafeString:
    """Show "Friday 6 November" by the shop's clock."""
    return _time(context, moment, context["calendar"].day(moment))


@register.simple_tag(takes_context=True)
def dated(context: Mapping[str, Any], moment: datetime) -> SafeString:
    """Show "6 November 2026"."""
    return _time(context, moment, context["calendar"].dated(moment))


@register.simple_tag(takes_context=True)
def moment(context: Mapping[str, Any], moment: datetime) -> SafeString:
    """Show "Friday 6 November, 14:02"."""
    return _time(context, moment, context["calendar"].moment(moment))


@register.simple_tag(takes_context=True)
def short_moment(context: Mapping[str, Any], moment: datetime) -> SafeString:
    """Show "Fri, 6 Nov, 14:02"."""
    return _time(context, moment, context["calendar"].short(moment))


@register.simple_tag(takes_context=True)
def hour(context: Mapping[str, Any], moment: datetime) -> SafeString:
    """Show "14:02"."""
    return _time(context, moment, context["calendar"].time(moment))


def _filled(said: str, holes: Mapping[str, object]) -> SafeString:
    if not holes:
        return conditional_escape(said)
    apart = {name: one if isinstance(one, SafeString | int) else format_html("<bdi>{}</bdi>", one) for name, one in holes.items()}
    return format_html(conditional_escape(said), **apart)


def _time(context: Mapping[str, Any], moment: datetime, text: str) -> SafeString:
    calendar = context["calendar"]
    title = f"{calendar.dated(moment)}, {calendar.time(moment)} {calendar.place}"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(timespec="seconds"), title, text)
