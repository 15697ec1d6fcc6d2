"""The review of one thing that was bought: stars first, then words. The mail's link only preselects; it counts when it is sent."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from lifecycle.public import drawing
from lifecycle.public.door import SeeOther, opened_by
from stores import clock
from stores.phrases import Phrases
from surveys import reviews
from surveys.models import Review

_LONGEST_TEXT = 4000


@opened_by(lambda: Review.objects.select_related("store", "order", "customer"))
def page(request: HttpRequest, review: Review) -> HttpResponse:
    if request.method == "POST":
        return _take(request, review)
    chosen = _stars(request.GET.get("stars"))
    if review.given_at and not chosen and "change" not in request.GET:
        return drawing.draw(request, "public/review_thanks.html", review.store, _words(request, review), _context(review))
    return _form(request, review, chosen or review.stars)


def _take(request: HttpRequest, review: Review) -> HttpResponse:
    stars = _stars(request.POST.get("stars"))
    if stars is None:
        return _form(request, review, review.stars, error=_words(request, review).say("Choose one to five stars."))
    text = request.POST.get("text", review.text)[:_LONGEST_TEXT]
    name = request.POST.get("name", review.name)
    reviews.give(review, stars=stars, text=text, name=name, now=clock.read())
    return SeeOther(reverse("public:review", args=[review.token]))


def _form(request: HttpRequest, review: Review, chosen: int | None, *, error: str = "") -> HttpResponse:
    context = _context(review) | {"chosen": chosen, "choices": reviews.WORDS.items(), "error": error}
    return drawing.draw(request, "public/review.html", review.store, _words(request, review), context, status=422 if error else 200)


def _words(request: HttpRequest, review: Review) -> Phrases:
    return drawing.words_of(request, review.customer.language, review.order.language, review.store.language)


def _stars(text: str | None) -> int | None:
    return int(text) if text in ("1", "2", "3", "4", "5") else None


def _context(review: Review) -> dict[str, object]:
    store = review.store
    return {
        "review": review,
        "reader": store.sender_name.partition(" at ")[0] or store.name,
        "is_low": review.stars is not None and review.stars <= reviews.LOW,
    }
