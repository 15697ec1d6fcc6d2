"""Anymail's backends, waiting no longer than they should: 5 seconds for a connection, 30 for the whole answer.

A time-out of `requests` is for one read: an answer that trickles keeps it waiting for ever. Here the answer as a whole has an end.
"""

import uuid
from time import monotonic
from typing import Any

from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.backends.brevo import EmailBackend as BrevoBackend
from anymail.backends.mailgun import EmailBackend as MailgunBackend
from anymail.backends.mailjet import EmailBackend as MailjetBackend
from anymail.backends.mailtrap import EmailBackend as MailtrapBackend
from anymail.backends.postmark import EmailBackend as PostmarkBackend
from anymail.backends.sendgrid import EmailBackend as SendGridBackend
from anymail.backends.sparkpost import EmailBackend as SparkPostBackend
from anymail.exceptions import AnymailError, AnymailRequestsAPIError
from django.core.mail import EmailMessage
from requests import ConnectionError, ConnectTimeout, PreparedRequest, ReadTimeout, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
_LARGEST_ANSWER = 1024 * 1024


class _Adapter(HTTPAdapter):
    """Reads each answer whole, or raises ReadTimeout when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        end = monotonic() + self.seconds
        options |= {"stream": True, "timeout": (min(CONNECT_SECONDS, self.seconds), self.seconds)}
        try:
            response = super().send(request, *args, **options)
        except ConnectionError as error:
            if _never_connected(error):
                raise ConnectTimeout(error, request=request) from error  # what everybody takes for "nothing was sent"
            raise
        try:
            response._content = _read(response, end)  # as requests itself keeps a body that was read
        except ReadTimeoutError as error:
            raise ReadTimeout(error, request=request) from error
        except (HTTPError, OSError) as error:
            raise ConnectionError(error, request=request) from error
        response._content_consumed = True
        return response


def _never_connected(error: ConnectionError) -> bool:
    """Say whether a name was not found, nobody listened, or the other side was not who it should be: before anything was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError) or "CERTIFICATE_VERIFY_FAILED" in repr(reason)


def _read(response: Response, end: float) -> bytes:
    """Return the body, piece by piece as it comes; raise ReadTimeout when it takes too long or never ends."""
    body = b""
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if monotonic() > end or len(body) > _LARGEST_ANSWER:
            response.close()
            raise ReadTimeout("The answer did not end in time.", request=response.request)
    return body


class Patient(AnymailRequestsBackend):  # type: ignore[misc]  # anymail has no types
    """What all of anymail's backends get here."""

    def __init__(self, *, total_seconds: float = TOTAL_SECONDS, **settings: Any) -> None:
        self.total_seconds = total_seconds
        super().__init__(**settings)

    def create_session(self) -> Session:
        session: Session = super().create_session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(self.total_seconds))
        return session

    def parse_recipient_status(self, response: Response, payload: Any, message: EmailMessage) -> Any:
        """Read who was taken; a "yes" that cannot be read leaves it unknown, so the error carries no status of a refusal."""
        try:
            return super().parse_recipient_status(response, payload, message)
        except AnymailError as error:
            if not response.ok:  # Postmark's refusals of one mail come this way
                raise
            raise AnymailRequestsAPIError("The provider’s answer cannot be read.", email_message=message, backend=self) from error


class Brevo(Patient, BrevoBackend):  # type: ignore[misc]
    """Brevo takes a key among the mail's headers; it must look like a UUID."""

    def build_message_payload(self, message: EmailMessage, defaults: Any) -> Any:
        if key := getattr(message, "once_key", ""):
            message.extra_headers = {**message.extra_headers, "idempotencyKey": str(uuid.uuid5(uuid.NAMESPACE_OID, key))}
        return super().build_message_payload(message, defaults)


class Mailgun(Patient, MailgunBackend):  # type: ignore[misc]
    """Mailgun."""


class Mailjet(Patient, MailjetBackend):  # type: ignore[misc]
    """Mailjet."""


class Mailtrap(Patient, MailtrapBackend):  # type: ignore[misc]
    """Mailtrap."""


class Postmark(Patient, PostmarkBackend):  # type: ignore[misc]
    """Postmark."""


class SendGrid(Patient, SendGridBackend):  # type: ignore[misc]
    """SendGrid."""


class SparkPost(Patient, SparkPostBackend):  # type: ignore[misc]
    """SparkPost."""
