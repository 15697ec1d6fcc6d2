"""Draws a customers' page: in the shop's colours, and in the language of whoever reads it.

That is the one chosen on these pages, which a cookie remembers, else the customer's, their order's, the shop's. Choosing is following a
link, so it needs no script, and the link alone is enough inside a shop's frame, where no cookie comes along.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from lifecycle.public import brand
from stores import phrases
from stores.models import Store
from stores.phrases import Phrases

CHOICE = "lang"
_COOKIE = "language"
_KEPT_SECONDS = 365 * 24 * 3600
_HERE = "HERE"


def words_of(request: HttpRequest, *languages: str) -> Phrases:
    """Return the words of the language chosen on these pages, else of the first of these there are words of."""
    return _picked((request.GET.get(CHOICE, ""), request.COOKIES.get(_COOKIE, ""), *languages))


@lru_cache(maxsize=1024)
def _picked(wanted: tuple[str, ...]) -> Phrases:
    return phrases.of(phrases.pick(wanted, phrases.LANGUAGES) or phrases.ENGLISH)


def draw(
    request: HttpRequest, template: str, store: Store | None, words: Phrases, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Answer a template with what every page shows; `here` in the context is the page's own address, where that is not the request's."""
    shown = {
        "store": store,
        "brand": brand.name(store.brand_color) if store else "",
        "words": words,
        "direction": words.locale.text_direction,
        "languages": _languages(request, context.get("here") or request.path, words.language),
        **context,
    }
    response = render(request, template, shown, status=status)
    if CHOICE in request.GET and phrases.pick([request.GET[CHOICE]], phrases.LANGUAGES):
        response.set_cookie(
            _COOKIE, words.language, max_age=_KEPT_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


def _languages(request: HttpRequest, here: str, language: str) -> str:
    """Return a link to this page in each other language, and the name of the one it is in."""
    query = request.GET.copy()
    query.pop(CHOICE, None)
    return mark_safe(_links(language).replace(_HERE, escape(f"{here}?{query.urlencode()}&" if query else f"{here}?")))


@cache
def _links(language: str) -> str:
    """Return the links of `_languages` with a word for the page's address up to the language."""
    link = '<a href="{}{}={}" lang="{}" hreflang="{}" rel="nofollow">{}</a>'
    return "\n".join(
        format_html('<span lang="{}" aria-current="true">{}</span>', code, name)
        if code == language
        else format_html(link, _HERE, CHOICE, code, code, code, name)
        for code, name in phrases.LANGUAGES.items()
    )
