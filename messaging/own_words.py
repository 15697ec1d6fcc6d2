"""Mails in words of our own, which speak every language there are words of: marked phrases, said where the reader is known."""

from collections.abc import Mapping
from typing import Any

from messaging import rendering
from messaging.models import Purpose
from messaging.rendering import Rendered
from stores import phrases
from stores.models import Store

_SAID = ("subject", "preheader", "text", "label")


def draw(step: str, content: Mapping[str, Any], store: Store, language: str, values: Mapping[str, Any]) -> Rendered:
    """Return a mail whose words are marked phrases, said in a language there are words of."""

    def worded() -> dict[str, Any]:
        return dict(said(content, phrases.of(language)))

    brand = rendering.brand_of(store, language)
    return rendering.compiled((step, language), worded, brand, Purpose.TRANSACTIONAL).render(values)


def said(held: Any, words: phrases.Phrases) -> Any:
    """Return a content, or its blocks, with its phrases said."""
    if isinstance(held, Mapping):
        return {name: words.say(each) if name in _SAID else said(each, words) for name, each in held.items()}
    return [said(each, words) for each in held] if isinstance(held, list | tuple) else held
