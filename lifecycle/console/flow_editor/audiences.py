"""The choice of whom a flow or a step is for: everyone, a segment, or one of the ready-made groups, which becomes a segment once chosen."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from customers.models import Rfm
from lifecycle.console.flow_editor.offered import One
from segments import ready_made, saving
from segments.models import Segment
from stores.models import Store


class _Field(forms.ChoiceField):
    """The choice; a ready-made one stays good on a page that was drawn before it became a segment."""

    def __init__(self, ready: Collection[str], **rest: Any) -> None:
        self.ready = ready
        super().__init__(**rest)

    def valid_value(self, value: Any) -> bool:
        return value in self.ready or super().valid_value(value)


def field(
    label: str, store: Store, *, held: Segment | None, now: datetime, nobody: str = "everyone", there: Sequence[One] | None = None
) -> forms.ChoiceField:  # fmt: skip
    """Return the choice, with the words for none; the segment that is `held` stays one, even where it was put away.

    What is `there` is asked for, where the page has not.
    """
    known = Segment.objects.filter(store=store, archived_at=None).order_by("name") if there is None else there
    segments = {f"{each.pk}": each.name for each in known}
    if held is not None:
        segments.setdefault(f"{held.pk}", held.name)
    names = set(segments.values())
    made = {f"ready:{name}": name for name, _ in _ready(store, now=now)}
    ready = [(value, name) for value, name in made.items() if name not in names]
    choices: list[tuple[str, Any]] = [("", nobody)]
    choices += [("Your segments", list(segments.items()))] if segments else []
    choices += [("Ready-made", ready)] if ready else []
    return _Field(made, label=label, choices=choices, required=False)


def chosen(value: str, store: Store, *, now: datetime) -> Segment | None:
    """Return the segment that was chosen, made from its rule where there is none yet; None where none was."""
    if not value.startswith("ready:"):
        return Segment.objects.get(store=store, pk=int(value)) if value else None
    name = value.removeprefix("ready:")
    there = Segment.objects.filter(store=store, name=name, archived_at=None).first()
    return there or saving.create(store, name=name, rule=dict(_ready(store, now=now))[name], now=now)


def _ready(store: Store, *, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and rule of what every store may choose: the groups by recency and frequency, and the ready-made segments."""
    for group in Rfm.Group:
        yield str(group.label), {"all": [{"what": "rfm_group", "op": "any", "values": [group.value]}]}
    for each in ready_made.of(store, today=now.astimezone(ZoneInfo(store.timezone)).date()):
        if each.name not in Rfm.Group.labels:
            yield each.name, each.rule
