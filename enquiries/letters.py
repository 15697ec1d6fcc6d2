"""A mail that came in, in our words: who wrote what to whom, and which mails it follows. Whatever its headers' shape."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from enquiries import automatic, quoting
from enquiries import files as attached
from enquiries.files import File

_ID = re.compile(r"<([^<>\s]{3,250})>")
_BARE_ID = re.compile(r"[^<>\s,;]+@[^<>\s,;]+")
_PLUS = re.compile(r"\+([A-Za-z0-9_-]{16,32})@")
_ANSWERING = re.compile(
    r"^\s*(?:(?:re|aw|fwd?|wg|tr|sv|vs|antw|r|odp|ynt|回复|答复|転送)(?:\[\d+\])?\s*[:：]\s*|\[[^\]]{1,20}\]\s*)+", re.IGNORECASE
)
_LONGEST_HTML = 1_000_000
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Letter:
    """`follows`: ids of the mails it answers, the nearest first; `tokens`: those in the addresses it went to; `language`: of the page it
    was written on, if any."""

    from_email: str
    from_name: str
    subject: str
    text: str
    html: str = ""
    message_id: str = ""
    follows: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    automatic: str = ""
    refuses_answers: bool = False
    files: tuple[File, ...] = ()
    language: str = ""


def of_mail(mail: Any) -> Letter:
    """Return a mail as anymail read it (an `AnymailInboundMessage`)."""
    headers = [(name, _header(mail, name, value)) for name, value in mail.raw_items()]
    name, address = _sender(headers)
    subject = one_line(_decoded(mail, "Subject"))[:300]
    html = whole(_body(mail, "html"))
    text = quoting.own_words(whole(_body(mail, "text"))) or quoting.words_of_html(html)
    envelope = getattr(mail, "envelope_recipient", None) or ""
    recipients = [envelope, *_all(headers, "to", "cc", "delivered-to", "x-original-to", "envelope-to")]
    return Letter(
        from_email=address[:320],
        from_name=one_line(name)[:200],
        subject=subject,
        text=text,
        html=html[:_LONGEST_HTML],
        message_id=next(iter(ids(_all(headers, "message-id"))), "")[:255],
        follows=tuple(dict.fromkeys([*ids(_all(headers, "in-reply-to")), *reversed(ids(_all(headers, "references")))])),
        tokens=tuple(dict.fromkeys(token for each in recipients for token in _PLUS.findall(each))),
        automatic=automatic.why(headers, sender=address, subject=subject, content_type=mail.get_content_type()),
        refuses_answers=automatic.refuses_answers(headers),
        files=attached.of_mail(mail),
    )


def ids(values: Iterable[str]) -> list[str]:
    """Return the message ids in headers: in angle brackets, as they should be, or bare, as some programs write them."""
    found: list[str] = []
    for value in values:
        unfolded = _SPACE.sub(" ", value)
        found += _ID.findall(unfolded) or _BARE_ID.findall(unfolded)
    return found


def bare_subject(subject: str) -> str:
    """Return a subject without what answering and forwarding put in front of it."""
    return one_line(_ANSWERING.sub("", subject)).casefold()


def one_line(text: str) -> str:
    return _SPACE.sub(" ", whole(text)).strip()


def whole(text: str) -> str:
    """Return words that a database keeps: bytes of an unknown charset, which Python carries along as halves of letters, are marked."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _sender(headers: list[tuple[str, str]]) -> tuple[str, str]:
    """Return name and address of who is to be answered: Reply-To stands in for From only where that has no address."""
    for field in ("from", "reply-to", "sender"):
        for value in _all(headers, field):
            name, address = parseaddr(_SPACE.sub(" ", value))
            if "@" in address:
                return name, one_line(address)
    return "", ""


def _all(headers: list[tuple[str, str]], *names: str) -> list[str]:
    return [value for name, value in headers if name.lower() in names]


def _header(mail: Any, name: str, value: Any) -> str:
    """Return a header as words; one that the parser chokes on as it stands."""
    try:
        return str(mail.policy.header_fetch_parse(name, value))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return str(value)


def _decoded(mail: Any, name: str) -> str:
    return next((_header(mail, key, value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")


def _body(mail: Any, kind: str) -> str:
    """Return a part's words; with an unknown charset, what can be read of it."""
    try:
        return getattr(mail, kind) or ""
    except (LookupError, UnicodeError, ValueError):
        part = next((each for each in mail.walk() if each.get_content_type() == f"text/{'plain' if kind == 'text' else kind}"), None)
        return part.get_payload(decode=True).decode("utf-8", "replace") if part else ""
