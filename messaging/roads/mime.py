"""A message as it goes on the road: its headers, and its bytes written by hand.

Python's own MIME classes cost more than drawing the mail does. What is written here is one fixed shape (RFC 2046
`multipart/alternative`, the text first; both parts quoted-printable, so that no line is over 76 octets and nothing needs 8BITMIME);
words that are not plain ASCII are encoded words (RFC 2047). `tests/goldens` shows whole mails.
"""

import binascii
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime, formataddr
from functools import lru_cache
from string import ascii_letters, digits

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from email_validator import validate_email

from messaging.models import Account, Message, Purpose
from messaging.roads import accounts, signing
from messaging.roads.signing import Signer

_SHORT = 76
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(
    r"""((?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]|[^\x00-\x7f])+|"(?:[^"\\<>\x00-\x1f\x7f]|\\[\x21-\x7e])+")"""
    r"""@((?:[A-Za-z0-9.-]|[^\x00-\x7f])+|\[[0-9A-Za-z:.]+\])"""
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, ready for any road: `sender` and `recipient` are its envelope; `headers` are those beyond who and what.

    All is ASCII or encoded so, but for a `recipient` with letters beyond ASCII before the @: only a server with SMTPUTF8 takes that.
    """

    token: str
    once_key: str
    sender: str
    recipient: str
    from_name: str
    to_name: str
    reply_to: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    signer: Signer | None = None

    def as_bytes(self) -> bytes:
        """Return it as SMTP wants it, signed if it is to be, lines ended by CRLF; dots are the line's business."""
        boundary = f"=_{self.token}"  # quoted-printable text never holds "=_"
        head = "".join(f"{name}: {value}\r\n" for name, value in self._all_headers())
        if self.html:
            head += f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n--{boundary}\r\n'
            between, end = f"\r\n--{boundary}\r\n{_PART % 'html'}", f"\r\n--{boundary}--\r\n"
            rest = between.encode() + _quoted(self.html) + end.encode()
        else:
            rest = b""
        content = (head + _PART % "plain").encode() + _quoted(self.text) + rest
        return self.signer.signed(content) if self.signer else content

    def as_django(self) -> EmailMultiAlternatives:
        """Return it for one of Django's mail backends."""
        mail = EmailMultiAlternatives(
            subject=self.subject,
            body=self.text,
            from_email=formataddr((self.from_name, self.sender)),
            to=[formataddr((self.to_name, self.recipient))],
            reply_to=[self.reply_to] if self.reply_to else None,
            headers=dict(self.headers),
        )
        if self.html:
            mail.attach_alternative(self.html, "text/html")
        return mail

    def _all_headers(self) -> Iterator[tuple[str, str]]:
        yield "Subject", _unstructured("Subject", self.subject)
        yield "From", _mailbox(self.from_name, self.sender)
        yield "To", _mailbox(self.to_name, self.recipient)
        if self.reply_to:
            yield "Reply-To", _mailbox("", self.reply_to)
        yield from ((name, value.replace(" ", "\r\n ") if name == "References" else value) for name, value in self.headers)
        yield "MIME-Version", "1.0"


_PART = "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"


def mail_of(message: Message, account: Account | None = None) -> Mail:
    """Return a message as a mail for an account's road (None: the installation's).

    All but transactional mail can be unsubscribed with one click (RFC 8058) and names its list. Raises ValueError for a mail without
    words or subject, and for an address that this road would garble.
    """
    is_smtp = accounts.is_smtp(account)
    sender = address(message.from_email, "sender’s")
    domain = sender.rpartition("@")[2]
    headers = [
        ("Message-ID", f"<{message.token}@{domain}>"),
        ("Date", format_datetime(message.due_at)),
        ("Feedback-ID", f"{message.step or 'mail'}:{message.flow or 'single'}:{message.store_id}:doorstep"),
    ]
    if message.purpose != Purpose.TRANSACTIONAL:
        headers += [
            ("List-ID", f"<{message.purpose}.{message.store_id}.{domain}>"),
            ("List-Unsubscribe", f"<{settings.PUBLIC_URL}/u/{message.token}/>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    if message.follows:
        ids = [f"<{each}>" for each in message.follows.split() if each.isascii()]
        headers += [("In-Reply-To", ids[-1]), ("References", " ".join(ids))] if ids else []
    if message.step == Message.ACKNOWLEDGES:
        headers.append(("Auto-Submitted", "auto-replied"))
    subject = _one_line(message.subject)
    if not subject or not message.text.strip():
        raise ValueError(f"The mail has no {'words' if subject else 'subject'}.")
    return Mail(
        token=message.token,
        once_key=accounts.once_key(message),
        sender=sender,
        recipient=address(message.to_email, "customer’s", beyond_ascii=is_smtp),
        from_name=_one_line(message.from_name),
        to_name=_one_line(message.to_name),
        reply_to=address(message.reply_to, "reply") if message.reply_to else "",
        subject=subject,
        headers=(*headers, *accounts.extra_headers(account, token=message.token)),
        text=message.text,
        html=message.html,
        signer=signing.signer_of(message.store_id, domain.lower()) if is_smtp else None,
    )


def address(text: str, whose: str, *, beyond_ascii: bool = False) -> str:
    """Return an address with its domain in ASCII, and what stands before the @ too unless it may be `beyond_ascii`.

    Raises ValueError, in words, for what a header or an envelope would break at, or could not carry.
    """
    found = _ADDRESS.fullmatch(text) if text.isprintable() else None
    if found is None:
        raise ValueError(f"The {whose} address is missing." if not text else f"The {whose} address is none that a mail can carry.")
    local, domain = found.groups()
    if not local.isascii() and not beyond_ascii:
        raise ValueError(f"The {whose} address has letters beyond ASCII before the @, which this mail road cannot carry.")
    if not domain.isascii():
        checked = validate_email(f"x@{domain}", check_deliverability=False, test_environment=True, globally_deliverable=False)
        domain = checked.ascii_domain
    return f"{local}@{domain}"


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip(" ")


def _is_plain(text: str) -> bool:
    """Say whether words may stand in a header as they are: they cannot be taken for encoded ones, and fold between words."""
    return text.isascii() and "=?" not in text and (len(text) <= _SHORT // 2 or max(map(len, text.split(" "))) <= _SHORT // 2)


def _unstructured(name: str, text: str) -> str:
    taken = len(name) + 2
    if not _is_plain(text):
        return _encoded(text, taken)
    return text if taken + len(text) <= _SHORT else _folded(text, _SHORT - taken)


@lru_cache(maxsize=4096)
def _mailbox(name: str, address: str) -> str:
    """Return a mailbox as a header holds it (RFC 5322), the address on a line of its own if the first is full."""
    width = _SHORT - len("Reply-To: ")
    if not _is_plain(name):
        return f"{_encoded(name, _SHORT - width)}\r\n <{address}>"
    if not name:
        return address
    quoted = formataddr((name, "")).removesuffix(" <>")
    shown = f"{quoted} <{address}>"
    return shown if len(shown) <= width else f"{_folded(quoted, width)}\r\n <{address}>"


def _folded(text: str, width: int) -> str:
    """Return words on lines of at most `width`, so that unfolding gives the same words."""
    return "\r\n ".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def _encoded(text: str, taken: int) -> str:
    """Return words as encoded words (RFC 2047), none cut inside a letter, each on a line; of the first line some is `taken`.

    What is mostly ASCII stays readable ("q"), the rest is shorter in base64 ("b").
    """
    if len(text.encode("utf-8", "replace")) <= 1.4 * len(text):
        mode, weigh, code, room, most = "q", _q_size, _q, 63 - taken, 63
    else:
        mode, weigh, code, room, most = "b", _size, _b, 45 - taken, 45
    words, start, size = [], 0, 0
    for place, letter in enumerate(text):
        weight = weigh(letter)
        if size + weight > room:
            words.append(text[start:place])
            start, size, room = place, 0, most
        size += weight
    words.append(text[start:])
    return "\r\n ".join(f"=?utf-8?{mode}?{code(word)}?=" for word in words)


_Q = ["_" if byte == 32 else chr(byte) if chr(byte) in f"{ascii_letters}{digits}!*+-/" else f"={byte:02X}" for byte in range(256)]


def _q(text: str) -> str:
    return "".join([_Q[byte] for byte in text.encode("utf-8", "replace")])


def _b(text: str) -> str:
    return binascii.b2a_base64(text.encode("utf-8", "replace"), newline=False).decode()


def _size(letter: str) -> int:
    return len(letter.encode("utf-8", "replace"))


def _q_size(letter: str) -> int:
    return len(_q(letter))


def _quoted(text: str) -> bytes:
    """Return text as quoted-printable lines (RFC 2045) ended by CRLF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    quoted = binascii.b2a_qp(lines, quotetabs=False, istext=True, header=False)
    return quoted if b"\n" in lines else quoted.replace(b"\n", b"\r\n")  # it ends its own lines as the first one it sees
