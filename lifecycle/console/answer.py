"""How pages answer: whole or the part that was asked for; and forms by 303, so that reload and Back repeat nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    status_code = 303


def see(to: Any, *args: Any) -> HttpResponse:
    return SeeOther(resolve_url(to, *args))


def gone_to(request: HttpRequest, address: str) -> HttpResponse:
    """Answer a form by another page; where htmx sent it, that is gone to whole, whatever part the form was to be swapped for."""
    return HttpResponse(headers={"HX-Redirect": address}) if is_fragment(request) else SeeOther(address)


def back(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """Return to the page the form stood on (its hidden `next`, or what htmx says), or to `to`."""
    wanted = request.POST.get("next") or request.headers.get("HX-Current-URL", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return SeeOther(wanted)
    return SeeOther(resolve_url(to, *args))


def is_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of the page; what it restores to Back is a whole page again."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def shown(request: HttpRequest, template: str, context: dict[str, Any], *, part: str) -> HttpResponse:
    """Answer a page, or its `part` alone (the very template the page includes) with what there is to tell.

    A form's 303 is followed by htmx with the same headers: after a POST, too, the part comes from the page's own view.
    """
    if is_fragment(request):
        return render(request, "fragment.html", {**context, "part": part})
    return render(request, template, context)
