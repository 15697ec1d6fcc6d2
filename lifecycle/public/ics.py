"""Events for a calendar (iCalendar, RFC 5545)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.http import HttpResponse

from stores.phrases import Phrases


def answer(events: Iterable[Sequence[str]], *, about: str, name: str) -> HttpResponse:
    """Return events, each by its lines, as a file to put into a calendar."""
    whole = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Doorstep//{about}//EN",
        *(line for lines in events for line in ("BEGIN:VEVENT", *lines, "END:VEVENT")),
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


def reminder(words: Phrases, before: str) -> list[str]:
    """Return the lines that have a calendar remind of an event, `before` it by a duration such as "P1D"."""
    return ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:" + text(words.say("Reminder")), f"TRIGGER:-{before}", "END:VALARM"]


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
