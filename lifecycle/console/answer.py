"""How a form answers: 303 to the page that shows what changed, so that reload and Back repeat nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    status_code = 303


def see(to: Any, *args: Any) -> HttpResponse:
    return SeeOther(resolve_url(to, *args))


def back(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """Return to the page the form stood on (its hidden `next`), or to `to`."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return SeeOther(wanted)
    return SeeOther(resolve_url(to, *args))
