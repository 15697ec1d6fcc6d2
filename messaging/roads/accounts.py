"""The roads a store's mails take: which account is whose, what goes into its backend, and what it adds to a mail.

Service and marketing mail share a road, order mail has its own or theirs: complaints about offers must not sink confirmations. A
store without accounts takes the installation's road (EMAIL_URL).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

from messaging.models import Account, Message, Purpose, Writer
from messaging.roads.providers import PROVIDERS, SMTP_BACKEND, Field, Provider
from stores import clock, tokens
from stores.models import Store

Stream = Account.Stream
ANSWER_SECONDS = 30
STREAM_OF = {Purpose.TRANSACTIONAL: Stream.TRANSACTIONAL, Purpose.SERVICE: Stream.MARKETING, Purpose.MARKETING: Stream.MARKETING}


class CannotRead(Exception):
    """The keys of an account were sealed with a SECRET_KEY that is gone."""


@dataclass(frozen=True)
class Sender:
    """Who a mail comes from."""

    email: str
    name: str
    reply_to: str


def accounts_of(store_ids: Collection[int]) -> dict[tuple[int, str], Account]:
    """Return the accounts of some stores by store and stream; one query."""
    return {(account.store_id, account.stream): account for account in Account.objects.filter(store__in=store_ids)}


def pick(held: Mapping[tuple[int, str], Account], *, store_id: int, purpose: str) -> Account | None:
    """Return the account among those held that a mail of this purpose takes; None: the installation's road."""
    return held.get((store_id, STREAM_OF[Purpose(purpose)])) or held.get((store_id, Stream.ALL))


def account_of(store: Store, purpose: str) -> Account | None:
    return pick(accounts_of([store.pk]), store_id=store.pk, purpose=purpose)


def sender_of(store: Store, account: Account | None, writer: Writer | None = None) -> Sender:
    """Return who mails by this account come from: its own words, and the store's where it has none; or somebody who writes them.

    Their address is taken only if it is of the road's own domain, or nobody would trust it, and if the road has none that keeps order
    mails and marketing apart (D5). Else their name stands before the road's address, and answers reach them.
    """
    usual = Sender(store.sender_email, store.sender_name or store.name, store.reply_to)
    if account is not None:
        usual = Sender(account.from_email or usual.email, account.from_name or usual.name, account.reply_to or usual.reply_to)
    if writer is None:
        return usual
    keeps_apart = account is not None and account.from_email != "" and account.stream != Stream.ALL
    is_theirs = not keeps_apart and writer.email != "" and writer.email.rpartition("@")[2] == usual.email.lower().rpartition("@")[2]
    answers = writer.reply_to or usual.reply_to or ("" if is_theirs else writer.email)
    return Sender(writer.email if is_theirs else usual.email, writer.name, answers)


def backend(account: Account | None) -> Any:
    """Return a Django mail backend for an account, or the installation's; raise CannotRead."""
    if account is None:
        return get_connection()
    provider = PROVIDERS[account.provider]
    values = _values(account, provider)
    if provider.is_smtp:
        return import_string(provider.backend)(**_smtp(provider, values))
    region = values.pop("region", None)
    if provider.regions and region:
        values["api_url"] = provider.regions[region]
    return import_string(provider.backend)(**values)


def is_smtp(account: Account | None) -> bool:
    """Say whether an account's road, or the installation's, hands over finished bytes."""
    if account is None:
        return settings.EMAIL_BACKEND == SMTP_BACKEND
    return account.provider in PROVIDERS and PROVIDERS[account.provider].is_smtp


def _values(account: Account, provider: Provider) -> dict[str, Any]:
    """Return every field's value: an empty one is None, so that no setting of the installation stands in for it."""
    given = {**account.options, **credentials(account)}
    return {field.name: given.get(field.name) or field.default or None for field in provider.fields}


def _smtp(provider: Provider, values: Mapping[str, Any]) -> dict[str, Any]:
    if provider.key == "amazon_ses":
        host, port, security = f"email-smtp.{values['region']}.amazonaws.com", 587, "starttls"
    else:
        host, port, security = values["host"], int(values["port"]), values["security"]
    return {
        "host": host, "port": port, "username": values["username"] or "", "password": values["password"] or "",
        "use_tls": security == "starttls", "use_ssl": security == "tls", "timeout": ANSWER_SECONDS, "fail_silently": False,
        "only_public": not settings.PRIVATE_MAIL_SERVERS,
    }  # fmt: skip


def extra_headers(account: Account | None, *, token: str) -> tuple[tuple[str, str], ...]:
    """Return what a mail needs in its headers on an SMTP road, so that news of it finds it: opaque ids only (D18)."""
    if account is None or account.provider != "amazon_ses":
        return ()
    headers = [("X-Metadata", json.dumps({"message": token}))]
    if name := account.options.get("configuration_set"):
        headers.append(("X-SES-CONFIGURATION-SET", name))
    return tuple(headers)


