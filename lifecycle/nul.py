"""NUL characters in what people send: no field means one, and PostgreSQL keeps none."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError


class WithoutNul:
    """Take NUL out of a request's query and form before any page reads them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        while "%00" in request.META.get("QUERY_STRING", ""):  # taking one out may leave another
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        """Clean the form, which the check of its token has just read, where there is one."""
        try:
            if request.method != "POST" or not any("\0" in value for _, values in request.POST.lists() for value in values):
                return
        except (MultiPartParserError, UnreadablePostError, SuspiciousOperation):  # the page that reads it says what is wrong
            return
        form = request.POST.copy()
        for name, values in request.POST.lists():
            form.setlist(name, [value.replace("\0", "") for value in values])
        form._mutable = False
        request.POST = form  # type: ignore[assignment]
