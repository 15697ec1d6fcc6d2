"""Blocks that a merchant fills by hand, in both parts; and whom a block is drawn for."""

import pytest

from messaging import rendering
from messaging.rendering import blocks
from tests.messaging.test_rendering import assert_balanced, draw

SITE = rendering.Brand(name="Marlow & Finch", site="https://mail.example")
UPLOADED = "/g/0123456789abcdef0123456789abcdef-1072x600.jpg"


def test_an_uploaded_picture_has_its_size_its_words_and_its_link():
    block = {"kind": "image", "src": UPLOADED, "alt": 'Our "oven", {{ first_name }}', "url": "https://shop.example/"}
    mail = draw(block, brand=SITE, first_name="Ana")
    assert f'src="https://mail.example{UPLOADED}" alt="Our &quot;oven&quot;, Ana" width="536" height="300"></a>' in mail.html
    assert mail.text.startswith('Our "oven", Ana:\nhttps://shop.example/\n')


def test_a_picture_without_an_address_or_with_a_bad_one_is_not_drawn():
    assert "<img" not in draw({"kind": "image", "alt": "A"}).html
    assert "<img" not in draw({"kind": "image", "alt": "A", "src": "javascript:x"}).html


def test_two_columns_stand_side_by_side_only_where_there_is_room():
    block = {
        "kind": "columns",
        "text": "Left",
        "label": "Go",
        "url": "https://a.example/",
        "text2": "Right",
        "src2": "https://b.example/b.png",
        "alt2": "B",
    }
    mail = draw(block)
    assert mail.html.count('class="co" style="display:inline-block;width:100%;max-width:256px') == 2
    assert ".co{max-width:none!important}" in mail.html
    assert ".co{" not in draw({"kind": "divider"}).html
    assert mail.text.startswith("Left\n\nGo:\nhttps://a.example/\n\nB\n\nRight\n\n---")
    assert_balanced(mail.html)


def test_the_days_left_are_said_with_the_day_and_not_at_all_once_it_is_over():
    block = {"kind": "countdown", "until": "2026-11-29", "text": "Then it is over."}
    left = {"countdowns": {"2026-11-29": {"left": "3 days left", "day": "Sunday 29 November"}}}
    assert draw(block, **left).text.startswith("3 days left\nUntil Sunday 29 November.\n\nThen it is over.\n")
    assert "Then it is over" not in draw(block, countdowns={}).html


def test_networks_without_an_address_are_left_out_and_a_named_person_signs():
    mail = draw(
        {"kind": "social", "tiktok": "https://tiktok.com/@marlow", "instagram": ""},
        {"kind": "signature", "text": "Bye,", "name": "Jo Marlow", "role": "Founder"},
    )
    assert mail.text.startswith("TikTok:\nhttps://tiktok.com/@marlow\n\nBye,\nJo Marlow\nFounder\n")
    assert "Instagram" not in mail.html


@pytest.mark.parametrize(
    ("asked", "values", "is_drawn"),
    [
        ({"order": "first"}, {"order_place": 1}, True),
        ({"order": "first"}, {"order_place": 2}, False),
        ({"order": "later"}, {"order_place": 2}, True),
        ({"order": "later"}, {}, False),
        ({"bought": '12" Pan'}, {"bought_names": ["pans", '12" pan']}, True),
        ({"bought": "Pan’s"}, {"bought_names": ["pan"]}, False),
        ({"bought": "Tom's  tea", "only": "marketing"}, {"bought_names": ["tom's tea"], "may_get_marketing": True}, True),
        ({"bought": "Tea", "only": "marketing"}, {"bought_names": ["tea"]}, False),
        ({"order": "first", "if": "tips"}, {"order_place": 1, "tips": [{"title": "x"}]}, True),
    ],
)
def test_a_block_is_drawn_for_whom_it_is_meant(asked, values, is_drawn):
    mail = draw({"kind": "text", "text": "Shown", **asked}, **values)
    assert ("Shown" in mail.html, "Shown" in mail.text) == (is_drawn, is_drawn)


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": "third"},
        {"bought": "a %}{{ b"},
        {"bought": "'\""},
        {"kind": "spacer", "size": "huge"},
        {"kind": "countdown", "until": "tomorrow"},
        {"kind": "html", "html": "x" * (blocks.LONGEST_HTML + 1)},
        {"kind": "image", "src": 3},
    ],
)
def test_what_a_block_cannot_say_is_refused_by_its_number(wrong):
    block = {"kind": "text", "text": "x"} if "kind" not in wrong else {}
    content = {"subject": "x", "blocks": [block | wrong]}
    assert [problem.where for problem in rendering.check(content)] == ["block 1"]
