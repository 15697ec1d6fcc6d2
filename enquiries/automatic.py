"""What no person wrote: absence notes, bounces, lists, robots, our own mails coming back. Pure.

RFC 3834 says who must not be answered by a machine; the rest is what mail programs do in its place.
"""

import re
from collections.abc import Sequence

_SUBJECTS = re.compile(
    r"^\s*(?:re:\s*|aw:\s*)?(?:"
    r"out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply|away from (?:my|the) (?:office|desk|mail)"
    r"|abwesen(?:d|heit)|automatische antwort|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|fuera de la oficina"
    r"|risposta automatica|resposta autom[áa]tica|automatisch antwoord|autosvar"
    r"|undeliver(?:able|ed)|delivery status notification|mail delivery|returned mail|failure notice|unzustellbar"
    r")",
    re.IGNORECASE,
)
_ROBOTS = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?|auto-?reply)(?:[+._-].*)?@", re.IGNORECASE
)
_BULK = ("bulk", "junk", "list", "auto_reply")
_TELLING = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-auto-reply", "x-mail-autoreply", "x-failed-recipients")
_LISTS = ("list-id", "list-unsubscribe", "list-post")

Headers = Sequence[tuple[str, str]]


def why(headers: Headers, *, sender: str, subject: str, content_type: str) -> str:
    """Return in words why a mail is no person's; empty if it seems to be one's."""
    held = [(name.lower(), value.strip().lower()) for name, value in headers]
    found = dict(reversed(held))  # of a repeated header, the first: it was put there last
    said = found.get("auto-submitted", "no").partition(";")[0].strip()
    if said not in ("no", ""):
        return "It says that a machine wrote it."
    if found.get("precedence") in _BULK or any(name in found for name in _TELLING):
        return "It is an automatic answer."
    if "x-loop" in found:
        return "It has come round in a loop."
    if content_type.lower() in ("multipart/report", "message/delivery-status") or found.get("return-path") == "<>":
        return "A mail server wrote it."
    if any(name in found for name in _LISTS):
        return "It went to a list."
    return _by_words(sender, subject)


def _by_words(sender: str, subject: str) -> str:
    if _ROBOTS.match(sender):
        return "Its address is no person’s."
    return "Its subject is that of an automatic answer." if _SUBJECTS.match(subject) else ""


def refuses_answers(headers: Headers) -> bool:
    """Say whether a person's mail asks that no machine answers it (Exchange)."""
    words = " ".join(value.lower() for name, value in headers if name.lower() == "x-auto-response-suppress")
    return any(word in words for word in ("all", "autoreply", "oof"))
