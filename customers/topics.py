"""The kinds of mail a customer may choose from, in the words they read: four, which a store may put into its own words.

Each belongs to a purpose of the permission rules: help (service) or offers and news (marketing). Order mails are no topic: they always go.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from customers.models import Consent
from stores.models import Store
from stores.phrases import Phrases, marked

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
            "tips", _SERVICE, marked("Help with what you bought"), marked("How to get the most of it, and how to care for it."),
            marked("It lands tomorrow: 4 steps to a good start"),
        ),
        Words(
            "questions", _SERVICE, marked("Questions and reviews"),
            marked("One question after it arrived, so that we learn what to do better."), marked("Is it pulling its weight?"),
        ),
        Words(
            "offers", _MARKETING, marked("Offers for you"), marked("What goes with what you bought, and a thank-you now and then."),
            marked("A thank-you, until Sunday"),
        ),
        Words(
            "news", _MARKETING, marked("News and guides"), marked("New things, guides, and what goes on in the shop."),
            marked("New this week, and how it is made"),
        ),
    )
}  # fmt: skip


def of_mail(purpose: str, *, asks: bool, is_one_off: bool) -> str:
    """Return the topic of a mail by its purpose; `asks`: it asks its customer something. Order mails are none: ""."""
    if purpose == _SERVICE:
        return "questions" if asks else "tips"
    if purpose == _MARKETING:
        return "news" if is_one_off else "offers"
    return ""


def of(store: Store, spoken: Phrases | None = None) -> list[Words]:
    """Return the store's topics in their order: its own words as they are, ours in the language that is `spoken`."""
    say = spoken.say if spoken else str
    return [
        Words(key, words.purpose, *store.topics.get(key, (say(words.name), say(words.sentence), say(words.example))))
        for key, words in DEFAULTS.items()
    ]


def put(store: Store, words: Mapping[str, tuple[str, str, str]]) -> None:
    """Keep the store's own (name, sentence, example) of its topics."""
    Store.objects.filter(pk=store.pk).update(topics=dict(words))
