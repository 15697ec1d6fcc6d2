"""What the demo shop's happy customers say in public, and what Jo makes of it: most is shown, one is answered, the last ones wait."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from stores import pictures
from stores.models import Store, User
from surveys import reviews
from surveys.models import Review

_WAITS, _THINKS = timedelta(hours=12), timedelta(days=2)
#: By what it is about: stars and words, by turns; without words, stars alone.
WORDS: dict[str, tuple[tuple[int, str], ...]] = {
    "kettle": (
        (5, "Pours as slowly as I want it to. It has stood on the stove every morning since it came."),
        (4, "Beautiful and heavy. The handle gets warm after the third cup, a cloth helps."),
        (5, ""),
    ),
    "grinder": (
        (5, "The first grinder that does the same twice. And quiet enough for six in the morning."),
        (3, "Grinds well, but the lid sits loosely: half a spoon landed on the worktop."),
    ),
    "board": ((5, "Oiled it as the mail said, and it looks better than on the day it came."), (4, "")),
}
_ANYTHING = ((5, "Came quickly, was well wrapped, does what it should."), (4, ""))
_ANSWERED = 3
_ANSWER = "Thank you for saying so. A new lid with a tighter seal is in the post to you; tell us how it sits."


def write(store: Store, *, now: datetime) -> None:
    """Let those who were asked at least half a day ago write; the first about a kettle sends a picture along."""
    asked = Review.objects.filter(store=store, state=Review.State.ASKED, asked_at__lte=now - _WAITS)
    for review in asked.select_related("product", "order").order_by("pk"):
        sku = review.product.external_id if review.product else ""
        said = WORDS.get(sku, _ANYTHING)
        given = Review.objects.filter(store=store, product=review.product, given_at__isnull=False)
        stars, text = said[given.count() % len(said)]
        photos = [pictures.drawn(Path(settings.BASE_DIR, "static/demo/kettle.png").read_bytes())] if sku == "kettle" and not given else []
        reviews.give(review, stars=stars, text=text, name=review.name, photos=photos, now=now)


def read(store: Store, by: User, *, now: datetime) -> None:
    """Show what came in some days ago, and answer who was not quite happy."""
    for review in Review.objects.filter(store=store, state=Review.State.WAITING, given_at__lte=now - _THINKS):
        reviews.show(review)
        if review.stars and review.stars <= _ANSWERED and not review.answer:
            reviews.answer(review, text=_ANSWER, by=by, now=now)
