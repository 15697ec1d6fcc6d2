"""The compiled templates against python-liquid, which they must equal in every letter and every error."""

import re
import textwrap

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from campaigns import values
from campaigns.recipes import post_purchase
from messaging import rendering
from messaging.rendering import bidi, environments, mail
from messaging.rendering.compiling import Template, written
from tests.campaigns.mail_facts import STORE, arrived, facts
from tests.thoroughness import examples

NAMES = st.sampled_from(["a", "b", "items", "item", "x-y", "forloop"])
WORDS = st.sampled_from(["", " ", "\n", "é", "Tom & Ana", "<b>", "'", "3", "nil", "https://a.example/?x=1&y=2", "{", "size"])
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-3, 30), st.floats(-2, 2), WORDS, st.text(max_size=6), WORDS.map(Markup),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "size", "first", "b"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
MANY_VALUES = st.fixed_dictionaries({"a": VALUES, "items": st.lists(VALUES, max_size=4)}, optional={"b": VALUES, "item": VALUES})
FORMS = [
    "append: {}", "at_least: {}", "at_most: {}", "capitalize", "ceil", "default: {}", "default: {}, allow_false: {}", "downcase", "first",
    "floor", "join", "join: {}", "last", "link", "lstrip", "minus: {}", "plus: {}", "prepend: {}", "remove: {}", "reverse", "round",
    "round: {}", "rstrip", "size", "slice: {}", "slice: 0, {}", "strip", "truncate: {}, {}", "truncatewords: {}", "upcase", "upcase: {}",
]  # fmt: skip
OPERATORS = st.sampled_from(["==", "!=", "<>", "<", ">", "<=", ">=", "contains"])
KEYS = st.sampled_from(["", "", "", ".name", ".size", ".first", ".last", "[0]", "[-1]", "['b']", "[b]", ".index", ".parentloop.index"])

paths = st.builds("{}{}".format, NAMES, KEYS)
arguments = paths | st.sampled_from(["'a'", '"<i>"', "''", "0", "1", "2", "-1", "2.5", "true", "false", "nil", "'3'"])
primitives = arguments | st.sampled_from(["empty", "blank"])
filters = st.builds(lambda form, *given: " | " + form.format(*given), st.sampled_from(FORMS), arguments, arguments)
printed = st.builds(lambda first, more: first + "".join(more), primitives, st.lists(filters, max_size=2))
compared = st.builds("{} {} {}".format, primitives, OPERATORS, primitives)
tests = st.builds(
    lambda terms, word: word.join(terms), st.lists(primitives | compared, min_size=1, max_size=3), st.sampled_from([" and ", " or "])
)
bound = st.builds("{}{}".format, st.sampled_from([" limit: ", " offset: "]), st.sampled_from(["0", "1", "2", "-1", "a", "nil", "b"]))
bounds = st.lists(bound | st.just(" reversed"), max_size=2).map("".join)
leaves = st.one_of(
    WORDS.filter(lambda text: "{" not in text),
    st.builds("{{{{ {} }}}}".format, printed),
    st.builds("{{% echo {} %}}".format, printed),
    st.builds("{{% assign {} = {} %}}".format, NAMES, printed),
    st.just("{% comment %} {{ a }} {% endcomment %}"),
)


def _tags(inner):
    body = st.lists(inner, min_size=1, max_size=3).map("".join)
    way_out = st.builds("{{% if {} %}}{{% {} %}}{{% endif %}}".format, tests, st.sampled_from(["break", "continue"]))
    in_loop = st.lists(inner | way_out, min_size=1, max_size=4).map("".join)
    return st.one_of(
        st.builds("{{% if {} %}}{}{{% elsif {} %}}{}{{% else %}}{}{{% endif %}}".format, tests, body, tests, body, body),
        st.builds("{{% unless {} %}}{}{{% else %}}{}{{% endunless %}}".format, tests, body, body),
        st.builds("{{% for {} in {}{} %}}{}{{% else %}}{}{{% endfor %}}".format, NAMES, paths, bounds, in_loop, body),
        st.builds("{{% for {} in items %}}{}{{% endfor %}}".format, NAMES, in_loop),
        st.builds("{{% capture {} %}}{}{{% endcapture %}}".format, NAMES, body),
        st.builds("{{% case {} %}}{{% when {}, {} %}}{}{{% else %}}{}{{% endcase %}}".format, *[primitives] * 3, body, body),
    )


TEMPLATES = st.lists(st.recursive(leaves, _tags, max_leaves=12), min_size=1, max_size=5).map("".join)


def outcome(render):
    try:
        return render()
    except Exception as error:
        return type(error)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(source=TEMPLATES, known=MANY_VALUES, escaped=st.booleans())
