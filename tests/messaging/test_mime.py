"""A mail's bytes: whatever stands in it is read back the same, and nothing in it becomes a header."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses, parseaddr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messaging.models import Message
from messaging.roads.mime import Mail, address, mail_of
from tests.messaging.mail_lint import lint, parsed, parts
from tests.thoroughness import examples

BASE = {
    "token": "wGl5jzm0T0yv7cYQ3kXb2A", "once_key": "1:run:1", "sender": "hello@marlow.example", "recipient": "ana@example.com",
    "from_name": "Jo at Marlow & Finch", "to_name": "Ana Ribeiro", "reply_to": "jo@marlow.example", "subject": "Got it", "headers": (
        ("Message-ID", "<wGl5jzm0T0yv7cYQ3kXb2A@marlow.example>"), ("Date", "Tue, 03 Nov 2026 09:00:00 +0000"),
        ("Feedback-ID", "a:b:1:doorstep"),
    ),
    "text": "Got it\n", "html": "<p>Got it</p>",
}  # fmt: skip
#: What a name or a subject may hold once it is one line: no controls, no line or paragraph separators, no spaces at its ends.
words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200).map(
    lambda text: re.sub(" +", " ", text).strip(" ")
)
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=2000)


def mail(**fields) -> Mail:
    return Mail(**{**BASE, **fields})


def message(**fields) -> Message:
    given = {
        "store_id": 1, "purpose": "marketing", "to_email": "ana@example.com", "from_email": "hello@marlow.example", "from_name": "Jo",
        "subject": "Got it", "text": "Got it", "html": "<p>Got it</p>", "due_at": datetime(2026, 11, 3, 9, tzinfo=UTC),
    }  # fmt: skip
    return Message(**{**given, **fields})


@settings(max_examples=examples(400), deadline=None)
@given(subject=words.filter(bool), name=words)
@example(subject="=?utf-8?q?Not_so?=", name="=?utf-8?b?SmE=?=")
@example(
    subject="word " * 40 + "w" * 200,
    name='A "quoted" \\ name, of some length, with everything (that) <breaks> headers; it @ has: to be folded',
)
@example(subject="Ünï " * 40, name="فاطمة الزهراء بنت محمد " * 8)
@example(subject="x" * 70 + " y", name="a" * 70)
def test_words_are_read_back_unchanged(subject, name):
    content = mail(subject=subject.strip(), to_name=name.strip(), from_name=name.strip()).as_bytes()
    read = parsed(content)
    assert read["Subject"] == subject.strip()
    for header in ("From", "To"):
        shown, _ = parseaddr(message_from_bytes(content)[header].replace("\r\n", ""))
        assert str(make_header(decode_header(shown))) == name.strip()  # the newer parser puts spaces between encoded words
    assert [found.addr_spec for found in read["To"].addresses] == ["ana@example.com"]
    assert lint(content, purpose="transactional") == []


@settings(max_examples=examples(300), deadline=None)
@given(text=lines, html=lines)
@example(text=".\n..\n.hidden\nFrom here\n \n\t\n= \n", html="a" * 5000)
@example(text="--=_wGl5jzm0T0yv7cYQ3kXb2A\nContent-Type: x", html="\n\n\n.\n")
@example(text="no end of line", html="ends\n\n")
def test_both_parts_are_read_back_unchanged(text, html):
    content = mail(text=text, html=html).as_bytes()
    assert parts(content) == [("text/plain", text.replace("\n", "\r\n")), ("text/html", html.replace("\n", "\r\n"))]
    assert all(len(line) <= 76 for line in content.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert not re.search(rb"[^\r]\n|\r[^\n]", content)


@settings(max_examples=examples(300), deadline=None)
@given(evil=st.text(max_size=60))
@example(evil="Ana\r\nBcc: all@example.com")
@example(evil="Ana\nX: y\n\nbody")
@example(evil="\x85Bcc: x\u2028Bcc: y\x0bBcc: z")
@example(evil='" <evil@example.com>, "')
def test_no_name_and_no_subject_becomes_a_header_or_an_address(evil):
    built = message(to_name=evil[:200], from_name=evil, subject=f"A{evil}")
    read = parsed(mail_of(built).as_bytes())
    assert read.keys() == [
        "Subject", "From", "To", "Message-ID", "Date", "Feedback-ID", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
        "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert [found.addr_spec for name in ("From", "To") for found in read[name].addresses] == ["hello@marlow.example", "ana@example.com"]


@pytest.mark.parametrize(
    "bad",
    [
        "", "ana", "@example.com", "ana@", "ana@example.com\r\nBcc: x@y.z", "a b@example.com", "ana@exa mple.com", "<ana@example.com>",
        "ana@example.com, eve@example.com", "a,b@example.com", "a(b)@example.com", 'a"b@example.com', "a@b@example.com",
        "ana@example.com\x00", "ana;eve@example.com", '"a\\"@example.com', "ana@ex\u200bample.com", "ana@xn--.example\u2028",
    ],
)  # fmt: skip
def test_an_address_that_would_break_a_header_is_refused(bad):
    with pytest.raises(ValueError, match="address"):
        mail_of(message(to_email=bad)).as_bytes()


@pytest.mark.parametrize(
    ("given_address", "sent"),
    [
        ("ana@example.com", "ana@example.com"), ("o'hara+tag@example.co.uk", "o'hara+tag@example.co.uk"),
        ('"a,b"@example.com', '"a,b"@example.com'), ("a..b.@docomo.example", "a..b.@docomo.example"), ("root@localhost", "root@localhost"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"), ("ana@[192.0.2.1]", "ana@[192.0.2.1]"),
    ],
)  # fmt: skip
def test_an_odd_address_stays_one_address(given_address, sent):
    built = mail_of(message(to_email=given_address))
    assert built.recipient == sent
    assert [found for _, found in getaddresses([message_from_bytes(built.as_bytes())["To"]])] == [sent]


@pytest.mark.parametrize("local", ["jürgen", "用户", "पता"])
def test_letters_beyond_ascii_before_the_at_go_only_where_the_road_carries_them(local, settings):
    with pytest.raises(ValueError, match="cannot carry"):
        mail_of(message(to_email=f"{local}@bücher.example"))
    assert address(f"{local}@bücher.example", "customer’s", beyond_ascii=True) == f"{local}@xn--bcher-kva.example"
    content = mail(recipient=f"{local}@xn--bcher-kva.example", to_name="").as_bytes()
    assert f"To: {local}@xn--bcher-kva.example\r\n".encode() in content


def test_a_mail_without_html_has_one_part():
    read = message_from_bytes(mail(html="").as_bytes(), policy=policy.default)
    assert (read.get_content_type(), read.get_content()) == ("text/plain", "Got it\r\n")
    assert mail(html="").as_django().alternatives == []


def test_a_mail_without_words_subject_or_sender_is_not_sent():
    with pytest.raises(ValueError, match=r"The mail has no subject\."):
        mail_of(message(subject="\r\n"))
    with pytest.raises(ValueError, match=r"The mail has no words\."):
        mail_of(message(text=" \n"))
    with pytest.raises(ValueError, match=r"The sender’s address is missing\."):
        mail_of(message(from_email=""))
