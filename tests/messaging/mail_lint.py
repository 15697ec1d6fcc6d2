"""A linter for whole mails, byte by byte: what RFC 5321, 5322, 2045–2047, 8058 and the large mailbox providers want of each."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

ALWAYS = ["Subject", "From", "To", "Reply-To", "Message-ID", "Date", "Feedback-ID"]
OF_A_LIST = ["List-ID", "List-Unsubscribe", "List-Unsubscribe-Post"]
HTML_LIMIT = 90_000
_WORD = re.compile(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")
_REMOTE_STYLE = re.compile(r"<link\b|@import|@font-face|<style[^>]*>[^<]*url\(|<script|<form|<iframe", re.IGNORECASE)


def lint(content: bytes, *, purpose: str) -> list[str]:
    """Return what is wrong with a mail of a purpose, in words; an empty list is praise."""
    read = parsed(content)
    return [
        *_lines(content),
        *_headers(content, read, purpose),
        *_identity(read, purpose),
        *_body(read),
    ]


def parsed(content: bytes) -> EmailMessage:
    read: EmailMessage = message_from_bytes(content, policy=policy.default)
    return read


def parts(content: bytes) -> list[tuple[str, str]]:
    """Return the type and the text of each part."""
    leaves = [part for part in parsed(content).walk() if not part.is_multipart()]
    return [(part.get_content_type(), cast(bytes, part.get_payload(decode=True)).decode()) for part in leaves]


def _lines(content: bytes) -> list[str]:
    bare = content.replace(b"\r\n", b"")
    found = [f"a bare {name}" for byte, name in ((b"\r", "CR"), (b"\n", "LF"), (b"\0", "NUL")) if byte in bare]
    lines = content.split(b"\r\n")
    found += [f"line {number} has {len(line)} octets" for number, line in enumerate(lines, 1) if len(line) > 998]
    found += [f"line {number} is over 78: {line[:40]!r}" for number, line in enumerate(lines, 1) if len(line) > 78 and _may_fold(line)]
    found += [f"line {number} is a bare dot" for number, line in enumerate(lines, 1) if line == b"."]
    found += [f"line {number} ends in white space" for number, line in enumerate(lines, 1) if line.endswith((b" ", b"\t"))]
    return found + ([] if content.isascii() else ["octets beyond ASCII"])


def _may_fold(line: bytes) -> bool:
    """Say whether a long line could have been shorter: an address in angle brackets cannot."""
    return not re.fullmatch(rb"([A-Za-z-]+:)? ?<[^ >]+>", line)


def _headers(content: bytes, read: EmailMessage, purpose: str) -> list[str]:
    wanted = [*ALWAYS, *(OF_A_LIST if purpose != "transactional" else []), "MIME-Version", "Content-Type"]
    found = [] if read.keys() == wanted else [f"headers {read.keys()} instead of {wanted}"]
    head = content.partition(b"\r\n\r\n")[0]
    found += [f"an encoded word of {len(word)}" for word in _WORD.findall(head) if len(word) > 75]
    found += [
        f"a header field without a name: {line[:40]!r}" for line in head.split(b"\r\n") if not re.match(rb"[!-9;-~]+: ?\S|[ \t]\S", line)
    ]
    return found + [f"{name}: {defect}" for name in read.keys() for defect in getattr(read[name], "defects", ())]  # noqa: SIM118  # repeated ones, too


def _identity(read: EmailMessage, purpose: str) -> list[str]:
    found = []
    (sender,), (recipient,) = read["From"].addresses, read["To"].addresses
    if not re.fullmatch(rf"<[\w-]{{16,32}}@{re.escape(sender.domain)}>", read["Message-ID"]):
        found.append(f"Message-ID {read['Message-ID']} is not on {sender.domain}")
    if read["Date"].datetime.tzinfo is None or not recipient.addr_spec:
        found.append("no date or no recipient")
    if len(read["Feedback-ID"].split(":")) != 4:
        found.append(f"Feedback-ID {read['Feedback-ID']} has not four parts")
    if purpose != "transactional":
        address = re.fullmatch(r"<(https?://[^<>,\s]+)>", read["List-Unsubscribe"])
        found += [] if address and len(address[1]) < 500 else ["List-Unsubscribe is not one short address"]
        found += [] if read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" else ["List-Unsubscribe-Post is wrong"]
        found += [] if re.fullmatch(r"<[\w.-]+>", read["List-ID"]) else ["List-ID is no id"]
    return found


def _body(read: EmailMessage) -> list[str]:
    if read.get_content_type() != "multipart/alternative":
        return [f"{read.get_content_type()} instead of multipart/alternative"]
    parts = list(read.iter_parts())
    kinds = [(part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"]) for part in parts]
    if kinds != [("text/plain", "utf-8", "quoted-printable"), ("text/html", "utf-8", "quoted-printable")]:
        return [f"parts {kinds}"]
    text, html = (part.get_content() for part in parts)
    found = [f"{defect!r}" for part in (read, *parts) for defect in part.defects]
    found += [] if text.strip() else ["an empty text part"]
    found += [] if len(html.encode()) < HTML_LIMIT else [f"{len(html.encode())} bytes of HTML"]
    found += [f"remote or active: {what}" for what in _REMOTE_STYLE.findall(html)]
    found += [f"markup in the text part: {tag}" for tag in re.findall(r"</?(?:p|td|a|div|strong)\b[^>]*>", text)]
    return found
