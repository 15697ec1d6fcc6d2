"""A message as it goes on the road: its headers, and its bytes written by hand.

Python's own MIME classes cost more than drawing the mail does. What is written here is one fixed shape (RFC 2046
`multipart/alternative`, the text first; both parts quoted-printable, so that no line is over 76 octets and nothing needs 8BITMIME);
headers that are not plain ASCII are encoded by the standard library (RFC 2047).
"""

import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from email_validator import validate_email

from messaging import accounts
from messaging.models import Account, Message, Purpose

_SHORT = 76


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, ready for any road: `sender` and `recipient` are its envelope, in ASCII; `headers` are those beyond who and what."""

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

    def as_bytes(self) -> bytes:
        """Return it as SMTP wants it, lines ended by CRLF; dots are the line's business."""
        boundary = f"=_{self.token}"  # quoted-printable text never holds "=_"
        head = "".join(f"{name}: {value}\r\n" for name, value in self._all_headers(boundary))
        part = f"\r\n--{boundary}\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        return b"".join(
            (
                head.encode("ascii"),
                (part % "plain").encode("ascii"),
                _quoted(self.text),
                (part % "html").encode("ascii"),
                _quoted(self.html),
                f"\r\n--{boundary}--\r\n".encode("ascii"),
            )
        )

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
        mail.attach_alternative(self.html, "text/html")
        return mail

    def _all_headers(self, boundary: str) -> Iterator[tuple[str, str]]:
        yield "Subject", _unstructured("Subject", self.subject)
        yield "From", _mailbox(self.from_name, self.sender)
        yield "To", _mailbox(self.to_name, self.recipient)
        if self.reply_to:
            yield "Reply-To", _mailbox("", self.reply_to)
        yield from self.headers
        yield "MIME-Version", "1.0"
        yield "Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'


def mail_of(message: Message, account: Account | None = None) -> Mail:
    """Return a message as a mail for an account's road (None: the installation's).

    All but transactional mail can be unsubscribed with one click (RFC 8058) and names its list. Raises ValueError for an address that
    this road would garble.
    """
    sender = in_ascii(message.from_email)
    domain = sender.rpartition("@")[2] or "localhost"
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
    return Mail(
        token=message.token,
        once_key=accounts.once_key(message),
        sender=sender,
        recipient=in_ascii(message.to_email),
        from_name=_one_line(message.from_name),
        to_name=_one_line(message.to_name),
        reply_to=in_ascii(message.reply_to) if message.reply_to else "",
        subject=_one_line(message.subject),
        headers=(*headers, *accounts.extra_headers(account, token=message.token)),
        text=message.text,
        html=message.html,
    )


def in_ascii(address: str) -> str:
    """Return an address with its domain in ASCII; raise ValueError for what would need SMTPUTF8, or could break a header."""
    if not address.isprintable() or " " in address or "<" in address or ">" in address:
        raise ValueError("The address holds letters that no mail address has.")
    if address.isascii():
        return address
    if not address.rpartition("@")[0].isascii():
        raise ValueError("The address has letters beyond ASCII before the @, which this mail road cannot carry.")
    found = validate_email(address, check_deliverability=False, test_environment=True, globally_deliverable=False, allow_quoted_local=True)
    return found.ascii_email or address


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _unstructured(name: str, text: str) -> str:
    if text.isascii() and len(name) + 2 + len(text) <= _SHORT:
        return text
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name, maxlinelen=_SHORT).encode(linesep="\r\n")


@lru_cache(maxsize=4096)
def _mailbox(name: str, address: str) -> str:
    """Return a mailbox as a header holds it (RFC 5322), the address on a line of its own if the first is full."""
    if name.isascii():
        shown = formataddr((name, address))
        if len(shown) <= _SHORT - len("Reply-To: "):
            return shown
        name = formataddr((name, "")).removesuffix(" <>")
    else:
        name = Header(name, "utf-8", maxlinelen=_SHORT - len("Reply-To: ")).encode(linesep="\r\n")
    return f"{name}\r\n <{address}>"


def _quoted(text: str) -> bytes:
    """Return text as quoted-printable lines (RFC 2045) ended by CRLF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    return binascii.b2a_qp(lines, quotetabs=False, istext=True, header=False)
