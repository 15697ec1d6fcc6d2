"""What to do next, from where somebody stands on the two axes and from what they have done so far. Rules only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Quadrant(StrEnum):
    """Where a customer stands: close to buying or not, moving others or not."""

    ADVOCATES = "advocates"
    BUYERS = "buyers"
    VOICES = "voices"
    QUIET = "quiet"


@dataclass(frozen=True)
class Words:
    """How a quadrant is called, what it means, and what to do with its people."""

    name: str
    meaning: str
    action: str


WORDS = {
    Quadrant.ADVOCATES: Words("Advocates", "They buy, and others hear of it.", "Give them something to pass on, and thank them first."),
    Quadrant.BUYERS: Words("Quiet buyers", "They buy, and keep it to themselves.", "Ask what they think of it: a review moves others."),
    Quadrant.VOICES: Words(
        "Voices", "They speak of the shop and buy little.", "Show them what suits them: people recommend what they own."
    ),
    Quadrant.QUIET: Words("Quiet", "Little has happened lately.", "Help with what they bought, then be silent until they come back."),
}


def quadrant_of(value: float, impact: float, *, value_split: float, impact_split: float) -> Quadrant:
    """Return where a customer stands; exactly on a line counts as high."""
    if value >= value_split > 0:
        return Quadrant.ADVOCATES if impact >= impact_split > 0 else Quadrant.BUYERS
    return Quadrant.VOICES if impact >= impact_split > 0 else Quadrant.QUIET


#: The first that fits is said: (has any of these, has none of these, what to do).
_LADDER: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("checkout_started",), ("purchase",), "Ask whether something went wrong when they wanted to pay."),
    (("product_added", "wish_listed"), ("purchase",), "Remind them of what they put aside."),
    (("reviewed", "praised"), ("referred", "shared"), "Ask them to bring a friend."),
    (("purchase", "renewed"), ("reviewed", "answered", "praised"), "Ask how it is, then for a review."),
    (("purchase", "renewed"), ("subscribed",), "Ask whether they want to hear of news."),
    (("product_viewed", "searched"), ("purchase",), "Help them choose: a guide to what they looked at."),
    (("mail_clicked", "repeat_visit", "guide_taken"), ("purchase",), "Offer help in person, or a guide that goes further."),
    (("answered", "replied"), ("reviewed",), "They answer when asked: ask for a review."),
)
_FROM = 0.3  # so much of an action must be left of it to say something


def next_action(counts: Mapping[str, float], quadrant: Quadrant) -> str:
    """Return what would lead one customer on: the next rung above what they did lately, else what their quadrant is told."""
    lately = {key for key, count in counts.items() if count >= _FROM}
    for any_of, none_of, words in _LADDER:
        if lately & set(any_of) and not lately & set(none_of):
            return words
    return WORDS[quadrant].action
