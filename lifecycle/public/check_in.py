"""The check-in: one question with five answers. The mail's link only preselects one; an answer counts when it is sent."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from lifecycle.public import drawing
from lifecycle.public.door import SeeOther, opened_by
from stores import clock
from stores.phrases import Phrases
from surveys import answers
from surveys.models import Response, Review

_LONGEST_COMMENT = 4000


@opened_by(lambda: Response.objects.select_related("store", "survey", "order", "customer"))
def page(request: HttpRequest, response: Response) -> HttpResponse:
    if request.method == "POST":
        return _take(request, response)
    chosen = _score(request.GET.get("score"))
    if response.answered_at and not chosen and "change" not in request.GET:
        return drawing.draw(request, "public/check_in_thanks.html", response.store, _words(request, response), _context(response))
    return _form(request, response, chosen or response.score)


def _take(request: HttpRequest, response: Response) -> HttpResponse:
    score = _score(request.POST.get("score"))
    if score is None:
        return _form(request, response, response.score, error=_words(request, response).say("Choose one of the five answers."))
    comment = request.POST.get("comment", response.comment)[:_LONGEST_COMMENT]
    answers.answer(response, score=score, comment=comment, now=clock.read())
    return SeeOther(reverse("public:check-in", args=[response.token]))


def _form(request: HttpRequest, response: Response, chosen: int | None, *, error: str = "") -> HttpResponse:
    context = _context(response) | {"chosen": chosen, "choices": answers.WORDS.items(), "error": error}
    words = _words(request, response)
    return drawing.draw(request, "public/check_in.html", response.store, words, context, status=422 if error else 200)


def _words(request: HttpRequest, response: Response) -> Phrases:
    order_language = response.order.language if response.order else ""
    return drawing.words_of(request, response.customer.language, order_language, response.store.language)


def _score(text: str | None) -> int | None:
    return int(text) if text in ("1", "2", "3", "4", "5") else None


def _context(response: Response) -> dict[str, object]:
    """Return what both pages show; who reads the answer is the person who signs the shop's mails."""
    store = response.store
    return {
        "response": response,
        "reader": store.sender_name.partition(" at ")[0] or store.name,
        "word": answers.WORDS.get(response.score or 0, ""),
        "is_low": response.score is not None and response.score <= answers.LOW,
        "is_high": response.score is not None and response.score >= answers.HIGH,
        "review": _next(response),
    }


def _next(response: Response) -> Review | None:
    """Return the review that a happy answer leads to, until it is written."""
    is_happy = response.score is not None and response.score >= answers.HIGH
    return Review.objects.filter(order=response.order_id, given_at=None).first() if is_happy and response.order_id else None
