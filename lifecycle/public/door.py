"""How a token opens a public page, and the headers that keep such a page private."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from lifecycle.public import drawing

M = TypeVar("M", bound=Model)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")


class SeeOther(HttpResponseRedirect):
    """Have the browser fetch a page after a POST (303)."""

    status_code = 303


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer GET, HEAD and POST with a page that nobody indexes, stores or learns the address of.

    `same-origin` and not `no-referrer`: with the latter Chromium posts `Origin: null`, which the CSRF check refuses.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        response["Cache-Control"] = "no-store"
        return response

    return require_http_methods(["GET", "HEAD", "POST"])(inner)


def opened_by(rows: Callable[[], QuerySet[M]]) -> Callable[[Callable[[HttpRequest, M], HttpResponse]], Callable[..., HttpResponse]]:
    """Turn a view of (request, row) into a private view of (request, token); an unknown token gets the friendly 404 page."""

    def wrap(view: Callable[[HttpRequest, M], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, token: str) -> HttpResponse:
            row = find(rows(), token)
            return unknown(request) if row is None else view(request, row)

        return private(inner)

    return wrap


def find(rows: QuerySet[M], token: str) -> M | None:
    return rows.filter(token=token).first() if may_be(token) else None


def may_be(token: str) -> bool:
    """Say whether this can be a token; what cannot is not asked for (a zero byte would be an error)."""
    return _TOKEN.fullmatch(token) is not None


def unknown(request: HttpRequest) -> HttpResponse:
    return drawing.draw(request, "public/not_found.html", None, drawing.words_of(request), {}, status=404)
