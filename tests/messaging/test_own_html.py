"""A merchant's own HTML: what is left of it, drawn and as text, and that nothing of it can act."""

import itertools
import re
from html.parser import HTMLParser

import pytest

from messaging import rendering
from messaging.rendering import own_html

BRAND = rendering.Brand(name="Marlow & Finch", site="https://mail.example")


def draw(source, **values):
    content = {"subject": "Hello", "blocks": [{"kind": "html", "html": source}]}
    return rendering.compile_mail(content, brand=BRAND, purpose="transactional").render(values)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("<p>A <b>bold</b> word</p>", "<p>A <b>bold</b> word</p>"),
        ("<p onclick=x()>A<script>alert(1)</script>B", "<p>AB</p>"),
        ("<a href=javascript:x>a</a>", "<a>a</a>"),
        ("<a href=' jAvascript:x'>a</a>", "<a>a</a>"),
        ("<img src=data:text/html,x alt=A>", '<img alt="A" />'),
        ("<svg><a href=https://x.example>b</a></svg>c", "c"),
        ("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", ""),
        ("a</td></tr></table><b>c", "a<b>c</b>"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("a < b &amp; c", "a &lt; b &amp; c"),
        ("<!-- <p>x</p> --><![CDATA[<p>y]]><?php x ?>z", "z"),
        (
            "<div style='color:red;position:fixed;background:url(//x);width:e\\xpression(1);margin:0 auto'>x",
            '<div style="color:red;margin:0 auto">x</div>',
        ),
        ('<a href="{{ shop_url }}">{{ first_name }}</a>', '<a href="{{ shop_url }}">{{ first_name }}</a>'),
        ('<iframe src="https://x.example">in</iframe><form action=x><input name=y>f</form>out', "out"),
        ("<title>x</title><textarea><p>y</textarea>z", "z"),
    ],
)  # fmt: skip
def test_nothing_is_left_but_what_is_listed(source, left):
    assert own_html.cleaned(source) == left
    assert own_html.cleaned(left) == left


def test_values_stand_in_texts_and_addresses_and_can_bring_neither_markup_nor_a_script():
    source = '<p title="{{ first_name }}"><a href="{{ shop_url }}">{{ first_name }}</a>{% if bad %}<a href="{{ bad }}">x</a>{% endif %}</p>'
    mail = draw(source, first_name='<i>"Ana', shop_url="https://shop.example/?a=1&b=2", bad="javascript:alert(1)")
    body = mail.html[mail.html.index("<p title") :]
    assert body.startswith(
        '<p title="&lt;i&gt;&#34;Ana"><a href="https://shop.example/?a=1&amp;b=2">&lt;i&gt;&#34;Ana</a><a href="">x</a></p>'
    )
    assert mail.text.startswith('<i>"Ana\nhttps://shop.example/?a=1&b=2\nx\n\n---')


def test_its_text_part_has_lines_items_links_and_the_words_of_pictures():
    head = "<h1>Two\nthings</h1><ul><li>One<li>Two</ul>"
    rest = "<p>See <a href='https://x.example/a'>this</a>.<br>Next</p><img src=https://x.example/i alt=Oven>"
    link = "{% capture address %}https://x.example/a{% endcapture %}{{ address | link }}"
    assert own_html.plain(head + rest) == f"Two things\n\n- One\n- Two\n\nSee this\n{link}\n.\nNext\n\nOven"


class _Judge(HTMLParser):
    """Fails on anything that could act."""

    def handle_starttag(self, tag, attrs):
        assert tag in own_html.ELEMENTS
        assert {name for name, _ in attrs} <= own_html.ATTRIBUTES
        for name, value in attrs:
            assert name not in own_html.ADDRESSES or re.match(r"https?://|mailto:", value or "")


PIECES = (
    "<", ">", '"', "'", "<svg", "<style>", "</style>", "<a href=", "javascript:x", " onload=x", "<!--", "-->", "<p title='", "</",
    "<img src=x ", "\x00",
)  # fmt: skip


def test_pieces_of_mischief_in_any_order_leave_nothing_that_acts():
    for three in itertools.product(PIECES, repeat=3):
        _Judge().feed(own_html.cleaned(f"{''.join(three)}alert(1)>"))
