"""The kinds of mail a customer may choose from, in the words they read: four, which a store may put into its own words.

Each belongs to a purpose of the permission rules: help (service) or offers and news (marketing). Order mails are no topic: they always go.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from customers.models import Consent
from stores.models import Store

Purpose = Consent.Topic


@dataclass(frozen=True)
class Words:
    """A topic as customers read it: what it is called, what they get, and a subject line of such a mail."""

    key: str
    purpose: str
    name: str
    sentence: str
    example: str


_SERVICE, _MARKETING = Purpose.SERVICE.value, Purpose.MARKETING.value
DEFAULTS = {
    words.key: words
    for words in (
        Words(
            "tips", _SERVICE, "Help with what you bought", "How to get the most of it, and how to care for it.",
            "It lands tomorrow: 4 steps to a good start",
        ),
        Words(
            "questions", _SERVICE, "Questions and reviews", "One question after it arrived, so that we learn what to do better.",
            "Is it pulling its weight?",
        ),
        Words(
            "offers", _MARKETING, "Offers for you", "What goes with what you bought, and a thank-you now and then.",
            "A thank-you, until Sunday",
        ),
        Words(
            "news", _MARKETING, "News and guides", "New things, guides, and what goes on in the shop.",
            "New this week, and how it is made",
        ),
    )
}  # fmt: skip


def of(store: Store) -> list[Words]:
    """Return the store's topics in their order."""
    own = store.topics
    return [Words(key, words.purpose, *own.get(key, (words.name, words.sentence, words.example))) for key, words in DEFAULTS.items()]


def put(store: Store, words: Mapping[str, tuple[str, str, str]]) -> None:
    """Keep the store's own (name, sentence, example) of its topics."""
    Store.objects.filter(pk=store.pk).update(topics=dict(words))
