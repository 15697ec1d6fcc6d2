"""What a mail says in other languages than its own: kept beside its own words, and known to be behind once those change. Pure.

`content["in"][code]` is a whole mail; its "of" names the words of the mail's own language that it says in this one.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from messaging import rendering
from stores import phrases

Content = Mapping[str, Any]

#: What a mail says.
SAYS = ("subject", "preheader", "blocks")


def put(content: Content, language: str, said: Content) -> dict[str, Any]:
    """Return a content that says `said` in another language than its own, as it stands now."""
    words = {**{name: said[name] for name in SAYS if name in said}, "of": digest(content)}
    return {**content, "in": {**content.get("in", {}), language: words}}


def changed(content: Content, language: str, said: Content) -> dict[str, Any]:
    """Return a content with what was written in one of its other languages; the same words leave it as it is, and as far behind."""
    held = content["in"][language]
    is_same = all(held.get(name) == said.get(name) for name in SAYS)
    return dict(content) if is_same else put(content, language, said)


def confirmed(content: Content, language: str) -> dict[str, Any]:
    """Return a content in which the words of a language are right for what its own language says now."""
    return put(content, language, content["in"][language])


def without(content: Content, language: str) -> dict[str, Any]:
    """Return a content that is not said in a language any more."""
    others = {code: said for code, said in content["in"].items() if code != language}
    return {**{name: value for name, value in content.items() if name != "in"}, **({"in": others} if others else {})}


def is_behind(content: Content, language: str) -> bool:
    """Say whether the mail's own words changed since those of this language were written."""
    now = digest(content)
    return bool(content["in"][language].get("of", now) != now)


def written_in(content: Content, language: str) -> dict[str, Any]:
    """Return a content whose own words are of a language; English need not be named."""
    named = {"language": language} if language != phrases.ENGLISH else {}
    return {**{name: value for name, value in content.items() if name != "language"}, **named}


def own(content: Content) -> str:
    """Return the language a mail was written in."""
    return rendering.languages(content)[0]


def digest(content: Content) -> str:
    """Return what names the words of a content's own language."""
    said = [content.get(name) or "" for name in SAYS]
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]
