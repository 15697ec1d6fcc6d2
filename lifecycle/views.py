"""What belongs to no room: the health check, and the header every page of a signed-in person carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.cache import never_cache

from stores import clock, ticks

Respond = Callable[[HttpRequest], HttpResponseBase]


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers and the workers consume, 503 when no pulse was seen for two minutes.

    `?only=web` asks this process and its database alone: a dead worker is no reason to start the web server anew.
    """
    now = clock.read()
    if request.GET.get("only") == "web":
        return JsonResponse({"status": "ok"})
    pulse = ticks.last(ticks.PULSE, now=now)
    is_well = pulse is not None and pulse.age <= ticks.LATE
    facts = {
        "status": "ok" if is_well else "no worker",
        "pulse_seconds_ago": round(pulse.age.total_seconds(), 1) if pulse else None,
        "behind_seconds": round(pulse.behind.total_seconds(), 1) if pulse else None,
    }
    return JsonResponse(facts, status=200 if is_well else 503)


def fragments_vary(get_response: Respond) -> Respond:
    """Keep pages of signed-in people out of shared caches, and apart from the fragments that the same address gives.

    Without Vary, Back in the browser would show a bare fragment (ux 3a).
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
        if request.path.startswith(("/s/", "/stores/", "/me/")) and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return respond
