"""In which encoding a file is written: by its mark, else UTF-8 if it is that, else the likeliest of the old ones."""

import io
from typing import BinaryIO

from charset_normalizer import from_bytes

#: What a person may choose from, and what is looked for: name in Python → name for people.
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16 with a mark (Excel “Unicode text”)",
    "utf-16-le": "UTF-16, little end first",
    "utf-16-be": "UTF-16, big end first",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp1257": "Baltic (Windows-1257)",
    "cp874": "Thai (Windows-874)",
    "cp932": "Japanese (Shift JIS)",
    "cp949": "Korean (Windows-949)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "cp850": "Western European (DOS 850)",
}
SAMPLE = 256 * 1024

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OLD = [name for name in ENCODINGS if not name.startswith("utf")]
#: Letters of western Europe. Short texts in Windows-1252 look like any other code page to statistics; these say it better.
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜàáâãäåæçèéêëìíîïñòóôõöøùúûüßÿŒœŠšŽž€£°§·´¨ªº¿¡«»®©™–—‘’“”„…•\xa0")
#: Five letters of Turkish stand where Windows-1252 has those of Icelandic, which would show others of its own.
_TURKISH_AS_WESTERN, _ICELANDIC = frozenset("ÝÞðýþÐ"), frozenset("ÁÍÚÆáíúæ")


def detect(sample: bytes) -> str:
    """Return the name of the encoding of a file that begins with these bytes."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if wide := _wide(sample):
        return wide
    if _is_utf8(sample):
        return "utf-8-sig"
    return _old(sample)


def text_of(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return a file's text; bytes that its encoding does not know come as surrogates, for `is_whole` to find."""
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")


def is_whole(text: str) -> bool:
    """Say whether every byte of a text was a letter of its encoding."""
    if text.isascii():
        return True
    return "�" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _wide(sample: bytes) -> str:
    """Return which UTF-16 it is, without a mark: every other byte of Latin text is nothing."""
    start = sample[:4096]
    half = len(start) // 2
    if half < 2:
        return ""
    if start[1::2].count(0) > half * 0.6 and start[::2].count(0) < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > half * 0.6 and start[1::2].count(0) < half * 0.1 else ""


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # a letter that the sample's end cuts in two
        return len(sample) >= SAMPLE and error.start >= len(sample) - 3
    return True


def _old(sample: bytes) -> str:
    letters = {letter for letter in sample.decode("cp1252", errors="replace") if not letter.isascii()}
    if letters <= _WESTERN:
        return "cp1252"
    if letters <= _WESTERN | _TURKISH_AS_WESTERN:
        return "cp1252" if letters & _ICELANDIC else "cp1254"
    best = from_bytes(sample[: 64 * 1024], cp_isolation=_OLD).best()
    return best.encoding if best is not None else "cp1252"
