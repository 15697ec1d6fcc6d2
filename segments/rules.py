"""The rule tree of a segment, and its compiler to a query."""

from typing import Any

from django.db.models import Q

EVERYONE: dict[str, Any] = {"everyone": True}


class NotARule(ValueError):
    """A rule tree the compiler does not know."""


def compile_rule(rule: dict[str, Any]) -> Q:
    """Return the condition on Customer that `rule` stands for; raise NotARule."""
    if rule == EVERYONE:
        return Q()
    raise NotARule(f"This rule is not known: {rule!r}")
