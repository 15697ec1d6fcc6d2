"""The product's own words in other languages: complete, with their holes, and counted by each language's rule."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from stores import phrases

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code in phrases.LANGUAGES if code != phrases.ENGLISH]
_HOLE = re.compile(r"\{\{.*?\}\}|\{\w+\}|\]\(|\*\*")
_CALLS = ("say", "say_many", "marked")
_IN_TEMPLATES = re.compile(r'{% say "([^"]+)"')


@lru_cache(maxsize=1)
def used() -> dict[str, str]:
    """Return every phrase the code and the customers' pages say, by its first form; the second where it is counted."""
    rooms = ("campaigns", "customers", "enquiries", "lifecycle", "messaging", "offers", "orders", "stores", "surveys")
    found = {one: many for room in rooms for file in (ROOT / room).rglob("*.py") for one, many in _said(file.read_text())}
    for file in (ROOT / "templates").rglob("*.html"):
        found |= {phrase: phrase for phrase in _IN_TEMPLATES.findall(file.read_text())}
    named = ("REMIND", "UNTIL", "_MORE_LINES")
    for node in ast.walk(ast.parse((ROOT / "messaging/rendering/html_blocks.py").read_text())):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in named:
            assert isinstance(node.value, ast.Constant)
            found[str(node.value.value)] = str(node.value.value)
    return found


def _said(source: str) -> Iterator[tuple[str, str]]:
    """Return the constant phrases that are said, or marked to be said, by their first and their last form."""
    for node in ast.walk(ast.parse(source)) if "say" in source or "marked" in source else ():
        if isinstance(node, ast.Call) and _name(node.func) in _CALLS:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            yield from [(texts[0], texts[-1])] if texts else []


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return "marked" if isinstance(function, ast.Name) and function.id == "marked" else ""


@pytest.mark.parametrize("code", OTHERS)
def test_every_phrase_has_its_translation_and_none_is_left_over(code):
    held = phrases.of(code)
    assert set(used()) ^ {*held.said, *held.said_many} == set()


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_holes_of_its_phrase_and_nothing_that_breaks_a_page(code):
    held = phrases.of(code)
    assert {one: said for one, said in held.said.items() if sorted(_HOLE.findall(one)) != sorted(_HOLE.findall(said))} == {}
    assert [said for said in held.said.values() if set(said) & set("<>&\"'")] == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("es", r"\b([Uu]sted|[Ee]scriba|[Ee]scríbanos|[Ee]lija|[Ss]u pedido)\b"),  # tú, as the mails say
        ("fr", r" [:;?!»]|« "),  # these stay with their word
    ],
)
def test_a_language_keeps_to_its_ways(code, wrong):
    held = phrases.of(code)
    said = [*held.said.values(), *(form for forms in held.said_many.values() for form in forms)]
    assert [text for text in said if re.search(wrong, text)] == []


@pytest.mark.parametrize(
    ("code", "counted"),
    [
        ("en", ["0 steps", "1 step", "2 steps", "5 steps", "11 steps"]),
        ("de", ["0 Schritte", "1 Schritt", "2 Schritte", "5 Schritte", "11 Schritte"]),
        ("fr", ["0 étape", "1 étape", "2 étapes", "5 étapes", "11 étapes"]),
        ("ar", ["0 خطوة", "خطوة واحدة", "خطوتان", "5 خطوات", "11 خطوة"]),
    ],
)
def test_things_are_counted_by_the_rule_of_the_language(code, counted):
    assert [phrases.of(code).say_many(number, "{n} step", "{n} steps") for number in (0, 1, 2, 5, 11)] == counted


@pytest.mark.parametrize(
    ("wanted", "among", "found"),
    [
        (("de-AT",), ("en", "de"), "de"),
        (("pt_PT",), ("en", "pt-BR"), "pt-BR"),
        (("", "nl", "fr-CA"), ("en", "fr"), "fr"),
        (("nl",), ("en", "de"), None),
        (("", " "), ("en", "de"), None),
        (("PT-br",), ("en", "pt-BR"), "pt-BR"),
    ],
)
def test_the_nearest_language_is_picked(wanted, among, found):
    assert phrases.pick(wanted, among) == found


def test_a_language_without_a_file_speaks_english():
    assert phrases.of("nl").language == "en"
    assert phrases.LANGUAGES["de"] == "Deutsch"
