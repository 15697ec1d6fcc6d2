"""Files that come with a letter: named harmlessly, their type told by their bytes, none kept that is too large."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

MOST, LARGEST = 10, 5 * 1024 * 1024
_UNFIT = re.compile(r"[^\w .()\-]+")
_SIGNS: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftypheic", 4, "image/heic"),
    (b"ftypmif1", 4, "image/heic"),
    (b"ftypqt", 4, "video/quicktime"),
    (b"ftyp", 4, "video/mp4"),
    (b"%PDF-", 0, "application/pdf"),
    (b"PK\x03\x04", 0, "application/zip"),
)
OTHER = "application/octet-stream"
_LABELS = {
    "image/png": "Picture", "image/jpeg": "Picture", "image/gif": "Picture", "image/webp": "Picture", "image/heic": "Picture",
    "video/quicktime": "Video", "video/mp4": "Video", "application/pdf": "PDF", "application/zip": "Archive",
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file as it is kept; `content` is None where it was too large, or one too many."""

    name: str
    kind: str
    size: int
    content: bytes | None


def of_mail(mail: Any) -> tuple[File, ...]:
    """Return what came with a mail, pictures within its words among it."""
    parts = [part for part in mail.walk() if not part.is_multipart() and (part.get_filename() or _is_file(part))]
    return tuple(file(_name(part), part.get_payload(decode=True) or b"", place) for place, part in enumerate(parts[: 2 * MOST]))


def file(name: str, content: bytes, place: int = 0) -> File:
    """Return a file as it is kept, the `place`-th of its letter."""
    fits = len(content) <= LARGEST and place < MOST
    return File(harmless(name) or f"file-{place + 1}", kind_of(content), len(content), content if fits else None)


def kind_of(content: bytes) -> str:
    """Return the media type that the first bytes show; what could be a page or a script is of no type."""
    return next((kind for sign, place, kind in _SIGNS if content[place : place + len(sign)] == sign), OTHER)


def label(kind: str) -> str:
    return _LABELS.get(kind, "File")


def harmless(name: str) -> str:
    """Return a file's name without folders, controls, direction marks and quotation marks."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/"))
    plain = "".join(letter for letter in PurePosixPath(plain).name if unicodedata.category(letter)[0] != "C")
    return _UNFIT.sub("_", plain).strip(" .")[:150]


def _is_file(part: Any) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() in ("image", "video", "audio", "application")


def _name(part: Any) -> str:
    try:
        return str(part.get_filename() or "")
    except (LookupError, ValueError):
        return ""
