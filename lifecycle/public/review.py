"""The review of one thing that was bought: stars first, then words and pictures. The mail's link only preselects; sending counts."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from lifecycle.public import drawing, shown_reviews
from lifecycle.public.door import SeeOther, find, opened_by, unknown
from stores import clock, pictures
from stores.phrases import Phrases
from surveys import reviews
from surveys.models import Review

_LONGEST_TEXT = 4000


@opened_by(lambda: Review.objects.select_related("store", "order", "customer"))
def page(request: HttpRequest, review: Review) -> HttpResponse:
    if request.method == "POST":
        return _take_away(request, review) if "away" in request.POST else _take(request, review)
    chosen = _stars(request.GET.get("stars"))
    if review.given_at and not chosen and "change" not in request.GET:
        return drawing.draw(request, "public/review_thanks.html", review.store, _words(request, review), _context(review))
    return _form(request, review, chosen or review.stars)


@require_safe
def photo(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Answer one of their own pictures, whatever was decided of the review."""
    review = find(Review.objects.all(), token)
    return unknown(request) if review is None else shown_reviews.picture(get_object_or_404(review.photos, pk=pk))


def _take(request: HttpRequest, review: Review) -> HttpResponse:
    stars, words = _stars(request.POST.get("stars")), _words(request, review)
    review.text = request.POST.get("text", review.text)[:_LONGEST_TEXT]
    review.name = request.POST.get("name", review.name)
    if stars is None:
        return _form(request, review, review.stars, errors={"stars": words.say("Choose one to five stars.")})
    try:
        photos = [pictures.drawn(one.read(pictures.LARGEST + 1)) for one in request.FILES.getlist("photos")[: reviews.MOST_PHOTOS]]
    except pictures.Unusable:
        said = words.say("One of these files cannot be read as a picture. Take JPEG, PNG or WebP files of up to 10 MB.")
        return _form(request, review, stars, errors={"photos": said})
    reviews.give(review, stars=stars, text=review.text, name=review.name, photos=photos, now=clock.read())
    return SeeOther(reverse("public:review", args=[review.token]))


def _take_away(request: HttpRequest, review: Review) -> HttpResponse:
    wanted = request.POST["away"]
    if wanted.isdecimal() and len(wanted) < 19:
        reviews.take_photo_away(review, int(wanted))
    return SeeOther(f"{reverse('public:review', args=[review.token])}?change=1")


def _form(request: HttpRequest, review: Review, chosen: int | None, *, errors: Mapping[str, str] | None = None) -> HttpResponse:
    context = _context(review) | {"chosen": chosen, "choices": reviews.WORDS.items(), "errors": errors}
    return drawing.draw(request, "public/review.html", review.store, _words(request, review), context, status=422 if errors else 200)


def _words(request: HttpRequest, review: Review) -> Phrases:
    return drawing.words_of(request, review.customer.language, review.order.language, review.store.language)


def _stars(text: str | None) -> int | None:
    return int(text) if text in ("1", "2", "3", "4", "5") else None


def _context(review: Review) -> dict[str, object]:
    store = review.store
    photos = list(review.photos.defer("content")) if review.given_at else []
    return {
        "review": review,
        "photos": photos,
        "room": reviews.MOST_PHOTOS - len(photos),
        "reader": store.sender_name.partition(" at ")[0] or store.name,
        "is_low": review.stars is not None and review.stars <= reviews.LOW,
    }