@example(source="{% for a in items limit: nil %}{{ a }}{% endfor %}", known={"items": [1, 2]}, escaped=True)
@example(source="{% capture a %}{{ b }}{% endcapture %}{{ a }}{% if a != blank %}x{% endif %}", known={"b": "<"}, escaped=True)
def test_says_what_python_liquid_says(source, known, escaped):
    parsed = environments.parse(source, escaped=escaped)
    template = Template(parsed)
    assert template.drawing is not None
    assert outcome(lambda: template.render(known)) == outcome(lambda: parsed.render(**known))


def test_every_filter_is_tried():
    assert {form.split(":")[0] for form in FORMS} == environments.FILTERS


HARD: list[dict[str, object]] = [
    {}, {"name": ""}, {"titles": tuple("abcdefghijklmnopqrstuvwxyz")}, {"name": "نجيب"}, {"offer": None, "pairings": []},
    {"kind": "digital"},
]  # fmt: skip


@pytest.mark.parametrize("step", post_purchase.STEPS, ids=lambda step: step["key"])
@pytest.mark.parametrize("make", [facts, arrived])
@pytest.mark.parametrize("more", HARD, ids=["rich", "nameless", "26", "rtl", "nothing to sell", "digital"])
def test_the_mails_of_the_recipe_need_nothing_but_the_plain_way(step, make, more):
    compiled = rendering.compile_mail(step["content"], brand=rendering.brand_of(STORE), purpose=str(step["purpose"]))
    ready = {**bidi.ready(values.values(make(**more)), "ltr"), "brand": {"name": "Marlow & Finch"}, "mail_title": "Tom & Ana"}
    for template in (compiled.subject, compiled.html, compiled.text):
        assert template.drawing is not None
        assert template.drawing(ready.get) == template.parsed.render(**ready)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{% for a in many %}{% for b in many %}x{% endfor %}{% endfor %}", "LoopIterationLimitError"),
        ("{% for a in many %}{{ long }}{% endfor %}", "OutputStreamLimitError"),
        ("{% for a in many %}" + "x" * 4_000 + "{% endfor %}", "OutputStreamLimitError"),
        ("{% assign a = 'x' %}{% for b in many %}{% assign a = a | append: a %}{% endfor %}", "LocalNamespaceLimitError"),
        ("{% for b in many %}{% capture a %}{{ a }}{{ long }}{% endcapture %}{% endfor %}", "OutputStreamLimitError"),
        ("{{ 'x' | slice: 'x' }}", "FilterArgumentError"),
        ("{% if many < 1 %}{% endif %}", "LiquidTypeError"),
        ("{% break %}", "LiquidSyntaxError"),
    ],
)
def test_keeps_the_limits_and_the_errors(source, error):
    template = Template(environments.parse(source, escaped=True))
    failure = outcome(lambda: template.render({"many": list(range(100)), "long": "é" * 3_000}))
    assert failure.__name__ == error


@pytest.mark.parametrize(
    "source", ["{% for a in b offset: continue %}{{ a }}{% endfor %}", "{{ partial }}", "{% if " + "a and " * 250 + "b %}{% endif %}x"]
)
def test_what_has_no_plain_way_is_left_to_python_liquid(source):
    template = Template(environments.parse(source, escaped=True))
    assert template.drawing is None
    assert template.render({"b": [1, 2]}) == template.parsed.render(b=[1, 2])


def test_no_word_of_a_template_becomes_code():
    source = (
        "evil {{ evil.evil['evil'] | default: evil, evil: 'evil' }}{% assign evil = 'evil' %}{% capture evil2 %}evil{% endcapture %}"
        "{% for evil in evil.evil limit: evil %}{{ evil[evil] }}{{ forloop.evil }}{% else %}evil{% endfor %}"
        "{% case evil %}{% when 'evil', evil %}evil{% endcase %}{% if evil contains 'evil' or evil == evil %}{{ 'evil' }}{% endif %}"
    )
    code, constants = written(environments.parse(source, escaped=True))
    assert constants["__builtins__"] == {"len": len, "iter": iter}
    assert {name for name in re.findall(r"\w+", code) if not re.fullmatch(r"[a-z]?\d+", name)} <= {
        "def", "draw", "get", "size", "none", "None", "not", "is", "if", "raise", "unsure", "for", "in", "or", "and", "pass", "join",
        "return", "append", "t", "show", "len", "isascii", "else", "sizeof", "captured", "turns", "loop", "iter", "item", "False",
        "True", "c", "count", "same", "contains",
    }  # fmt: skip


@given(st.text(st.sampled_from("ab-. 1\t"), max_size=260).map(str.strip))
@example("- " + "word " * 40 + "x")
@example("12. " + "a" * 80 + " b " + "c" * 90)
def test_folds_as_textwrap_does(line):
    hang = re.match(r"- |\d+\. |", line)
    assert hang
    expected = textwrap.wrap(line, 72, subsequent_indent=" " * hang.end(), break_long_words=False, break_on_hyphens=False)
    assert mail._folded(line) == (expected or [""])
