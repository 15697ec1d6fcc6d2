"""The door for mail that customers write: proved by the desk's own secret, kept as it came, answered. Nothing else happens here."""

from math import ceil
from time import monotonic

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from enquiries import arriving, doors
from enquiries.models import Desk
from stores import clock, turnstile


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take a delivery: 401 unless it is proved (also for an unknown path), 413, 429, else 200."""
    if request.method == "HEAD":
        return _answer("", 200)
    try:
        body = request.body
    except RequestDataTooBig:
        return _answer("The body is larger than 10 MB.", 413)
    desk = Desk.objects.filter(hook_token=token).first()
    if desk is None or not doors.is_proved(request, desk):
        return _answer("The signature or password is missing or wrong.", 401)
    if (seconds := turnstile.wait(f"desk {desk.pk}", moment=monotonic())) > 0:
        answer = _answer("Too many deliveries. Please send it again later.", 429)
        answer["Retry-After"] = str(ceil(seconds))
        return answer
    arriving.keep(desk, body, content_type=request.headers.get("Content-Type", ""), now=clock.read())
    return _answer("ok", 200)


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text and text + "\n", content_type="text/plain; charset=utf-8", status=status)
