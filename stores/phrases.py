"""The product's own words in the languages of customers: English in the code, each other language one file `stores/locale/<code>.po`.

What a merchant writes is not translated here; a mail speaks one language, and these words are in the one its copy is in. Plurals go by
the rule in the file's head (CLDR's, as gettext writes it).
"""

import gettext
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.pofile import read_po

ENGLISH = "en"
_FOLDER = Path(__file__).resolve().parent / "locale"
#: By code, each in its own words, English first: adding one is adding its file.
LANGUAGES: dict[str, str] = {
    code: (name := str(Locale.parse(code, sep="-").get_display_name(code.replace("-", "_")) or code))[:1].upper() + name[1:]
    for code in (ENGLISH, *sorted(file.stem for file in _FOLDER.glob("*.po")))
}


@dataclass(frozen=True)
class Phrases:
    """The words of one language. What has no translation yet stays English: a test asks for every phrase of every file."""

    language: str
    locale: Locale = field(compare=False)
    said: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    said_many: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False, compare=False)
    form: Callable[[int], int] = field(default=lambda number: int(number != 1), repr=False, compare=False)

    def say(self, phrase: str, /, **holes: Any) -> str:
        """Return a phrase; `{name}` in it becomes what is given, Liquid stays as it is."""
        said = self.said.get(phrase, phrase)
        return said.format(**holes) if holes else said

    def say_many(self, number: int, one: str, many: str, /, **holes: Any) -> str:
        """Return "1 step" or "4 steps" of "{n} step" and "{n} steps", by the language's own rule of plurals; `n` may be said otherwise."""
        return self.said_many.get(one, (one, many))[self.form(number)].format(**{"n": number, **holes})


def marked(phrase: str) -> str:
    """Mark a phrase that is kept in English and said where the reader is known."""
    return phrase


@lru_cache(maxsize=64)
def of(language: str) -> Phrases:
    """Return the words of a language there is a file for; of any other, English."""
    if language == ENGLISH or language not in LANGUAGES:
        return Phrases(ENGLISH, Locale.parse("en_GB"))
    return read(_FOLDER / f"{language}.po")


@lru_cache(maxsize=64)
def read(path: Path) -> Phrases:
    """Return the words of a .po file, which is named by its language."""
    language = path.stem
    with path.open("rb") as file:
        catalog = read_po(file)
    held = [message for message in catalog if message.id and message.string]
    return Phrases(
        language,
        Locale.parse(language, sep="-"),
        {str(message.id): str(message.string) for message in held if not message.pluralizable},
        {message.id[0]: tuple(message.string) for message in held if message.pluralizable and isinstance(message.string, tuple | list)},
        gettext.c2py(catalog.plural_expr),
    )


def pick(wanted: Iterable[str], among: Collection[str]) -> str | None:
    """Return the first of `among` that one of the wanted languages means: "de-AT" means "de", and "pt" means "pt-BR"; else None."""
    held = {code.lower(): code for code in among}
    for tag in wanted:
        code = tag.strip().replace("_", "-").lower()
        base = code.partition("-")[0]
        near = [held[each] for each in sorted(held) if each.partition("-")[0] == base]
        found = held.get(code) or held.get(base) or (near[0] if near and base else None)
        if found:
            return found
    return None
