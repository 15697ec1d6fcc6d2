"""The recipes' mails in other languages: `words/<code>.po`, by the English text. Adding a language is adding its file.

A mail is translated whole or not at all. Each language keeps to one way of speaking to somebody: German says Sie, because a shop does not
know how old its customers are or how well they like it, French vous, Spanish tú, Brazilian Portuguese você, and Arabic speaks to one person
in the standard language, as shops there mostly do. A product's grammatical gender is not known, so German, Portuguese and Arabic put its
name in quotes, behind a colon or alone, never behind an article; nor is that of who signs, so in Arabic an answer comes “from Jo”. Nothing
is shouted: no sentence ends in an exclamation mark.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from campaigns import translating
from stores import phrases

FOLDER = Path(__file__).resolve().parent / "words"
LANGUAGES = (phrases.ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.po")))
#: What of a block is read by people; the rest is the same in every language.
_TEXTS = ("text", "label", "alt", "text2", "label2", "alt2", "role", "html")


def spoken(content: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """Return an English content in these languages, as far as there are words for it; the first is the mail's own, else English is."""
    said = {code: whole for code in languages if (whole := in_language(content, code)) is not None}
    own = languages[0] if languages[0] in said else phrases.ENGLISH
    mail = translating.written_in(said.pop(own, content), own)
    for code, whole in said.items():
        mail = translating.put(mail, code, whole)
    return mail


def in_language(content: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """Return what an English content says in a language; None where any of it has no words there yet."""
    if language == phrases.ENGLISH:
        return dict(content)
    held = phrases.read(FOLDER / f"{language}.po").said if language in LANGUAGES else {}
    if any(text not in held for text in texts(content)):
        return None
    return _with(content, lambda text: held[text])


def texts(content: Mapping[str, Any]) -> list[str]:
    """Return everything a content says, in its order."""
    found: list[str] = []

    def heard(text: str) -> str:
        found.append(text)
        return text

    _with(content, heard)
    return found


def _with(content: Mapping[str, Any], said: Callable[[str], str]) -> dict[str, Any]:
    whole = {"subject": said(content["subject"]), "preheader": said(content["preheader"]) if content.get("preheader") else ""}
    return {**whole, "blocks": [_block(block, said) for block in content["blocks"]]}


def _block(block: Mapping[str, Any], said: Callable[[str], str]) -> dict[str, Any]:
    words: dict[str, Any] = {name: said(block[name]) for name in _TEXTS if block.get(name)}
    if "answers" in block:
        words["answers"] = [said(answer) for answer in block["answers"]]
    return {**block, **words}