def dress(mail: EmailMessage, account: Account | None, *, token: str, once_key: str) -> None:
    """Add to a mail for a provider's API what lets its news find it, and what lets it go only once.

    The Date is left out: the provider writes it, and a mail sent again under its key must be the same mail.
    """
    mail.metadata = {"message": token}  # type: ignore[attr-defined]  # anymail's
    mail.once_key = once_key  # type: ignore[attr-defined]  # messaging.roads.providers'
    unwanted = {"date", *(name.lower() for name in (PROVIDERS[account.provider].own_headers if account else ()))}
    mail.extra_headers = {name: value for name, value in mail.extra_headers.items() if name.lower() not in unwanted}


def once_key(message: Message) -> str:
    """Return the key under which a message goes once: its dedupe key within its store."""
    return f"{message.store_id}:{message.dedupe_key}"


def honours_keys(account: Account | None) -> timedelta | None:
    """Return how long an attempt may be repeated under its key without a second mail; None: never.

    Resend keeps keys for 24 hours, Brevo for 15 to 30 minutes; Postmark has none, and of the others none is documented.
    """
    return PROVIDERS[account.provider].honours_keys if account else None


def credentials(account: Account) -> dict[str, str]:
    """Return an account's secrets; raise CannotRead."""
    return _unsealed(account.sealed_credentials)


def hook_secrets(account: Account) -> dict[str, str]:
    """Return what proves that news is from the provider; raise CannotRead."""
    return _unsealed(account.sealed_hook_secrets)


def _unsealed(sealed: str) -> dict[str, str]:
    if not sealed:
        return {}
    try:
        found: dict[str, str] = json.loads(tokens.unseal(sealed))
    except InvalidToken as error:
        raise CannotRead("The keys of this account cannot be read: SECRET_KEY was changed. Enter them again.") from error
    return found


def put(account: Account, *, provider: str, values: Mapping[str, str], hook_key: str = "") -> None:
    """Write a provider and its fields into an account, unsaved. An empty secret keeps the one held of the same provider."""
    known = PROVIDERS[provider]
    is_same = account.provider == provider
    held = credentials(account) if is_same else {}
    account.provider = provider
    account.options = {field.name: values.get(field.name, "") for field in known.fields if not field.is_secret}
    account.sealed_credentials = _sealed(held, values, (field for field in known.fields if field.is_secret))
    proof = hook_secrets(account) if is_same else {}
    if known.hook and known.hook.field:
        proof = {"key": hook_key or proof.get("key", "")}
    elif known.hook:
        proof = {"key": proof.get("key") or f"doorstep:{tokens.public_token()}"}
    account.sealed_hook_secrets = tokens.seal(json.dumps(proof)) if proof.get("key") else ""


def _sealed(held: Mapping[str, str], values: Mapping[str, str], fields: Iterable[Field]) -> str:
    secrets = {field.name: values.get(field.name) or held.get(field.name, "") for field in fields}
    return tokens.seal(json.dumps(secrets))


def ending(secret: str) -> str:
    """Return how a kept secret is shown: the last four letters of a long key; of what may be a person's password, nothing."""
    return f", ends in …{secret[-4:]}" if len(secret) >= 20 else ""


def note(account: Account, error: str) -> None:
    """Keep what a road last said of itself: that it is closed, and why, or that it works again."""
    if account.last_error != error[:500]:
        account.last_error, account.verified_at = error[:500], account.verified_at if error else clock.read()
        Account.objects.filter(pk=account.pk).update(last_error=account.last_error, verified_at=account.verified_at)


def refusal_to_share(store: Store, account: Account, others: Iterable[Account]) -> str:
    """Return why order mail and marketing may not go this way (D5): one From address over one stream; "" if they may."""
    if account.stream == Stream.ALL:
        return ""
    across = Stream.MARKETING if account.stream == Stream.TRANSACTIONAL else Stream.TRANSACTIONAL
    by_stream = {other.stream: other for other in others if other.pk != account.pk}
    other = by_stream.get(across) or by_stream.get(Stream.ALL)
    if other is None or _way(store, account) != _way(store, other):
        return ""
    return (
        "Order mails and marketing would come from the same address over the same stream. Give this one its own address, "
        "or a stream of its own at the provider: complaints about offers must not sink order confirmations."
    )


def _way(store: Store, account: Account) -> tuple[str, str, str]:
    stream = PROVIDERS[account.provider].streams_in
    return sender_of(store, account).email.lower(), account.provider, account.options.get(stream, "") if stream else ""
