"""A review that comes by mail: an answer to the mail that asked for it, which begins with a number of stars."""

import re
from datetime import datetime

from enquiries import matching
from enquiries.letters import Letter
from messaging.models import Link, Message
from stores import pictures
from surveys import reviews
from surveys.models import Review

TAKEN = "It was taken as their review, which waits to be read."
_SIGNS = re.compile(r"\W*?([★⭐*]{1,5})[\s\W]*")
#: "5", "4 stars", "3/5", "2 von 5 Sternen", "٤ من ٥"; a line that says more is no number of stars.
_NUMBER = re.compile(
    r"\W*([1-5١-٥])(?:\s*(?:/|of|out of|von|sur|de|من)\s*[5٥])?\s*(?:stars?|sterne?n?|étoiles?|estrellas?|estrelas?|نجوم|نجمة|[★⭐])?\W*",
    re.IGNORECASE,
)


def stars_of(text: str) -> tuple[int, str] | None:
    """Return the stars that a text begins with, on a line of their own, and its other words; None where it begins otherwise."""
    first, _, rest = text.strip().partition("\n")
    if signs := _SIGNS.fullmatch(first):
        return len(signs[1]), rest.strip()
    number = _NUMBER.fullmatch(first)
    return (int(number[1]), rest.strip()) if number else None


def take(letter: Letter, mail: Message | None, *, now: datetime) -> str:
    """Take a letter as the review that a mail asked for, pictures among its files; return what to say of it, nothing if it is none.

    The mail must have led to the page of that review, and its own reader answer it. A review that is written is not written anew: second
    thoughts go to a person.
    """
    said = stars_of(letter.text) if mail else None
    if mail is None or said is None or matching.customer_at(mail.store, letter.from_email) != mail.customer:
        return ""
    asked = Review.objects.filter(order=mail.order_id, given_at=None).first()
    if asked is None or not _leads_to(mail, f"/r/{asked.token}/"):
        return ""
    stars, words = said
    reviews.give(asked, stars=stars, text=words, name=asked.name, photos=_pictures(letter), now=now)
    return TAKEN


def _leads_to(mail: Message, page: str) -> bool:
    """Say whether a mail has a link to a page, be it by way of one that counts clicks."""
    return page in mail.text or Link.objects.filter(message=mail, url__contains=page).exists()


def _pictures(letter: Letter) -> list[pictures.Drawn]:
    found = []
    for file in letter.files:
        try:
            found += [pictures.drawn(file.content)] if file.content and file.kind.startswith("image/") else []
        except pictures.Unusable:
            continue
    return found
