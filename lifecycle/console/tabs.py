"""Tabs and chips: one choice of a list, kept in the address with everything else that is chosen there."""

from collections.abc import Iterable

from django.http import HttpRequest

#: Where it leads, what it says, whether one stands there.
Tab = tuple[str, str, bool]


def of(request: HttpRequest, name: str, options: Iterable[tuple[str, str]], chosen: str, *, drop: tuple[str, ...] = ()) -> list[Tab]:
    """Return a tab for each value of ?name=; the place in the list, and what `drop` names, is left behind."""
    rest = request.GET.copy()
    for word in (name, "after", "before", "page", *drop):
        rest.pop(word, None)
    found = []
    for value, label in options:
        query = rest.copy()
        if value:
            query[name] = value
        found.append((f"?{query.urlencode()}", label, value == chosen))
    return found


def without(request: HttpRequest, *names: str) -> str:
    """Return the address of the list without these filters; empty where none of them is set."""
    rest = request.GET.copy()
    if not any(rest.get(name) for name in names):
        return ""
    for word in (*names, "after", "before", "page"):
        rest.pop(word, None)
    return f"?{rest.urlencode()}"
