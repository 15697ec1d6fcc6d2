"""Draws the mails that somebody asks for on these pages: ours in words, so they speak every language there are words of."""

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
        return dict(_in_words(content, phrases.of(language)))

    brand = rendering.brand_of(store, language)
    return rendering.compiled((step, language), worded, brand, Purpose.TRANSACTIONAL).render(values)


def _in_words(held: Any, words: phrases.Phrases) -> Any:
    if isinstance(held, Mapping):
        return {name: words.say(each) if name in _SAID else _in_words(each, words) for name, each in held.items()}
    return [_in_words(each, words) for each in held] if isinstance(held, list) else held
