"""What saving a mail's content refuses, and where."""

import time

import pytest

from messaging import rendering
from messaging.rendering import Problem, environments


def content(words, **more):
    return {"subject": "Hello", "blocks": [{"kind": "text", "text": words}], **more}


KNOWN = {"first_name", "items"}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Hi {{ first_name }}", None),
        ("{% for item in items %}{{ item.name }}{{ forloop.index }}{% endfor %}", None),
        ("{% assign x = first_name %}{{ x }}", None),
        ("Hi {{ frist_name }}", Problem("block 1, text", "There is no value 'frist_name'.", 6)),
        ("One.\n\nHi {{ who }}", Problem("block 1, text", "There is no value 'who'.", 12)),
        ("{{ first_name | shout }}", Problem("block 1, text", "There is no filter 'shout'.", 16)),
        ("{{ first_name | safe }}", Problem("block 1, text", "There is no filter 'safe'.", 16)),
        ("ab {% include 'x' %}", Problem("block 1, text", "unexpected tag 'include'", 6)),
    ],
)
def test_names_the_place(words, problem):
    assert rendering.check(content(words), known=KNOWN) == ([problem] if problem else [])


@pytest.mark.parametrize(
    "words", ["{{ first_name", "{% if first_name %}x", "{% endif %}", "{% if a %}x\n\ny{% endif %}", "{{ | }}", "{% for %}"]
)
def test_broken_liquid_is_a_problem_and_never_compiles(words):
    assert [problem.where for problem in rendering.check(content(words))][:1] == ["block 1, text"]
    with pytest.raises(rendering.RenderError, match="block 1, text"):
        rendering.compile_mail(content(words), brand=rendering.Brand(name="x"), purpose="service")


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ({"blocks": [{"kind": "divider"}]}, "subject"),
        ({"subject": " ", "blocks": [{"kind": "divider"}]}, "subject"),
        ({"subject": "x"}, "blocks"),
        ({"subject": "x", "blocks": []}, "blocks"),
        ({"subject": "x", "blocks": [{"kind": "divider"}] * 41}, "blocks"),
        ({"subject": "x", "blocks": [{"kind": "html", "text": "<b>"}]}, "block 1"),
        ({"subject": "x", "blocks": ["divider"]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "divider"}, {"kind": "text"}]}, "block 2"),
        ({"subject": "x", "blocks": [{"kind": "text", "text": "x" * 4001}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "text", "text": "x", "style": "y"}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "divider", "only": "friends"}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "divider", "if": "a %}{{ b"}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "divider", "if": "a", "unless": "b"}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "question", "answers": ["a", "b"]}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "heading", "text": "x", "level": 7}]}, "block 1"),
        ({"subject": "x", "blocks": [{"kind": "button", "label": "x", "url": 7}]}, "block 1"),
    ],
)
def test_the_shape_is_checked(broken, where):
    assert [problem.where for problem in rendering.check(broken)] == [where]


def test_a_test_for_an_unknown_value_is_a_problem():
    found = rendering.check({"subject": "x", "blocks": [{"kind": "divider", "if": "nope"}]}, known=KNOWN)
    assert found == [Problem("block 1", "There is no value 'nope'.")]


BOMBS = [
    "{% assign a = (1..1000000000) | join: ',' %}",
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{{ (1 .. 99999999) | last }}",
    "{% for a in items %}{% for b in items %}{% for c in items %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% assign a = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' %}{% for i in items %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    "{{ 'x' | replace: 'x', 'xxxxxxxx' }}",
    "{{ 9 | times: 9 }}",
    "{% capture a %}{% for i in items %}{% for j in items %}{{ items | join: 'xxxxxxxxxx' }}{% endfor %}{% endfor %}{% endcapture %}",
    "{% render 'x' %}",
    "{{ '' | date: '%Y' }}",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_do_not_go_off(bomb):
    started = time.monotonic()
    with pytest.raises(rendering.RenderError):
        rendering.compile_mail(content(bomb), brand=rendering.Brand(name="x"), purpose="transactional").render({"items": list(range(40))})
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("source", ["{{ x.__class__ }}", "{{ x.upper }}", "{{ x['__len__'] }}", "{{ x.format }}"])
def test_nothing_of_python_can_be_reached(source):
    assert environments.parse(source, escaped=False).render(x="abc") == ""


def test_dots_in_words_and_in_quotation_marks_are_no_range():
    assert environments.parse("Wait... {{ x | append: '..' }}", escaped=False).render(x="a") == "Wait... a.."
