"""Tests on what an event brings along ("the score is at least 4"), as rows of three fields in a form: what, how, and the value."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from campaigns import event_facts
from customers.models import Event

#: How many tests of one event stand on a page; of two events on it, the second's fields have a `prefix`.
MOST = 3


def held(tests: Sequence[Mapping[str, Any]], *, prefix: str = "") -> dict[str, Any]:
    """Return tests as the initial values of the fields."""
    found: dict[str, Any] = {}
    for place, test in enumerate(tests[:MOST], start=1):
        found |= {
            f"{prefix}what{place}": test["name"], f"{prefix}how{place}": test["test"], f"{prefix}value{place}": event_facts.value(test),
        }  # fmt: skip
    return found


def fields(*, prefix: str = "") -> dict[str, forms.Field]:
    """Return the fields of the rows."""
    known = [("", "anything"), *((name, fact.words) for name, fact in event_facts.FACTS.items())]
    found: dict[str, forms.Field] = {}
    for place in range(1, MOST + 1):
        found[f"{prefix}what{place}"] = forms.ChoiceField(label=f"Test {place}: what", required=False, choices=known)
        found[f"{prefix}how{place}"] = forms.ChoiceField(label=f"Test {place}: how", choices=event_facts.HOW, required=False)
        value = forms.TextInput(attrs={"class": "w-8"})
        found[f"{prefix}value{place}"] = forms.CharField(label=f"Test {place}: value", required=False, max_length=200, widget=value)
    return found


def rows(form: forms.Form, *, prefix: str = "") -> Sequence[tuple[BoundField, BoundField, BoundField]]:
    """Return the rows that are filled, and one more while there is room."""
    all_rows = [(form[f"{prefix}what{place}"], form[f"{prefix}how{place}"], form[f"{prefix}value{place}"]) for place in range(1, MOST + 1)]
    filled = [place for place, (what, _, value) in enumerate(all_rows, start=1) if what.value() or value.value()]
    return all_rows[: max(filled, default=0) + 1]


def read(form: forms.Form, kind: str, *, currency: str, prefix: str = "") -> list[dict[str, Any]]:
    """Return the tests that a form says of events of a kind; what makes no sense is an error of its field."""
    said, found = form.cleaned_data, []
    for place in range(1, MOST + 1):
        what, how, value = (f"{prefix}{name}{place}" for name in ("what", "how", "value"))
        name, text = said.get(what, ""), said.get(value, "")
        if bool(name) != bool(text):
            form.add_error(value, "A test needs both: what, and its value.")
        elif name and name not in event_facts.of(kind):
            form.add_error(what, _not_there(kind))
        elif name:
            try:
                found.append(event_facts.written(name, said.get(how) or "is", text, currency=currency))
            except event_facts.Unreadable as error:
                form.add_error(value, str(error))
    return found


def _not_there(kind: str) -> str:
    if not kind:
        return "Choose first what happens."
    there = [event_facts.FACTS[name].words for name in event_facts.of(kind)]
    label = Event.Kind(kind).label if kind in Event.Kind.values else kind
    return f"“{label}” brings along {', '.join(there)}: choose one of these." if there else f"“{label}” brings nothing along to ask for."
