"""What became of one attempt to send, by what the mail road answered. Pure.

Certainly not taken → Retry; refused for good → Failed; taken → Accepted; anything after the whole mail was handed over without
an answer → Unknown, which is never sent again by itself.
"""

import smtplib
from dataclasses import dataclass

from anymail import exceptions as anymail
from requests import exceptions as requests


@dataclass(frozen=True)
class Accepted:
    """The next hop has taken the mail; `provider_id` is its own name for it, if it gave one."""

    provider_id: str = ""


@dataclass(frozen=True)
class Retry:
    """Certainly not taken: it may be tried again, not before `after` seconds if the other side said so.

    `is_road`: it was not about this mail, the road itself is closed for now.
    """

    detail: str
    after: float | None = None
    is_road: bool = False


@dataclass(frozen=True)
class Failed:
    """Refused for good. `is_reply`: `detail` is the next hop's own word on this recipient or this mail."""

    detail: str
    is_reply: bool = False


@dataclass(frozen=True)
class Unknown:
    """Handed over whole, and never answered."""

    detail: str


Outcome = Accepted | Retry | Failed | Unknown


def of_road(error: Exception) -> Retry:
    """Return what it means that a line could not be opened: nothing was said of any mail."""
    return Retry(_detail(error), is_road=True)


def is_of_the_mail(error: Exception) -> bool:
    """Say whether the other side answered about one mail, and the line is still good for the next."""
    return isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused | anymail.AnymailError | ValueError)


def of_error(error: Exception, *, dot_written: bool) -> Outcome:
    """Return what an exception of the mail backend means; `dot_written`: the whole mail had been handed over."""
    detail = _detail(error)
    if isinstance(error, anymail.AnymailError):
        return _of_anymail(error, detail)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return Retry(detail) if codes and all(code < 500 for code in codes) else Failed(detail, is_reply=True)
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Retry(detail)  # the account or the server, not this mail
    if isinstance(error, smtplib.SMTPResponseException):
        return Retry(detail) if error.smtp_code < 500 else Failed(detail, is_reply=isinstance(error, smtplib.SMTPDataError))
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return Failed(detail)  # the mail itself cannot be put on this road
    if isinstance(error, OSError):  # SMTPException is one
        return Unknown(detail) if dot_written else Retry(detail)
    return Unknown(detail)


def _of_anymail(error: anymail.AnymailError, detail: str) -> Outcome:
    status = error.status_code
    if status is None:
        return _of_anymail_without_answer(error, detail)
    if status in (429, 503):
        return Retry(detail, _retry_after(error), is_road=True)
    if status in (401, 403):
        return Retry(detail, is_road=True)  # the account, not this mail
    if status == 409:
        return Unknown(detail)  # the same key is under way, or was used: somebody has this mail
    return Failed(detail) if status < 500 else Unknown(detail)


def _of_anymail_without_answer(error: anymail.AnymailError, detail: str) -> Outcome:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, requests.ConnectTimeout) or (isinstance(cause, requests.ConnectionError) and "NewConnectionError" in repr(cause)):
        return Retry(detail)
    if isinstance(error, anymail.AnymailConfigurationError):
        return Retry(detail)
    if isinstance(error, anymail.AnymailRequestsAPIError | anymail.AnymailAPIError) and cause is not None:
        return Unknown(detail)
    return Failed(detail)


def _retry_after(error: anymail.AnymailError) -> float | None:
    try:
        return float(error.response.headers["Retry-After"])
    except (AttributeError, KeyError, ValueError):
        return None


def _detail(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(reply)}" for code, reply in error.recipients.values())[:500]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:500]
    return f"{type(error).__name__}: {error}"[:500]


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
