"""The people of a rehearsal, and their passages through the flows that are played. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns import filters
from campaigns.rehearsal.parts import Play
from campaigns.rehearsal.story import Story
from campaigns.rehearsal.trouble import Span
from messaging.reasons import Reason


@dataclass(slots=True)
class Person:
    """What the decisions ask about one customer. `bought` are moments and products, `had` those of orders that count, of which `ordered`
    are the moments. `declined` are topics, `breaks` when they want order mails alone.

    `told` are events by their kind, each with its moment and its data, in the order of time.
    """

    number: int
    refusals: Mapping[str, Reason | None]
    is_unsubscribed: bool = False
    is_subscribed: bool = False
    declined: Collection[str] = ()
    wants_fewer: bool = False
    breaks: Sequence[Span] = ()
    bought: Sequence[tuple[datetime, int]] = ()
    had: Sequence[tuple[datetime, int]] = ()
    ordered: Sequence[datetime] = ()
    tasks: Sequence[Span] = ()
    troubles: Sequence[Span] = ()
    segments: Collection[int] = ()
    told: Mapping[str, Sequence[tuple[datetime, Mapping[str, Any]]]] = field(default_factory=dict)


@dataclass(slots=True)
class Passage:
    """One person's passage through one flow. `guided` are products of the order with tips, `pairs` such as go well with it, `end` why it
    is over, since `ended_at`.

    Where it is about no order but a thing, `about` are the products, or it is about a cart, which was `completed_at`.
    """

    play: Play
    person: Person
    began_at: datetime
    zone: ZoneInfo
    order: int | None = None
    story: Story | None = None
    end: Reason | None = None
    ended_at: datetime | None = None
    happy_at: datetime | None = None
    unhappy_at: datetime | None = None
    answered_at: datetime | None = None
    returned_at: datetime | None = None
    guided: Collection[int] = ()
    lessons: int = 0
    has_call: bool = False
    pairs: Collection[int] = ()
    is_held_out: bool = False
    is_asked_for_review: bool = False
    has_check_in: bool = False
    about: Collection[int] = ()
    is_about_cart: bool = False
    completed_at: datetime | None = None
    is_available: bool = False
    worth: int = 0

    def is_over(self, at: datetime) -> bool:
        """Say whether by then its order had ended."""
        return self.end is not None and (self.ended_at is None or self.ended_at <= at)

    def heard(self, kind: str, where: Sequence[Mapping[str, Any]]) -> Iterator[datetime]:
        """Yield when events of a kind came since it began of which the tests hold, and which it is about."""
        asked = {"event": kind, "where": where}
        for at, data in self.person.told.get(kind, ()):
            if at > self.began_at and filters.is_meant(asked, kind, data, order=self.order):
                yield at
