"""What would be wrong with a mail in front of people: what stands in the way, and what is only said."""

import pytest

from messaging import rendering
from messaging.rendering import Problem, Rendered, proofs, remarks


def content(*parts):
    return {"subject": "Hello", "blocks": list(parts)}


@pytest.mark.parametrize(
    ("block", "where", "begins"),
    [
        ({"kind": "image"}, "block 1, src", "There is no picture yet"),
        ({"kind": "image", "src": "/g/x.png"}, "block 1, alt", "Say what the picture shows"),
        ({"kind": "columns", "src2": "https://x.shop/b.png"}, "block 1, alt2", "Say what the picture shows"),
        ({"kind": "html", "html": "<img src=https://x.shop/b.png>"}, "block 1, html", "A picture has no alt"),
        ({"kind": "button", "label": "Go", "url": "/sale"}, "block 1, url", "“/sale” is no whole address"),
        (
            {"kind": "button", "label": "Go", "url": "shop.example/{{ order_number }}"},
            "block 1, url",
            "“shop.example/{{ order_number }}” is no",
        ),
        ({"kind": "button", "label": "Go", "url": "https://intranet/x"}, "block 1, url", "“https://intranet/x” leads nowhere"),
        ({"kind": "text", "text": "See [this](www.shop.example)."}, "block 1, text", "“www.shop.example” is no whole address"),
        ({"kind": "html", "html": "<a href='../sale'>x</a>"}, "block 1, html", "“../sale” is no whole address"),
        ({"kind": "social", "tiktok": "@marlow"}, "block 1, tiktok", "“@marlow” is no whole address"),
    ],
)
def test_what_leads_nowhere_or_says_nothing_stands_in_the_way_at_its_place(block, where, begins):
    problems = rendering.check(content(block))
    assert [problem.where for problem in problems] == [where]
    assert problems[0].what.startswith(begins)
    assert "src" not in problems[0].place
    in_german = rendering.check({**content({"kind": "divider"}), "in": {"de": content(block)}})
    assert in_german == [Problem(f"de, {where}", problems[0].what)]


@pytest.mark.parametrize(
    "block",
    [
        {"kind": "button", "label": "Go", "url": "{{ shop_url }}sale"},
        {"kind": "button", "label": "Go", "url": "https://shop.example/{{ order_number }}?a=1"},
        {"kind": "text", "text": "Write to [us](mailto:jo@shop.example), or see [it]({{ tracker_url }})."},
        {"kind": "html", "html": '<a href="{{ shop_url }}"><img src="https://x.shop/a.png" alt=""></a>'},
    ],
)
def test_whole_addresses_and_values_are_taken_as_good(block):
    assert rendering.check(content(block)) == []
    assert remarks.read(content(block), None) == []


@pytest.mark.parametrize(
    ("block", "begins"),
    [
        ({"kind": "button", "label": "Go", "url": "http://shop.example/"}, "“http://shop.example/” is not encrypted"),
        ({"kind": "text", "text": "[x](https://bit.ly/abc)"}, "“https://bit.ly/abc” hides where it leads"),
        ({"kind": "html", "html": "<script>x</script><p style='position:fixed'>x"}, "Left out: <script>, position."),
        ({"kind": "html", "html": "<p style='display:flex'>x"}, "display:flex is not drawn by Outlook on Windows."),
        ({"kind": "html", "html": "<p style='color:#fff'>Pale</p>"}, "“Pale” is hard to read by day:"),
        ({"kind": "html", "html": "<p style='color:#333'>Night {{ first_name }}</p>"}, "“Night x” is hard to read in the dark:"),
        (
            {"kind": "html", "html": "<table bgcolor=white><td><font color=silver>Both</font></table>"},
            "“Both” is hard to read by day and in the dark:",
        ),
    ],
)
def test_what_could_be_better_is_said_and_stands_in_nobodys_way(block, begins):
    found = remarks.read(content(block), None)
    assert [(proof.is_grave, proof.what[: len(begins)]) for proof in found] == [(False, begins)]
    assert rendering.check(content(block)) == []


def test_colours_with_a_ground_of_their_own_are_judged_on_it():
    html = '<table style="background-color:#222222"><tr><td style="color:#eeeeee">Fine</td></tr></table>'
    assert remarks.read(content({"kind": "html", "html": html}), None) == []


def test_a_heavy_mail_is_said_to_be_heavy():
    drawn = Rendered("Hello", "é" * 30_001, "Hello")
    assert [proof.what for proof in remarks.read(content({"kind": "divider"}), drawn)] == [
        "It has 60 kB of HTML. From 60 on some programs are slow, beyond 90 it is not sent."
    ]
    assert proofs.read(content({"kind": "divider"})) == []
