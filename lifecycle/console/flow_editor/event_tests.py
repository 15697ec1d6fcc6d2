"""Tests on what an event brings along ("the score is at least 4"), as rows of three fields in a form: what, how, and the value."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from campaigns import event_facts
from customers.models import Event

#: How many tests stand on a page.
MOST = 3


def held(tests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return tests as the initial values of the fields."""
    found: dict[str, Any] = {}
    for place, test in enumerate(tests[:MOST], start=1):
        found |= {f"what{place}": test["name"], f"how{place}": test["test"], f"value{place}": event_facts.value(test)}
    return found


def fields() -> dict[str, forms.Field]:
    """Return the fields of the rows."""
    known = [("", "anything"), *((name, fact.words) for name, fact in event_facts.FACTS.items())]
    found: dict[str, forms.Field] = {}
    for place in range(1, MOST + 1):
        found[f"what{place}"] = forms.ChoiceField(label=f"Test {place}: what", required=False, choices=known)
        found[f"how{place}"] = forms.ChoiceField(label=f"Test {place}: how", choices=event_facts.HOW, required=False)
        value = forms.TextInput(attrs={"class": "w-8"})
        found[f"value{place}"] = forms.CharField(label=f"Test {place}: value", required=False, max_length=200, widget=value)
    return found


def rows(form: forms.Form) -> Sequence[tuple[BoundField, BoundField, BoundField]]:
    """Return the rows that are filled, and one more while there is room."""
    filled = [place for place in range(1, MOST + 1) if form[f"what{place}"].value() or form[f"value{place}"].value()]
    shown = range(1, min(max(filled, default=0) + 1, MOST) + 1)
    return [(form[f"what{place}"], form[f"how{place}"], form[f"value{place}"]) for place in shown]


def read(form: forms.Form, kind: str, *, currency: str) -> list[dict[str, Any]]:
    """Return the tests that a form says of events of a kind; what makes no sense is an error of its field."""
    said, found = form.cleaned_data, []
    for place in range(1, MOST + 1):
        name, text = said.get(f"what{place}", ""), said.get(f"value{place}", "")
        if bool(name) != bool(text):
            form.add_error(f"value{place}", "A test needs both: what, and its value.")
        elif name and name not in event_facts.of(kind):
            form.add_error(f"what{place}", _not_there(kind))
        elif name:
            try:
                found.append(event_facts.written(name, said.get(f"how{place}") or "is", text, currency=currency))
            except event_facts.Unreadable as error:
                form.add_error(f"value{place}", str(error))
    return found


def _not_there(kind: str) -> str:
    there = [event_facts.FACTS[name].words for name in event_facts.of(kind)]
    label = Event.Kind(kind).label if kind in Event.Kind.values else kind
    return f"“{label}” brings along {', '.join(there)}: choose one of these." if there else f"“{label}” brings nothing along to ask for."
