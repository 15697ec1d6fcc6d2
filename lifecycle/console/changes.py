"""Writes down who changed which setting of a store, and when: never a secret, only that it was changed."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django import forms
from django.utils.formats import date_format, time_format

from lifecycle.console.account import person
from stores import clock
from stores.access import StoreRequest
from stores.models import SettingChange

_LONGEST = 300
_SECRET, _ANOTHER = "kept secret", "another, kept secret"


def note(request: StoreRequest, what: str, before: str, after: str) -> None:
    """Write one change down."""
    _note(request, [(what, before, after)])


def note_form(request: StoreRequest, form: forms.BaseForm, *, about: str = "") -> None:
    """Write down what a valid form changes, field by field; of a secret only that it was changed."""
    changed = []
    for name in form.changed_data:
        field = form.fields[name]
        if name not in form.cleaned_data:
            continue
        if isinstance(field.widget, forms.PasswordInput):
            before, after = _SECRET, _ANOTHER
        else:
            before, after = _words(field, form.get_initial_for_field(field, name)), _words(field, form.cleaned_data[name])
        if before != after:
            changed.append((f"{about}: {field.label}" if about else str(field.label), before, after))
    _note(request, changed)


def _note(request: StoreRequest, changed: Iterable[tuple[str, str, str]]) -> None:
    who, now = person(request), clock.read()
    SettingChange.objects.bulk_create(
        SettingChange(store=request.store, by=who, by_name=str(who), at=now, what=what[:200], before=before, after=after)
        for what, before, after in changed
    )


def _words(field: forms.Field, value: Any) -> str:
    """Return a value as people read it."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in field.choices}  # type: ignore[union-attr,misc]
        return ", ".join(labels.get(str(each), str(each)) for each in (value if isinstance(value, list) else [value]))
    if isinstance(value, time):
        return time_format(value, "H:i")
    if isinstance(value, date):
        return date_format(value, "j M Y")
    return str(value)[:_LONGEST]
