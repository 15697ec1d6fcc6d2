"""Tries a store's road for real: a mail server is signed in to; a provider, which offers no such thing, gets one mail to whoever asks."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives import serialization

from messaging import outcomes
from messaging.models import Account, Message, Purpose
from messaging.outcomes import Accepted, Failed, Outcome, Retry, Unknown
from messaging.roads import accounts
from messaging.roads.line import Line
from messaging.roads.mime import mail_of
from messaging.roads.providers import PROVIDERS
from stores import tokens
from stores.models import Store

_TEXT = "This mail came over {label}, the road of {store}’s mails. It works; there is nothing to do."


def road(account: Account, *, store: Store, to: str, now: datetime) -> str:
    """Try an account and keep the outcome on it; return what went wrong in words, or ""."""
    problem = _words(_tried(account, store, to, now))
    account.last_error = problem[:500]
    account.verified_at = account.verified_at if problem else now
    account.save(update_fields=["last_error", "verified_at"])
    return problem


def _tried(account: Account, store: Store, to: str, now: datetime) -> Outcome:
    try:
        if PROVIDERS[account.provider].is_smtp:
            return _signed_in(account)
        with Line(account) as line:
            return line.send(mail_of(_mail(account, store, to, now), account))
    except (accounts.CannotRead, ValueError) as error:
        return Failed(str(error))


def _signed_in(account: Account) -> Outcome:
    backend = accounts.backend(account)
    try:
        backend.open()
    except Exception as error:
        return outcomes.of_road(error)
    finally:
        backend.close()
    return Accepted()


def _mail(account: Account, store: Store, to: str, now: datetime) -> Message:
    """Return a mail that is never saved."""
    sender = accounts.sender_of(store, account)
    text = _TEXT.format(label=PROVIDERS[account.provider].label, store=store.name)
    return Message(
        store=store, dedupe_key=f"try:{tokens.public_token()}", purpose=Purpose.TRANSACTIONAL, is_urgent=True, to_email=to,
        from_email=sender.email, from_name=sender.name, reply_to=sender.reply_to, subject=f"The mail account of {store.name} works",
        text=text, html=f"<p>{text}</p>", created_at=now, due_at=now, use_by=now + timedelta(hours=1),
    )  # fmt: skip


def _words(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return ""
        case Unknown(detail):
            return f"The mail was handed over, but no answer came: {detail}"
        case Failed(detail) | Retry(detail):
            return detail


def is_public_key(text: str) -> bool:
    """Say whether a text is a public key as SendGrid shows it: base64, without PEM's first and last line."""
    try:
        serialization.load_pem_public_key(f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----".encode())
    except (ValueError, TypeError):
        return False
    return True
