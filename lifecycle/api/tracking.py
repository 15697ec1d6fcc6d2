"""The tracking API: what Segment's HTTP API takes, so that its public libraries work when they are pointed here.

`POST /v1/<call>` with the store's write key, as the user name of Basic authentication or as `writeKey` in the body. The key only lets
things in, so it may stand in a page, and any site may call. Whatever can be read of a body is taken; a 200 says that nothing needs to come
again.
"""

import base64
import binascii
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from engagement import actions, messages, tracking
from engagement.models import WriteKey
from integrations import payloads
from lifecycle.counts import count
from lifecycle.networks import known_network_of
from stores import clock

#: The calls, by the short names of the browser's library too.
CALLS = {
    "page": "page", "p": "page", "screen": "screen", "s": "screen", "track": "track", "t": "track", "identify": "identify", "i": "identify",
    "alias": "alias", "a": "alias", "group": "group", "g": "group", "batch": "", "b": "", "import": "",
}  # fmt: skip
LONGEST = 500 * 1024
_LONGEST_UNPACKED = 4 * LONGEST
#: Messages of one batch; a body that fits has no more of any use.
_MOST = 2500
PER_MINUTE = {"store": 6000, "network": 600}
_USED_EVERY = timedelta(minutes=1)


class Refused(Exception):
    """A request that is answered with a status and a word for it."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code = status, code


@csrf_exempt
def receive(request: HttpRequest, call: str) -> HttpResponse:
    """Take in one call or a batch."""
    if request.method == "OPTIONS":
        return _for_any_site(HttpResponse(status=204))
    try:
        _take_in(request, call)
        answer = JsonResponse({"success": True})
    except Refused as error:
        answer = JsonResponse({"success": False, "code": error.code, "message": str(error)}, status=error.status)
        if error.status == 429:
            answer["Retry-After"] = "60"
    return _for_any_site(answer)


def _for_any_site(answer: HttpResponse) -> HttpResponse:
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Content-Encoding"
    answer["Access-Control-Max-Age"] = "86400"
    return answer


def _take_in(request: HttpRequest, call: str) -> None:
    if request.method != "POST":
        raise Refused(405, "method", "Post it.")
    if call not in CALLS:
        raise Refused(404, "unknown_call", "There is no such call.")
    body = _body(request)
    key = _key(request, body)
    now = clock.read()
    _count(key, known_network_of(request), now=now)
    found = body.get("batch") if CALLS[call] == "" else [body]
    if not isinstance(found, list):
        raise Refused(400, "no_batch", "A batch is an object with a list of messages in `batch`.")
    sent_at = body.get("sentAt")
    told = [each for raw in found[:_MOST] if (each := messages.read(raw, sent_at=sent_at, now=now, call=CALLS[call]))]
    tracking.take_in(key.store, told, now=now, kept_from=actions.parted().kept_from(now=now))
    if key.last_used_at is None or key.last_used_at < now - _USED_EVERY:
        WriteKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _body(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a body, unpacked; Refused says what is wrong with it."""
    try:
        raw = request.body if int(request.headers.get("Content-Length") or 0) <= LONGEST else None
    except (ValueError, UnreadablePostError) as error:
        raise Refused(400, "broken_off", "The request broke off.") from error
    if raw is None:
        raise Refused(413, "too_large", "A request may have 500 kB.")
    if raw[:2] == b"\x1f\x8b":
        raw = _unpacked(raw)
    try:
        return payloads.read_object(raw)
    except payloads.NotJson as error:
        raise Refused(400, "not_json", f"The body is not JSON: {error}") from error


def _unpacked(raw: bytes) -> bytes:
    try:
        reader = zlib.decompressobj(wbits=31)
        unpacked = reader.decompress(raw, _LONGEST_UNPACKED)
    except zlib.error as error:
        raise Refused(400, "not_gzip", "The body says it is gzip and is not.") from error
    if reader.unconsumed_tail:
        raise Refused(413, "too_large", "Unpacked, a request may have 2 MB.")
    return unpacked


def _key(request: HttpRequest, body: dict[str, Any]) -> WriteKey:
    """Return the write key of the header, or of the body where browsers cannot set one."""
    said = _user_name(request.headers.get("Authorization", "")) or body.get("writeKey")
    found = WriteKey.objects.select_related("store").filter(key=said).first() if isinstance(said, str) else None
    if found is None:
        raise Refused(401, "unknown_key", "There is no such write key. It stands under Settings, API keys.")
    return found


def _user_name(header: str) -> str:
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[0].replace("\0", "")
    except (binascii.Error, ValueError):
        return ""


def _count(key: WriteKey, network: str, *, now: datetime) -> None:
    """Count a request of a store and of a network within it; Refused when there are too many in a minute."""
    minute = int(now.timestamp()) // 60
    for who, about in (("store", ""), ("network", network)):
        if count("told", f"{key.pk} {who} {about} {minute}", seconds=120) > PER_MINUTE[who]:
            raise Refused(429, "too_many", "Too many requests within a minute.")
