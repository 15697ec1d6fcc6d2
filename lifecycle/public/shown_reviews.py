"""What customers said of a product, or of all of a shop's: a page of its own, or in a frame on the shop's pages, and as structured data.

Everybody may see it, so it is kept for some minutes wherever it passes (the page by its reader alone, whose language it speaks); what
staff hide is gone then.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from csp.decorators import csp_replace
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from catalog.models import Product
from lifecycle.public import drawing, embedding
from lifecycle.public.days import Calendar
from lifecycle.public.door import may_be, unknown
from stores import clock, pictures
from stores.models import Store
from stores.phrases import Phrases
from surveys import published
from surveys.models import Review, ReviewPhoto

_AT_ONCE, _TO_ENGINES = 10, 20
_BY_ALL, _BY_ITS_READER = "public, max-age=300", "private, max-age=300"


@dataclass(frozen=True)
class Bar:
    """How many gave so many stars, and where those stand."""

    stars: int
    name: str
    number: int
    address: str


def for_everybody(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer GET and HEAD with what may be kept for some minutes, and that engines find on the shop's own pages only."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", _BY_ALL if response.status_code < 400 else "no-store")
        response["X-Robots-Tag"] = "noindex"
        return response

    return require_safe(inner)


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@for_everybody
def page(request: HttpRequest, store: str) -> HttpResponse:
    shop = Store.objects.filter(slug=store).first()
    product = _product(request, shop) if shop else None
    if shop is None or (product is None and _asked(request)):
        return unknown(request)
    words, own = drawing.words_of(request, shop.language), product.external_id if product else ""
    stands, stars = published.standing(shop, own), _stars(request)
    rows = _from(request, published.reviews(shop, own), stars)
    context = {
        "product": product, "stands": stands, "stars": stars, "is_bare": "framed" in request.GET, "bars": _bars(request, stands, words),
        "counted": words.say_many(stands.count, "{n} review", "{n} reviews"),
        "average": format_decimal(stands.average or 0, "0.0", locale=words.locale), "rows": rows[:_AT_ONCE],
        "older": _address(request, before=rows[_AT_ONCE - 1].pk) if len(rows) > _AT_ONCE else "", "all": _address(request),
        "calendar": Calendar(clock.read(), ZoneInfo(shop.timezone), words),
    }  # fmt: skip
    answer = drawing.draw(request, "public/reviews.html", shop, words, context)
    answer["Cache-Control"] = _BY_ITS_READER
    return answer


@for_everybody
def facts(request: HttpRequest, store: str) -> HttpResponse:
    """Answer a product's reviews as schema.org's JSON-LD; 204 where nobody said anything yet."""
    shop = Store.objects.filter(slug=store).first()
    product = _product(request, shop) if shop else None
    if shop is None or product is None:
        raise Http404
    stands = published.standing(shop, product.external_id)
    rows = published.reviews(shop, product.external_id).order_by("-given_at", "-id")[:_TO_ENGINES]
    picture = settings.PUBLIC_URL + reverse("public:review-photo", args=["TOKEN"])
    said = json.dumps(published.structured(product, stands, rows, picture=picture), ensure_ascii=False).replace("<", "\\u003c")
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/ld+json"}
    return HttpResponse(said, headers=headers) if stands.count else HttpResponse(status=204, headers=headers)


@require_safe
def kit(request: HttpRequest, store: str) -> HttpResponse:
    """Answer the script that shows the reviews where it stands in the shop's page, and tells search engines of them."""
    if not Store.objects.filter(slug=store).exists():
        return unknown(request)
    path, told = (reverse(f"public:{name}", args=[store]) for name in ("reviews", "reviews-facts"))
    return embedding.script(path, ("product", drawing.CHOICE), title="Reviews", height="12rem", facts=told)


@for_everybody
def photo(request: HttpRequest, token: str) -> HttpResponse:
    found = published.photo(token) if may_be(token) else None
    if found is None:
        raise Http404
    return picture(found, kept=_BY_ALL)


def picture(found: ReviewPhoto, *, kept: str = "private, no-store") -> HttpResponse:
    """Answer a customer's picture, which is drawn anew and so nothing but pixels."""
    return HttpResponse(bytes(found.content), content_type=pictures.TYPES[found.kind], headers={"Cache-Control": kept})


def _asked(request: HttpRequest) -> str:
    return request.GET.get("product", "")[:120]


def _product(request: HttpRequest, store: Store) -> Product | None:
    own = _asked(request)
    return Product.objects.filter(store=store, external_id=own).first() if own else None


def _stars(request: HttpRequest) -> int:
    asked = request.GET.get("stars", "")
    return int(asked) if asked in ("1", "2", "3", "4", "5") else 0


def _from(request: HttpRequest, found: QuerySet[Review], stars: int) -> Sequence[Review]:
    """Return a page's reviews and one more, the newest first; `before` is the last one of the page before."""
    found = found.filter(stars=stars) if stars else found
    asked = request.GET.get("before", "")
    last = found.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    if last:
        found = found.filter(Q(given_at__lt=last.given_at) | Q(given_at=last.given_at, pk__lt=last.pk))
    return list(found.select_related("product").order_by("-given_at", "-id")[: _AT_ONCE + 1])


def _bars(request: HttpRequest, stands: published.Standing, words: Phrases) -> Iterable[Bar]:
    named = ((stars, words.say_many(stars, "{n} star", "{n} stars"), number) for stars, number in stands.by_stars.items())
    return [Bar(stars, name, number, _address(request, stars=stars)) for stars, name, number in named]


def _address(request: HttpRequest, **more: int) -> str:
    """Return this page's address with something asked besides; what was asked of the list before falls away unless it goes along."""
    query = request.GET.copy()
    for name in ("before", *(() if "before" in more else ("stars",))):
        query.pop(name, None)
    query.update({name: str(value) for name, value in more.items()})
    return f"{request.path}?{query.urlencode()}"
