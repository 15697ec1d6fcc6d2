"""One event for a calendar (iCalendar, RFC 5545)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.http import HttpResponse


def answer(lines: Sequence[str], *, about: str, name: str) -> HttpResponse:
    """Return the lines of an event as a file to put into a calendar."""
    whole = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Doorstep//{about}//EN",
        "BEGIN:VEVENT",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    response = HttpResponse("\r\n".join(_folded(line) for line in whole), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def text(words: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11)."""
    one_line = " ".join(words.split())
    return one_line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """Fold a line at 75 octets (RFC 5545, 3.1), never inside a letter."""
    parts, room = [""], 75
    for letter in line:
        size = len(letter.encode())
        if size > room:
            parts.append(" ")
            room = 74
        parts[-1] += letter
        room -= size
    return "\r\n".join(parts)
