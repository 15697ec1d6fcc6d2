"""A mail drawn from blocks: what each kind draws, in both parts, and what is refused."""

import re
from html.parser import HTMLParser

import pytest

from messaging import rendering
from messaging.rendering import blocks, html_blocks, text_blocks

BRAND = rendering.Brand(name="Marlow & Finch", postal_address="Quay 1, Hamburg")
UNSUBSCRIBE = {"unsubscribe_url": "https://mail.example/u/1/", "preferences_url": "https://mail.example/p/1/"}


def draw(*parts, subject="Hello", preheader="", brand=BRAND, purpose="service", **values):
    content = {"subject": subject, "preheader": preheader, "blocks": list(parts)}
    return rendering.compile_mail(content, brand=brand, purpose=purpose).render({**UNSUBSCRIBE, **values})


def text(words, **extra):
    return {"kind": "text", "text": words, **extra}


class _Balance(HTMLParser):
    """Fails on a close without its open."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def assert_balanced(html):
    parser = _Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []


def test_every_kind_is_drawn_and_written():
    assert set(html_blocks.DRAWN) == set(text_blocks.WRITTEN) == set(blocks.KINDS)


def test_the_text_part_is_written_from_the_same_blocks():
    mail = draw(
        {"kind": "heading", "text": "Got it, {{ first_name }}"},
        text("See [your **order**]({{ tracker_url }}) for more."),
        {"kind": "button", "label": "Follow it", "url": "{{ tracker_url }}"},
        first_name="Ana",
        tracker_url="https://mail.example/t/1/",
    )
    assert mail.text == (
        "Got it, Ana\n\nSee your order for more.\nhttps://mail.example/t/1/\n\nFollow it:\nhttps://mail.example/t/1/\n\n---\n"
        "You get this because you are a customer of Marlow & Finch. Reply to this\nmail and a person at Marlow & Finch reads it.\n\n"
        "Marlow & Finch, Quay 1, Hamburg\n\nUnsubscribe:\nhttps://mail.example/u/1/\n\nChoose what you get:\nhttps://mail.example/p/1/\n"
    )


def test_a_friend_can_be_brought_as_long_as_there_is_a_link():
    values = {"referral_url": "https://mail.example/b/1/", "referral_gives": "€10", "referral_gets": "€5"}
    mail = draw({"kind": "referral"}, text("Bye."), **values)
    assert mail.text.startswith("€10 for a friend, €5 for you\n\nBring a friend:\nhttps://mail.example/b/1/\n\nBye.")
    assert "€10 for a friend, €5 for you" in mail.html and 'href="https://mail.example/b/1/"' in mail.html
    without = draw({"kind": "referral", "label": "Bring one"}, text("Bye."))
    assert without.text.startswith("Bye.") and "for a friend" not in without.html


@pytest.mark.parametrize(
    ("offer_from", "lines"),
    [
        ("", ["Code: A1", "From €50 on.", "Good until Sunday.", "Put its last day into your calendar"]),
        ("Friday", ["Code: A1", "From €50 on.", "It begins Friday.", "Good until Sunday.", "Put it into your calendar"]),
    ],
)
def test_an_offer_says_its_terms_and_days_and_has_them_for_the_calendar(offer_from, lines):
    mail = draw(
        {"kind": "offer"}, offer_from=offer_from, offer_code="A1", offer_until="Sunday", offer_url="https://x.example/",
        calendar_url="https://x.example/i/", offer_terms="From €50 on.",
    )  # fmt: skip
    *said, calendar = lines
    assert mail.text.startswith("\n".join(said) + f"\n\nUse it in the shop:\nhttps://x.example/\n\n{calendar}:\nhttps://x.example/i/")
    assert f">{calendar}</a>" in mail.html and ("It begins" in mail.html) == bool(offer_from) and "From €50 on.<" in mail.html


def test_the_text_part_has_72_columns_but_never_breaks_an_address():
    address = "https://mail.example/" + "x" * 120
    mail = draw(text("word " * 60 + "[here]({{ url }})."), url=address)
    assert address in mail.text.splitlines()
    assert max(len(line) for line in mail.text.splitlines() if "http" not in line) <= 72


def test_says_its_language_direction_and_title():
    html = draw({"kind": "heading", "text": "One"}, subject="Tom & {{ first_name }}", first_name="Ana").html
    assert '<html lang="en" dir="ltr"' in html
    assert 'role="article" lang="en" dir="ltr"' in html
    assert "<title>Tom &amp; Ana</title>" in html


def test_the_subject_is_plain_and_one_line():
    mail = draw(text("x"), subject="Tom & {{ first_name }}", first_name="Ana\r\nBcc: all@example.com")
    assert mail.subject == "Tom & Ana Bcc: all@example.com"


def test_a_long_subject_is_cut_between_words():
    subject = draw(text("x"), subject="{{ first_item }}", first_item="word " * 100).subject
    assert len(subject) <= 150
    assert subject.endswith("word…")


def test_an_empty_subject_is_refused():
    with pytest.raises(rendering.RenderError, match="subject"):
        draw(text("x"), subject="{{ nothing }}")


def test_tables_of_the_layout_say_that_they_are_none():
    html = draw(
        {"kind": "order_lines"}, {"kind": "parcel"}, {"kind": "divider"}, items=[{"name": "A"}], stage_index=1, stage_words="Packed"
    ).html
    body = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    assert all('role="presentation"' in table for table in re.findall(r"<table[^>]*>", body))
    assert_balanced(html)


def test_loads_nothing_but_pictures():
    html = draw(text("x")).html
    assert not re.search(r"<link|<script|@import|url\(|@font-face", html)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://shop.example/a?b=1&copy=2", "https://shop.example/a?b=1&amp;copy=2"),
        ("http://shop.example", "http://shop.example"),
        ("mailto:jo@shop.example", "mailto:jo@shop.example"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        (" data:text/html,x", None),
        ("//shop.example", None),
        ("https://", None),
        ("https://a.example/ b", None),
        ('https://a.example/"onload=x', "https://a.example/%22onload=x"),
        ("vbscript:x", None),
        ("", None),
        (None, None),
    ],
)
def test_links_only_to_the_web_and_to_mail(address, shown):
    mail = draw(text("[here]({{ url }})"), {"kind": "button", "label": "Go", "url": "{{ url }}"}, url=address)
    links = re.findall(r'href="([^"]*)"', mail.html)[:-2]
    assert links == ([shown, shown] if shown else [])
    assert ("here" in mail.html) is bool(address)
    assert ("Go" in mail.text) is bool(shown)


def test_a_written_address_keeps_its_query():
    html = draw(text("[here](https://a.example/?x=1&copy={{ n }}&y=2)"), n="7").html
    assert 'href="https://a.example/?x=1&amp;copy=7&amp;y=2"' in html


@pytest.mark.parametrize(
    ("words", "values", "shown"),
    [
        ("It arrives {{ day }}. Bye.", {"day": "Friday"}, "It arrives Friday. Bye."),
        ("It arrives {{ day }}. Bye.", {}, "Bye."),
        ("It arrives {{ day }}. Bye.", {"day": ""}, "Bye."),
        ("It arrives {{ day | default: 'soon' }}. Bye.", {}, "It arrives soon. Bye."),
        ("Hi{% if name %}, {{ name }}{% endif %}. Bye.", {}, "Hi. Bye."),
        ("Hi {{ a }} and {{ b }}!", {"a": "x"}, None),
        ("Yours until {{ a }}.\n\nBye.", {}, "Bye."),
    ],
)
def test_a_sentence_without_its_value_disappears(words, values, shown):
    mail = draw(text(words), **values)
    assert (mail.text.split("\n\n---")[0].strip() if shown else "") == (shown or "")
    assert [words.strip() for words in re.findall(r'<p class="p"[^>]*>(.*?)</p>', mail.html)] == ([shown] if shown else [])


def test_a_block_for_marketing_leaves_no_hole():
    parts = [text("Before."), text("Buy.", only="marketing"), text("After.")]
    assert "Before.\n\nBuy.\n\nAfter.\n" in draw(*parts, may_get_marketing=True).text
    other = draw(*parts, may_get_marketing=False)
    assert "Before.\n\nAfter.\n" in other.text
    assert "Buy" not in other.html


@pytest.mark.parametrize(
    ("value", "is_drawn"), [(True, True), (False, False), ("", False), ([], False), (None, False), ("x", True), (["x"], True)]
)
def test_if_and_unless_look_at_whether_a_value_says_anything(value, is_drawn):
    mail = draw(text("Yes.", **{"if": "thing"}), text("No.", unless="thing"), thing=value)
    assert ("Yes." in mail.html, "No." in mail.html) == (is_drawn, not is_drawn)


def test_the_footer_unsubscribes_from_all_but_transactional_mail():
    assert ">Unsubscribe</a>" in draw(text("x"), purpose="service").html
    assert ">Unsubscribe</a>" in draw(text("x"), purpose="marketing").html
    transactional = draw(text("x"), purpose="transactional")
    assert "nsubscribe" not in transactional.html + transactional.text
    assert "https://mail.example/p/1/" in transactional.html


def test_a_mail_that_needs_an_unsubscribe_link_is_not_drawn_without():
    with pytest.raises(rendering.RenderError, match="unsubscribe"):
        draw(text("x"), unsubscribe_url="")


def test_why_they_get_it():
    mail = draw(text("x"), bought_words="Kettle", placed_words="3 November")
    assert "You get this because you bought Kettle on 3 November." in mail.html


def test_more_than_twenty_items_end_in_a_count():
    items = [{"name": f"Item {number}", "quantity": 1, "price": "€1.00"} for number in range(23)]
    mail = draw({"kind": "order_lines"}, items=items, tracker_url="https://mail.example/t/1/")
    assert "Item 19" in mail.html
    assert "Item 20" not in mail.html
    assert "And 3 more" in mail.html
    assert "And 3 more." in mail.text


def test_a_question_has_five_answers_with_words():
    answers = ["Love it", "Good", "All right", "Not great", "Bad"]
    mail = draw({"kind": "question", "answers": answers}, check_in_url="https://mail.example/q/1/")
    found = re.findall(r'href="([^"]*)"[^>]*>([^<]*)</a>', mail.html)[:5]
    assert found == [(f"https://mail.example/q/1/?score={score}", words) for score, words in zip(range(5, 0, -1), answers, strict=True)]
    assert "Love it:\nhttps://mail.example/q/1/?score=5\n" in mail.text


def test_a_mail_too_large_is_refused():
    with pytest.raises(rendering.RenderError, match="kB"):
        draw(*[text("{{ first_item }} " * 3)] * 30, first_item="word " * 250)


def test_a_right_to_left_mail_is_mirrored():
    brand = rendering.Brand(name="Shop", language="ar")
    mail = draw(
        {"kind": "heading", "text": "x"},
        {"kind": "totals"},
        subject="طلب {{ order_number }}",
        brand=brand,
        order_number="#1042",
        total="€1",
    )
    assert '<html lang="ar" dir="rtl"' in mail.html
    assert "direction:ltr" not in mail.html
    assert re.search(r'<td class="c2 u l" style="[^"]*text-align:left', mail.html)
    assert mail.subject == "طلب \u2068#1042\u2069"


def test_letters_that_are_none_are_nothing_to_say():
    mail = draw(text("Hello\x80 {{ name }}."), subject="Thanks{% if thing %}: {{ thing }}{% endif %}", thing="\ufffe", name="A\uffffna\x00")
    assert mail.subject == "Thanks"
    assert mail.text.startswith("Hello Ana.\n")
    assert ">Hello Ana.<" in mail.html


def test_a_name_of_the_other_direction_is_isolated_and_cannot_break_out():
    assert draw(text("x"), subject="Hi {{ first_name }}!", first_name="\u202eنجيب\u2069\u2069").subject == "Hi \u2068نجيب\u2069!"


def test_the_parts_of_an_address_keep_their_places_whatever_direction_each_has():
    where = draw(text("To {{ ship_to }}."), ship_to="فاطمة الزهراء, Example street 60, Berlin")
    assert where.text.startswith("To \u2068فاطمة الزهراء\u2069, Example street 60, Berlin.")
    assert draw(text("x"), subject="{{ name }}", name="אורי, רחוב").subject == "\u2068אורי, רחוב\u2069"
    own = draw(text("x"), subject="{{ bought_words }}", bought_words="קפה and 1 other thing")
    assert own.subject == "\u2066קפה and 1 other thing\u2069"  # our words: a foreign name at their start does not turn them


def test_one_template_for_one_key():
    content = {"subject": "A", "blocks": [text("x")]}
    first = rendering.compiled("step:1", content, BRAND, "service")
    assert rendering.compiled("step:1", content, BRAND, "service") is first
    assert rendering.compiled("step:2", content, BRAND, "service") is not first
    assert rendering.compiled("step:1", content, BRAND, "marketing") is not first
    assert rendering.compiled("step:1", content, rendering.Brand(name="Other"), "service") is not first


def test_text_that_looks_like_a_stand_in_is_only_text():
    assert "lq0z lq1n0z \ue0000\ue001"[:11] in draw(text("lq0z lq1n0z \ue0000\ue001"), first_name="x").html


@pytest.mark.parametrize("purpose", ["transactional", "service", "marketing"])
def test_keeps_the_rules_for_phones_and_the_dark(purpose):
    html = draw(text("x"), purpose=purpose).html
    assert "@media (max-width:480px)" in html
    assert "@media (prefers-color-scheme:dark)" in html
    assert "[data-ogsc]" in html
    assert '<meta name="color-scheme" content="light dark">' in html


def test_rows_of_a_loop_stay_inside_their_table():
    mail = draw(
        {"kind": "order_lines"}, {"kind": "tips"}, items=[{"name": "A"}, {"name": "B"}], tips=[{"title": "T", "steps": ["1", "2", "3"]}]
    )
    assert_balanced(mail.html)
    assert mail.html.count('<td class="nc"') == 3
