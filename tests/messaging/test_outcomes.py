"""What an exception of a mail road means for the mail: the table, and a server that behaves in each of its ways."""

import smtplib

import pytest
from anymail import exceptions as anymail
from requests import ConnectionError as NoConnection
from requests import ConnectTimeout, ReadTimeout, Response

from messaging.outcomes import Failed, Retry, Unknown, of_error


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"ana@example.com": (code, b"no")})


def provider(
    status: int | None, *, cause: Exception | None = None, headers: dict[str, str] | None = None
) -> anymail.AnymailRequestsAPIError:
    response = None
    if status is not None:
        response = Response()
        response.status_code = status
        response.headers.update(headers or {})
    error = anymail.AnymailRequestsAPIError("no", response=response)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "dot_written", "kind"),
    [
        (ConnectionRefusedError(), False, Retry),
        (smtplib.SMTPConnectError(421, b"busy"), False, Retry),
        (smtplib.SMTPServerDisconnected("gone"), False, Retry),
        (TimeoutError(), False, Retry),
        (smtplib.SMTPSenderRefused(451, b"later", "a@b.example"), False, Retry),
        (smtplib.SMTPSenderRefused(550, b"never", "a@b.example"), False, Failed),
        (refused(450), False, Retry),
        (refused(550), False, Failed),
        (smtplib.SMTPDataError(451, b"later"), True, Retry),
        (smtplib.SMTPDataError(421, b"closing"), True, Retry),
        (smtplib.SMTPDataError(554, b"spam"), True, Failed),
        (smtplib.SMTPServerDisconnected("gone"), True, Unknown),
        (TimeoutError(), True, Unknown),
        (smtplib.SMTPAuthenticationError(535, b"who?"), False, Retry),
        (ValueError("header"), False, Failed),
        (RuntimeError("?"), False, Unknown),
        (provider(400), False, Failed),
        (provider(409), False, Unknown),
        (provider(429), False, Retry),
        (provider(503), False, Retry),
        (provider(500), False, Unknown),
        (provider(None, cause=ConnectTimeout()), False, Retry),
        (provider(None, cause=NoConnection("NewConnectionError: refused")), False, Retry),
        (provider(None, cause=ReadTimeout()), False, Unknown),
        (anymail.AnymailSerializationError("bad"), False, Failed),
    ],
)
def test_each_error_has_one_meaning(error, dot_written, kind):
    assert type(of_error(error, dot_written=dot_written)) is kind


def test_a_providers_retry_after_is_kept():
    outcome = of_error(provider(429, headers={"Retry-After": "17"}), dot_written=False)
    assert isinstance(outcome, Retry)
    assert outcome.after == 17.0
