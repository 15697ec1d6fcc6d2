"""What is played: flows with their steps, as plain values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns import timing


@dataclass(frozen=True)
class Wait:
    """A step that waits (`campaigns.waits`): for an event of this kind of which the tests hold, at most so many hours after it began."""

    rule: timing.Rule
    event: str
    where: Sequence[Mapping[str, Any]]
    hours: int
    after: "Wait | None" = None


@dataclass(frozen=True)
class Part:
    """One step as it is played. `seconds` is the segment (id) of the step that may take its place; `after` is the wait it hangs from.

    `is_joined`: one mail goes for several orders (`campaigns.joining`). `topic` is that of a mail which customers may decline.
    """

    key: str
    name: str
    place: int
    rule: timing.Rule
    purpose: str
    conditions: tuple[str, ...] = ()
    switch: str = ""
    offer: int | None = None
    has_code: bool = False
    outlives_its_order: bool = False
    only_if: int | None = None
    is_instead: bool = False
    seconds: int | None = None
    is_mail: bool = True
    is_joined: bool = False
    shows_tips: bool = False
    after: Wait | None = None
    topic: str = ""

    @property
    def is_selling(self) -> bool:
        return self.purpose == "marketing"

    @property
    def is_urgent(self) -> bool:
        return self.purpose == "transactional"


@dataclass(frozen=True)
class Cap:
    """So many mails within so many days; `mails` None is any number."""

    mails: int | None = None
    days: int = 7


@dataclass(frozen=True)
class Play:
    """One flow as it is played: `number` is its id, `exits` are names of `leaving.EXITS`, `ends` events that end it: kind and tests."""

    number: int
    key: str
    parts: tuple[Part, ...]
    priority: int = 50
    cap: Cap = field(default=Cap())
    exits: frozenset[str] = frozenset()
    ends: tuple[tuple[str, Sequence[Mapping[str, Any]]], ...] = ()
