"""The door for shops' deliveries: check the signature over the raw bytes, keep the body, answer. Nothing else happens here."""

import re
from collections.abc import Callable
from math import ceil
from time import monotonic

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations import connections, inbox, payloads, platforms, tasks
from integrations.models import InboxItem
from stores import turnstile

_LARGEST = 10 * 1024 * 1024
#: How much of a body that is too large is still read: whoever is cut off while sending hears a broken pipe, not our answer.
_HEARD_OUT = 8 * _LARGEST
#: Checked in place of an unknown path's secret; without a secret nothing is ever signed.
_NOBODY = connections.Door(0, 0, "generic", ())


_PATH = re.compile(r"/hooks/([^/]+)/")
#: WooCommerce knocks once when a webhook is saved, unsigned, and keeps one only that is answered 200.
_KNOCK = re.compile(rb"webhook_id=[0-9]{1,20}")


def hooks_first(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Lead deliveries past what only people's pages need: sessions, sign-in, forms, content policy. It is most of a delivery's cost."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        hook = _PATH.fullmatch(request.path_info)
        return receive(request, hook[1]) if hook else get_response(request)

    return respond


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take one delivery: 401 unless it is signed (also for an unknown path), 413, 429, 400 for no JSON, else 200. A knock tells nothing."""
    body = _body(request)
    if body is None:
        return _answer("The body is larger than 10 MB.", 413)
    if _KNOCK.fullmatch(body):
        return _answer("ok", 200)
    door = _opened(request, token, body)
    if door is None:
        return _answer("The signature is missing or wrong.", 401)
    if (seconds := turnstile.wait(f"store {door.store_id}", moment=monotonic())) > 0:
        return _later(seconds)
    platform = platforms.of(door.platform)
    payload, problem = _read(body)
    label = platforms.label(platform, request.headers, payload)
    if not platform.adapter.knows(label.topic) and not (problem and platform.is_labelled_inside):
        reason = f"Nothing here uses the topic {label.topic or '(none)'}."
        inbox.receive(door, label=label, body=body, state=InboxItem.State.IGNORED, reason=reason)
        return _answer("ignored", 200)
    if problem:
        inbox.receive(door, label=label, body=body, state=InboxItem.State.FAILED, reason=problem)
        return _answer(problem, 400)
    if inbox.receive(door, label=label, body=body):
        tasks.nudge()
    return _answer("ok", 200)


def _opened(request: HttpRequest, token: str, body: bytes) -> connections.Door | None:
    """Return the door that a delivery is for if it is signed; an unknown path takes the same steps as a wrong signature."""
    moment = monotonic()
    kept = connections.kept_door(token, moment=moment)
    if kept is not None and _is_signed(request, kept, body):
        return kept
    found = connections.find_door(token, moment=moment)
    return found if _is_signed(request, found or _NOBODY, body) else None


def _is_signed(request: HttpRequest, door: connections.Door, body: bytes) -> bool:
    return platforms.is_signed(platforms.of(door.platform), request.headers, body, door.secrets)


def _read(body: bytes) -> tuple[object, str]:
    """Return the JSON value of a body, or what is wrong with it."""
    try:
        return payloads.read(body), ""
    except payloads.NotJson as error:
        return None, f"The body is not JSON: {error}"


def _body(request: HttpRequest) -> bytes | None:
    """Return the raw body, or None if it is too large."""
    try:
        body: bytes = request.read(_LARGEST + 1)
        if len(body) <= _LARGEST:
            return body
        heard = len(body)
        while heard < _HEARD_OUT and (more := request.read(1024 * 1024)):
            heard += len(more)
    except (RawPostDataException, UnreadablePostError):
        return b""
    return None


def _later(seconds: float) -> HttpResponse:
    answer = _answer("Too many deliveries. Please send it again later.", 429)
    answer["Retry-After"] = str(ceil(seconds))
    return answer


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text + "\n", content_type="text/plain; charset=utf-8", status=status)
