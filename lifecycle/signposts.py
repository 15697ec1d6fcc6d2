"""What browsers, crawlers and password managers look for at fixed addresses, and how an address that is none is answered."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("icons/favicon.ico"))


@require_safe
def touch_icon(request: HttpRequest) -> HttpResponse:
    return redirect(static("icons/touch.png"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers out of everything: behind the sign-in are staff's pages, behind tokens customers'."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead password managers to the form (W3C, "A Well-Known URL for Changing Passwords")."""
    return redirect("account_change_password")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer machines in JSON, people with a page."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "Not found"}, status=404)
    return page_not_found(request, exception)
