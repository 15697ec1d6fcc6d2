"""The door for shops' deliveries: check the signature over the raw bytes, keep the body, answer. Nothing else happens here."""

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations import connections, inbox, payloads, platforms, tasks
from integrations.models import InboxItem
from stores import clock

_LARGEST = 10 * 1024 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take one delivery: 401 unless it is signed (also for an unknown path), 413, 400 for no JSON, else 200."""
    body = _body(request)
    if body is None:
        return _answer("The body is larger than 10 MB.", 413)
    connection = connections.by_token(token)
    platform = platforms.of(connection.platform) if connection else platforms.of("generic")
    secrets = connections.secrets_of(connection) if connection else ["nobody's"]
    if not platforms.is_signed(platform, request.headers, body, secrets) or connection is None:
        return _answer("The signature is missing or wrong.", 401)
    now, label = clock.read(), platforms.label(platform, request.headers)
    if not platform.adapter.knows(label.topic):
        reason = f"Nothing here uses the topic {label.topic or '(none)'}."
        inbox.receive(connection, label=label, body=body, now=now, state=InboxItem.State.IGNORED, reason=reason)
        return _answer("ignored", 200)
    try:
        payloads.read(body)
    except payloads.NotJson as error:
        inbox.receive(connection, label=label, body=body, now=now, state=InboxItem.State.FAILED, reason=f"The body is not JSON: {error}")
        return _answer(f"The body is not JSON: {error}", 400)
    if inbox.receive(connection, label=label, body=body, now=now):
        tasks.nudge()
    return _answer("ok", 200)


def _body(request: HttpRequest) -> bytes | None:
    """Return the raw body, or None if it is too large."""
    if int(request.headers.get("Content-Length") or 0) > _LARGEST:
        return None
    try:
        body: bytes = request.read(_LARGEST + 1)
    except (RawPostDataException, UnreadablePostError):
        return b""
    return body if len(body) <= _LARGEST else None


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text + "\n", content_type="text/plain; charset=utf-8", status=status)
