"""Tell a merchant, when saving, what is wrong with a mail's content and where."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from messaging.rendering import blocks, environments, mail, markup, proofs
from messaging.rendering.brand import Brand
from messaging.rendering.errors import RenderError

#: What a mail says in one language.
_WORDS = ("subject", "preheader", "blocks")
#: How the editor calls what a block's fields are called here.
_FIELDS = {"src": "picture", "src2": "second picture", "alt": "what the picture shows", "alt2": "what the second picture shows"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where ("subject", "block 3, text"), what, and the letter it starts at, if that is known."""

    where: str
    what: str
    position: int | None = None

    @property
    def place(self) -> str:
        """Return where in the words of the editor: "Block 3, picture"."""
        block, _, field = self.where.rpartition(", ")
        said = f"{block}, {_FIELDS.get(field, field)}" if block else field
        return f"{said[0].upper()}{said[1:]}"


def check(content: Mapping[str, Any], *, known: Collection[str] | None = None) -> list[Problem]:
    """Return the problems of a content, empty if there are none; `known` are the values' names, None checks no names."""
    shape = [Problem(where, what) for where, what in blocks.complaints(content)]
    return shape or [problem for language in blocks.languages(content) for problem in _of_language(content, language, known)]


def _of_language(content: Mapping[str, Any], language: str, known: Collection[str] | None) -> list[Problem]:
    """Return the problems of what a mail says in one of its languages; of another than its own, each with its name."""
    said = blocks.in_language(content, language)
    words = json.dumps({name: said.get(name) for name in _WORDS}, sort_keys=True, ensure_ascii=False)
    found = list(_kept(words, None if known is None else frozenset(known)))
    return found if said is content else [replace(problem, where=f"{language}, {problem.where}") for problem in found]


@lru_cache(maxsize=1024)
def _kept(words: str, known: frozenset[str] | None) -> tuple[Problem, ...]:
    """Return the problems of words that may have been looked at before: of a mail in five languages, one is written at a time."""
    return tuple(_of_words(json.loads(words), known))


def _of_words(content: Mapping[str, Any], known: Collection[str] | None) -> list[Problem]:
    found = [problem for where, source in blocks.texts(content) for problem in _of_text(where, source, known)]
    if known is not None:
        found += _of_tests(content, known)
    found += [Problem(proof.where, proof.what) for proof in proofs.read(content) if proof.is_grave]
    return found or _of_whole(content)


def _of_text(where: str, source: str, known: Collection[str] | None) -> list[Problem]:
    found: list[Problem] = []
    for part in markup.paragraphs(source):
        start = source.index(part)
        try:
            template = environments.parse(part, escaped=False)
        except LiquidError as error:
            found.append(Problem(where, _in_words(error), start + _index(error)))
            continue
        found += [Problem(where, what, start + at) for what, at in _of_names(template, known)]
    return found


def _of_names(template: BoundTemplate, known: Collection[str] | None) -> list[tuple[str, int]]:
    analysis = template.analyze()
    found = [
        (f"There is no filter {name!r}.", spans[0].index) for name, spans in analysis.filters.items() if name not in environments.FILTERS
    ]
    if known is not None:
        unknown = [(name, uses) for name, uses in analysis.globals.items() if name not in known]
        found += [(f"There is no value {name!r}.", uses[0].span.index) for name, uses in unknown]
    return found


def _of_tests(content: Mapping[str, Any], known: Collection[str]) -> list[Problem]:
    tests = [(number, block[name]) for number, block in enumerate(content["blocks"], start=1) for name in ("if", "unless") if name in block]
    return [Problem(f"block {number}", f"There is no value {name!r}.") for number, name in tests if name.split(".")[0] not in known]


def _of_whole(content: Mapping[str, Any]) -> list[Problem]:
    """Try what only the whole mail can tell."""
    try:
        mail.compile_mail(content, brand=Brand(name="Shop"), purpose="marketing")
    except RenderError as error:
        return [Problem("mail", str(error))]
    return []


def _in_words(error: LiquidError) -> str:
    return str(error.args[0] if error.args else error).splitlines()[0].strip()


def _index(error: LiquidError) -> int:
    token = getattr(error, "token", None)
    return token.start_index if token is not None else 0
