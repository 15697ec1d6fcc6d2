"""A segment that a recipe is for: made and watched when it is installed, unless the store has one of that name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segments import saving
from segments.models import Segment
from stores.models import Store


@dataclass(frozen=True)
class Wanted:
    name: str
    rule: dict[str, Any]

    def of(self, store: Store, *, now: datetime) -> Segment:
        """Return the store's segment; entering it is told to the wire from now on."""
        held = Segment.objects.filter(store=store, name=self.name, archived_at=None).first()
        if held is None:
            return saving.create(store, name=self.name, rule=self.rule, now=now, is_watched=True)
        saving.watch(held, is_watched=True)
        return held
