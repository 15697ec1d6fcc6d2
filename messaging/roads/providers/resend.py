"""Resend: its Idempotency-Key, which anymail does not send, and the signature of its news, for which anymail wants a package more."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from anymail.backends.resend import EmailBackend as ResendBackend
from anymail.backends.resend import ResendPayload
from anymail.exceptions import AnymailRequestsAPIError, AnymailWebhookValidationFailure
from anymail.webhooks.resend import ResendTrackingWebhookView
from django.core.mail import EmailMessage
from django.http import HttpRequest
from requests import HTTPError, Response

from messaging.roads.providers.patient import Patient

_LONGEST_KEY = 256
TOLERANCE = timedelta(minutes=5)


class Payload(ResendPayload):  # type: ignore[misc]  # anymail has no types
    """Anymail's payload with the key as a header of the request, not of the mail."""

    def get_request_params(self, api_url: str) -> dict[str, Any]:
        params: dict[str, Any] = super().get_request_params(api_url)
        if key := getattr(self.message, "once_key", ""):
            params["headers"] = {**params["headers"], "Idempotency-Key": key[:_LONGEST_KEY]}
        return params


class EmailBackend(Patient, ResendBackend):  # type: ignore[misc]
    """A 409 says that the key is in use: the first try is under way or was taken, so nothing is known of it yet."""

    def raise_for_status(self, response: Response, payload: Any, message: EmailMessage) -> None:
        if response.status_code == 409:
            raise AnymailRequestsAPIError("An earlier try under this key is not settled.", backend=self) from HTTPError(response=response)
        super().raise_for_status(response, payload, message)

    def build_message_payload(self, message: EmailMessage, defaults: Any) -> Payload:
        return Payload(message, defaults, self)


class HookView(ResendTrackingWebhookView):  # type: ignore[misc]
    """Checks signatures as standardwebhooks.com describes them: HMAC-SHA256 over id, time and body, not older than five minutes."""

    warn_if_no_basic_auth = False
    now: datetime

    def __init__(self, *, signing_secret: str, now: datetime) -> None:
        self.validators = [HookView.is_signed]
        self.signing_secret, self.now = signing_secret, now

    def is_signed(self, request: HttpRequest) -> None:
        """Raise AnymailWebhookValidationFailure unless one of the signatures is right."""
        name, moment, signatures = (request.headers.get(f"svix-{part}", "") for part in ("id", "timestamp", "signature"))
        if not moment.isdecimal() or abs(self.now.timestamp() - int(moment)) > TOLERANCE.total_seconds():
            raise AnymailWebhookValidationFailure("The signature is too old, or has no time.")
        try:
            key = base64.b64decode(self.signing_secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise AnymailWebhookValidationFailure("The signing secret is not one of Resend's.") from None
        wanted = base64.b64encode(hmac.digest(key, f"{name}.{moment}.".encode() + request.body, hashlib.sha256)).decode()
        given = [signature.removeprefix("v1,") for signature in signatures.split() if signature.startswith("v1,")]
        if not any(hmac.compare_digest(wanted.encode(), each.encode()) for each in given):
            raise AnymailWebhookValidationFailure("The signature is wrong.")
