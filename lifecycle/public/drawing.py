"""Draws a customers' page: in the shop's colours, and in the language of whoever reads it.

That is the one chosen on these pages, which a cookie remembers, else the customer's, their order's, the shop's. Choosing is following a
link, so it needs no script, and the link alone is enough inside a shop's frame, where no cookie comes along.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lifecycle.public import brand
from stores import phrases
from stores.models import Store
from stores.phrases import Phrases

CHOICE = "lang"
_COOKIE = "language"
_KEPT_SECONDS = 365 * 24 * 3600


def words_of(request: HttpRequest, *languages: str) -> Phrases:
    """Return the words of the language chosen on these pages, else of the first of these there are words of."""
    chosen = (request.GET.get(CHOICE, ""), request.COOKIES.get(_COOKIE, ""))
    return phrases.of(phrases.pick((*chosen, *languages), phrases.LANGUAGES) or phrases.ENGLISH)


def draw(
    request: HttpRequest, template: str, store: Store | None, words: Phrases, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Answer a template with what every page shows; `here` in the context is the page's own address, where that is not the request's."""
    shown = {
        "store": store,
        "brand": brand.name(store.brand_color) if store else "",
        "words": words,
        "direction": words.locale.text_direction,
        "languages": _languages(request, context.get("here") or request.path),
        **context,
    }
    response = render(request, template, shown, status=status)
    if phrases.pick([request.GET.get(CHOICE, "")], phrases.LANGUAGES):
        response.set_cookie(
            _COOKIE, words.language, max_age=_KEPT_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


def _languages(request: HttpRequest, here: str) -> list[tuple[str, str, str]]:
    """Return code, own name and address of each language this page can be read in."""
    query = request.GET.copy()
    found = []
    for code, name in phrases.LANGUAGES.items():
        query[CHOICE] = code
        found.append((code, name, f"{here}?{query.urlencode()}"))
    return found
