"""Mails in miniature: what stands where, and not a word of it."""

import email
import email.policy
from pathlib import Path

from lifecycle.console import miniature
from lifecycle.console.miniature import Piece

GOLDEN = Path(__file__).parents[1] / "goldens" / "tips.eml"


def test_a_mail_is_read_from_top_to_bottom_without_what_is_hidden():
    html = (
        '<head><title>No</title><style>p{}</style></head><div style="display:none">Preheader</div><h1>Got it</h1><p>Thank&nbsp;you</p>'
        '<img src="https://x.example/a.png"><table><tr><td class="b" bgcolor="#C8643C"><a href="x">Track it</a></td></tr></table>'
        '<td class="b" bgcolor="red;evil">Go</td>'
    )
    assert miniature.pieces(html) == [
        Piece("heading", 6, "#1d2126"), Piece("words", 9, "#c4c0b9"), Piece("picture", 0, "#e2dfdb"), Piece("button", 8, "#C8643C"),
        Piece("button", 2, "#1d2126"),
    ]  # fmt: skip


def test_a_real_mail_fits_on_its_sheet_and_no_word_of_it_is_in_the_drawing():
    body = email.message_from_bytes(GOLDEN.read_bytes(), policy=email.policy.default).get_body(("html",))
    assert body
    svg = miniature.drawn(miniature.pieces(body.get_content()))
    assert svg.count("<rect") > 6
    assert "Kettle" not in svg
    assert len(svg) < 4000
    assert max(float(part.split('"')[0]) for part in svg.split(' y="')[1:]) < 138
