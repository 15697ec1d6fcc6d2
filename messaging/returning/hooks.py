"""The door for providers' news: proved by the account's own secret, kept as it came, answered. Nothing else happens here."""

import json
from math import ceil
from time import monotonic
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from messaging.models import Account
from messaging.returning import coming_back
from messaging.roads import accounts
from messaging.roads.providers import PROVIDERS, reading
from stores import clock, turnstile

_MOST_EVENTS = 5000


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take a provider's news: 401 unless it is proved (also for an unknown path), 413, 429, 400 for no JSON, else 200."""
    if request.method == "HEAD":
        return _answer("", 200)  # some look whether there is somebody before they send
    now = clock.read()
    try:
        request.body  # noqa: B018  # read once, here: what is too large is raised
    except RequestDataTooBig:
        return _answer("The body is larger than 10 MB.", 413)
    account = Account.objects.filter(hook_token=token).first()
    if account is None or not _is_proved(request, account, now=now):
        return _answer("The signature or password is missing or wrong.", 401)
    if (seconds := turnstile.wait(f"account {account.pk}", moment=monotonic())) > 0:
        answer = _answer("Too many deliveries. Please send it again later.", 429)
        answer["Retry-After"] = str(ceil(seconds))
        return answer
    try:
        body: Any = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        return _answer(f"The body is not JSON: {error}"[:300], 400)
    told = reading.split(PROVIDERS[account.provider], body)
    if len(told) > _MOST_EVENTS:
        return _answer(f"More than {_MOST_EVENTS} events at once.", 413)
    coming_back.keep(account, told, now=now)
    return _answer("ok", 200)


def _is_proved(request: HttpRequest, account: Account, *, now: Any) -> bool:
    """Say whether the account's own secret proves a request; without a secret nothing is proved."""
    provider = PROVIDERS[account.provider]
    if provider.hook is None:
        return False
    try:
        secret = accounts.hook_secrets(account).get("key", "")
        topics = account.options.get("topics", "")
        if not (topics if provider.key == "amazon_ses" else secret):
            return False
        reading.view_of(provider, secret=secret, topics=topics, now=now).run_validators(request)
    except (AnymailWebhookValidationFailure, accounts.CannotRead, ValueError):
        return False
    return True


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text and text + "\n", content_type="text/plain; charset=utf-8", status=status)
