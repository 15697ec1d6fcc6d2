"""A folder of .eml files, and what one of them says.

File names begin with the time of arrival, so that sorted names are the order of arrival. Nothing here trusts a mail: what cannot be
decoded is shown as far as it goes.
"""

import contextlib
import email
import email.policy
import os
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from functools import lru_cache
from pathlib import Path

_ID = re.compile(r"[0-9]{19}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Summary:
    """One line of the list. `date` is when it arrived, in UTC."""

    id: str
    to: str
    sender: str
    subject: str
    date: datetime


@dataclass(frozen=True)
class Part:
    """One leaf of a mail: its place in the walk, its type, and its bytes with the transfer encoding undone."""

    number: int
    content_type: str
    name: str
    content_id: str
    content: bytes
    is_attachment: bool
    charset: str

    def text(self) -> str:
        try:
            return self.content.decode(self.charset, errors="replace")
        except LookupError:  # a charset nobody knows
            return self.content.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Mail:
    """One whole mail."""

    summary: Summary
    headers: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    raw: bytes

    def body(self, content_type: str) -> str | None:
        """Return the first shown part of this type, or None."""
        return next((part.text() for part in self.parts if part.content_type == content_type and not part.is_attachment), None)


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes, *, sender: str, recipients: Sequence[str]) -> str:
        """Write one mail with its envelope in front, as a mail server's delivery does; return its id."""
        name = f"{time.time_ns():019d}-{uuid.uuid4().hex[:8]}"
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients), ""]
        partial = self.folder / f".{name}.partial"
        partial.write_bytes("\r\n".join(envelope).encode(errors="replace") + content)
        os.replace(partial, self.folder / f"{name}.eml")
        return name

    def ids(self) -> list[str]:
        """Return the ids of all mails, newest first."""
        return sorted((file.stem for file in self.folder.glob("*.eml") if _ID.fullmatch(file.stem)), reverse=True)

    def summaries(self, ids: Sequence[str]) -> Iterator[Summary]:
        return (_summary(self.folder / f"{id_}.eml") for id_ in ids)

    def read(self, id_: str) -> Mail | None:
        """Return one mail, or None where there is none of this id."""
        file = self.folder / f"{id_}.eml"
        if not _ID.fullmatch(id_) or not file.is_file():
            return None
        raw = file.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        headers = [(name, _decoded(value)) for name, value in message.items()]
        return Mail(_summary(file), headers, list(_parts(message)), raw)


@lru_cache(maxsize=20_000)
def _summary(file: Path) -> Summary:
    with file.open("rb") as opened:
        headers = BytesHeaderParser(policy=email.policy.compat32).parse(opened)
    to = headers.get("To") or headers.get("Delivered-To")
    arrived = datetime.fromtimestamp(int(file.stem[:19]) / 1e9, UTC)
    return Summary(file.stem, _decoded(to), _decoded(headers.get("From")), _decoded(headers.get("Subject")), arrived)


def _decoded(value: object) -> str:
    """Return a header in plain words, on one line; as it stands where it cannot be decoded."""
    text = str(value or "")
    with contextlib.suppress(MessageError, LookupError, ValueError):
        text = str(make_header(decode_header(text)))
    return " ".join(text.encode("utf-8", errors="replace").decode().split())


def _parts(message: "Message[str, str]") -> Iterator[Part]:
    leaves = (part for part in message.walk() if not part.is_multipart())
    for number, part in enumerate(leaves):
        content = part.get_payload(decode=True)
        yield Part(
            number=number,
            content_type=part.get_content_type(),
            name=_decoded(part.get_filename() or ""),
            content_id=_decoded(part.get("Content-ID")).strip("<>"),
            content=content if isinstance(content, bytes) else str(part.get_payload()).encode(errors="replace"),
            is_attachment=part.get_content_disposition() == "attachment",
            charset=part.get_content_charset() or "utf-8",
        )
