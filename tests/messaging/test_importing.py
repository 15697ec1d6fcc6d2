"""Mails written elsewhere, taken over: what of MJML becomes which block, and what HTML keeps."""

import pytest

from messaging import rendering
from messaging.rendering import importing

MJML = b"""<mjml>
  <mj-head><mj-title>Your  oven</mj-title><mj-preview>It is warm &amp; ready</mj-preview>
    <mj-attributes><mj-all color="red" /></mj-attributes><mj-style>.a { color: red }</mj-style></mj-head>
  <mj-body background-color="#fff">
    <mj-section><mj-column>
      <mj-image src="https://x.shop/a.png" alt="Oven" href="https://x.shop/" width="300px" />
      <mj-text font-size="28px">Hello {{ first_name }}</mj-text>
      <mj-text>One<br>and <b>two</b>, see <a href="https://x.shop/a?b=1&amp;c=2">this <i>page</i></a>.</mj-text>
      <mj-text><ul><li onclick="x()">A</li></ul></mj-text>
      <mj-button href="https://x.shop/go">Go &rarr;</mj-button>
      <mj-divider border-width="1px"></mj-divider><mj-spacer height="50px" />
    </mj-column></mj-section>
    <mj-wrapper><mj-section>
      <mj-column><mj-image src="https://x.shop/l.png" alt="L"></mj-image><mj-text>Left</mj-text></mj-column>
      <mj-column><mj-text><h3>Right</h3></mj-text><mj-button href="https://x.shop/r">R</mj-button></mj-column>
    </mj-section></mj-wrapper>
    <mj-section><mj-column><mj-carousel><mj-carousel-image src="x" /></mj-carousel>
      <mj-social><mj-social-element name="facebook" href="https://facebook.com/x">F</mj-social-element>
        <mj-social-element name="instagram-noshare" href="https://instagram.com/x" /></mj-social>
      <mj-table><tr><td>1</td></tr></mj-table><mj-text> &#160; </mj-text><mj-include path="/etc/passwd" />
    </mj-column></mj-section>
  </mj-body></mjml>"""


def test_mjml_becomes_blocks_that_can_be_edited_and_drawn():
    found = importing.read(MJML)
    assert found.content == {
        "subject": "Your oven",
        "preheader": "It is warm & ready",
        "blocks": [
            {"kind": "image", "src": "https://x.shop/a.png", "alt": "Oven", "url": "https://x.shop/"},
            {"kind": "heading", "text": "Hello {{ first_name }}"},
            {"kind": "text", "text": "One\n\nand **two**, see [this page](https://x.shop/a?b=1&c=2)."},
            {"kind": "html", "html": "<ul><li>A</li></ul>"},
            {"kind": "button", "label": "Go →", "url": "https://x.shop/go"},
            {"kind": "divider"},
            {"kind": "spacer", "size": "large"},
            {
                "kind": "columns", "src": "https://x.shop/l.png", "alt": "L", "text": "Left", "text2": "**Right**", "label2": "R",
                "url2": "https://x.shop/r",
            },
            {"kind": "social", "facebook": "https://facebook.com/x", "instagram": "https://instagram.com/x"},
            {"kind": "html", "html": '<table width="100%"><tr><td>1</td></tr></table>'},
        ],
    }  # fmt: skip
    assert found.left_out == ["<mj-carousel-image>", "<mj-carousel>"]
    assert rendering.check(found.content, known={"first_name"}) == []


def test_a_text_with_headings_in_it_becomes_blocks_and_loses_no_link():
    inner = '<H2>One <b>way</b></H2><p>Read <a href="https://x.shop/a">this</a>.</p><h3><a href="https://x.shop/b">Two</a></h3><h4> </h4>'
    said = f'<mjml><mj-body><mj-text font-size="28px">{inner}</mj-text><mj-text><ul></ul></mj-text></mj-body></mjml>'
    assert importing.read(said.encode()).content["blocks"] == [
        {"kind": "heading", "text": "One way"},
        {"kind": "text", "text": "Read [this](https://x.shop/a)."},
        {"kind": "heading", "text": "[Two](https://x.shop/b)"},
    ]


def test_html_becomes_one_block_with_its_styles_on_its_elements():
    source = b"""<html><head><title>Sale</title><style>p { color: #123456 } .x { position: fixed }</style>
      <link rel=stylesheet href=//x></head>
      <body><script>x</script><p class="x">Hello *|FNAME|* <a href="https://x.shop/">x</a></p></body></html>"""
    found = importing.read(source)
    assert found.content["subject"] == "Sale"
    assert [block["kind"] for block in found.content["blocks"]] == ["html"]
    assert '<p style="color:#123456">Hello *|FNAME|* <a href="https://x.shop/">x</a></p>' in found.content["blocks"][0]["html"]
    assert {"<script>", "position"} <= set(found.left_out)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"just words", "no HTML and no MJML"),
        (b"\xff\xfe<p>", "not written in UTF-8"),
        (b"<p>" + b"x" * 500_000, "larger than 500 kB"),
        (b"<p>" + b"x" * 70_000, "70 thousand letters"),
        (b"<mjml><mj-body></mj-body></mjml>", "no text, picture or button"),
        (b"<html><body><script>x</script></body></html>", "nothing to read"),
    ],
)
def test_what_is_no_mail_is_refused_in_words(source, words):
    with pytest.raises(importing.CannotImport, match=words):
        importing.read(source)
