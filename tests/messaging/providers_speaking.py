"""Providers as they speak: each one's event about a mail in its documented shape, and the way it proves that it is the one speaking."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from django.test import Client

from messaging.models import Account
from messaging.roads import accounts
from messaging.roads.providers import PROVIDERS
from messaging.roads.providers.sns import SesView

SECRETS = {"resend": "whsec_" + base64.b64encode(b"a secret of Resend's").decode(), "mailgun": "key-mailgun", "mailtrap": "trap"}
TOPIC = "arn:aws:sns:eu-central-1:123456789012:mail"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem"
VALUES = {
    "host": "127.0.0.1", "port": "25", "security": "none", "server_token": "t0ken", "api_key": "an-api-key",
    "sender_domain": "marlow.example", "region": "eu",
    "secret_key": "s3cret", "api_token": "t0ken", "username": "user", "password": "pass", "topics": TOPIC,
}  # fmt: skip
_EC_KEY = ec.generate_private_key(ec.SECP256R1())


def account(store, provider: str, *, stream: str = "all", now: datetime, **fields: Any) -> Account:
    """Return a saved account with everything its provider asks for."""
    made = Account(store=store, stream=stream, created_at=now, **fields)
    values = {**VALUES, "region": "eu-central-1"} if provider == "amazon_ses" else VALUES
    key = _public_key() if provider == "sendgrid" else SECRETS.get(provider, "")
    accounts.put(made, provider=provider, values=values, hook_key=key)
    made.save()
    return made


def _public_key() -> str:
    der = _EC_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@dataclass(frozen=True)
class Tale:
    """What happened: `what` is delivered, hard, soft, block, complained, opened, unsubscribed or taken; each event has its `number`."""

    what: str
    token: str
    to: str
    at: datetime
    number: int = 1


def _postmark(tale: Tale) -> Any:
    kinds: dict[str, dict[str, Any]] = {
        "delivered": {"RecordType": "Delivery", "Recipient": tale.to, "DeliveredAt": tale.at.isoformat(), "Details": "250 fine"},
        "hard": {"RecordType": "Bounce", "Type": "HardBounce", "Details": "smtp;550 5.1.1 user unknown"},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce", "Details": "smtp;452 4.2.2 mailbox full"},
        "block": {"RecordType": "Bounce", "Type": "Blocked", "Details": "554 5.7.1 blocked"},
        "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
        "opened": {"RecordType": "Open", "Recipient": tale.to, "ReceivedAt": tale.at.isoformat()},
        "unsubscribed": {
            "RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression", "Recipient": tale.to,
            "ChangedAt": tale.at.isoformat(),
        },
    }  # fmt: skip
    bounce = {"ID": tale.number, "Email": tale.to, "BouncedAt": tale.at.isoformat()}
    said: dict[str, Any] = kinds[tale.what]
    return {**(bounce if "Type" in said else {}), **said, "MessageID": f"pm-{tale.number}", "Metadata": {"message": tale.token}}


def _sendgrid(tale: Tale) -> Any:
    kinds = {
        "delivered": {"event": "delivered", "response": "250 fine"},
        "hard": {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 user unknown", "status": "5.1.1"},
        "soft": {"event": "bounce", "type": "bounce", "reason": "452 4.2.2 mailbox full", "status": "4.2.2"},
        "block": {"event": "bounce", "type": "blocked", "reason": "554 5.7.1 blocked", "status": "5.7.1"},
        "complained": {"event": "spamreport"},
        "opened": {"event": "open"},
        "unsubscribed": {"event": "unsubscribe"},
        "taken": {"event": "processed"},
    }
    common = {"email": tale.to, "timestamp": int(tale.at.timestamp()), "sg_event_id": f"sg-{tale.number}", "message": tale.token}
    return {**kinds[tale.what], **common}


def _mailgun(tale: Tale) -> Any:
    failed = {"event": "failed", "severity": "permanent", "reason": "bounce"}
    kinds: dict[str, Any] = {
        "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "fine"}},
        "hard": {**failed, "delivery-status": {"code": 550, "message": "550 5.1.1 user unknown"}},
        "soft": {**failed, "delivery-status": {"code": 552, "message": "552 5.2.2 mailbox full"}},
        "block": {**failed, "delivery-status": {"code": 554, "message": "554 5.7.1 blocked"}},
        "complained": {"event": "complained"},
        "opened": {"event": "opened"},
        "unsubscribed": {"event": "unsubscribed"},
        "taken": {"event": "accepted"},
    }
    common = {"id": f"mg-{tale.number}", "timestamp": tale.at.timestamp(), "recipient": tale.to, "user-variables": {"message": tale.token}}
    return {"event-data": {**kinds[tale.what], **common}}


def _resend(tale: Tale) -> Any:
    kinds = {
        "delivered": "delivered",
        "hard": "bounced",
        "soft": "bounced",
        "block": "bounced",
        "complained": "complained",
        "opened": "opened",
    }
    bounces = {
        "hard": {"type": "Permanent", "subType": "General", "message": "The recipient's email provider sent a hard bounce message."},
        "soft": {"type": "Transient", "subType": "MailboxFull", "message": "The recipient's inbox was full, says a bounce message."},
        "block": {"type": "Transient", "subType": "ContentRejected", "message": "The provider sent a bounce message: 554 5.7.1 blocked"},
    }
    data: dict[str, Any] = {"email_id": f"re-{tale.number}", "to": [tale.to]}
    data["headers"] = [{"name": "X-Metadata", "value": json.dumps({"message": tale.token})}]
    if tale.what in bounces:
        data["bounce"] = bounces[tale.what]
    return {"type": f"email.{kinds[tale.what]}", "created_at": tale.at.isoformat(), "data": data}


def _brevo(tale: Tale) -> Any:
    kinds = {
        "delivered": {"event": "delivered"},
        "hard": {"event": "hard_bounce", "reason": "550 5.1.1 user unknown"},
        "soft": {"event": "soft_bounce", "reason": "452 4.2.2 mailbox full"},
        "block": {"event": "blocked", "reason": "blocked: 554 5.7.1"},
        "complained": {"event": "spam"},
        "opened": {"event": "unique_opened"},
        "unsubscribed": {"event": "unsubscribe"},
        "taken": {"event": "request"},
    }
    common = {"email": tale.to, "ts_epoch": int(tale.at.timestamp() * 1000), "message-id": f"<br-{tale.number}@smtp-relay.example>"}
    return {**kinds[tale.what], **common, "X-Mailin-custom": json.dumps({"message": tale.token})}


def _ses(tale: Tale) -> Any:
    to = [{"emailAddress": tale.to}]
    kinds: dict[str, Any] = {
        "delivered": ("Delivery", {"recipients": [tale.to], "smtpResponse": "250 fine"}),
        "hard": ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": to}),
        "soft": ("Bounce", {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": to}),
        "block": ("Bounce", {"bounceType": "Transient", "bounceSubType": "ContentRejected", "bouncedRecipients": to}),
        "complained": ("Complaint", {"complainedRecipients": to}),
        "opened": ("Open", {}),
    }
    name, body = kinds[tale.what]
    headers = [{"name": "X-Metadata", "value": json.dumps({"message": tale.token})}]
    mail = {"messageId": f"ses-{tale.number}", "destination": [tale.to], "headers": headers}
    return sns_message(
        "Notification", f"n-{tale.number}", tale.at, Message=json.dumps({"eventType": name, "mail": mail, name.lower(): body})
    )


def _mailjet(tale: Tale) -> Any:
    kinds: dict[str, Any] = {
        "delivered": {"event": "sent"},
        "hard": {"event": "bounce", "hard_bounce": True, "error": "user unknown", "comment": "550 5.1.1 user unknown"},
        "soft": {"event": "bounce", "hard_bounce": False, "error": "quota exceeded", "comment": "452 4.2.2 full"},
        "block": {"event": "bounce", "blocked": True, "hard_bounce": False, "error": "policy issue", "comment": "554 5.7.1"},
        "complained": {"event": "spam"},
        "opened": {"event": "open"},
        "unsubscribed": {"event": "unsub"},
    }
    common = {"email": tale.to, "time": int(tale.at.timestamp()), "MessageID": tale.number, "Payload": json.dumps({"message": tale.token})}
    return {**kinds[tale.what], **common}


def _mailtrap(tale: Tale) -> Any:
    kinds = {
        "delivered": {"event": "delivery"},
        "hard": {"event": "bounce", "bounce_category": "bad_mailbox", "response": "550 5.1.1 user unknown"},
        "soft": {"event": "bounce", "bounce_category": "quota", "response": "452 4.2.2 mailbox full"},
        "block": {"event": "bounce", "bounce_category": "spam", "response": "554 5.7.1 blocked"},
        "complained": {"event": "spam"},
        "opened": {"event": "open"},
        "unsubscribed": {"event": "unsubscribe"},
    }
    common = {
        "email": tale.to, "timestamp": int(tale.at.timestamp()), "event_id": f"mt-{tale.number}", "message_id": f"m-{tale.number}",
        "sending_stream": "bulk", "custom_variables": {"message": tale.token},
    }  # fmt: skip
    return {**kinds[tale.what], **common}


def _sparkpost(tale: Tale) -> Any:
    kinds = {
        "delivered": ("message_event", {"type": "delivery"}),
        "hard": ("message_event", {"type": "bounce", "bounce_class": "10", "raw_reason": "550 5.1.1 user unknown"}),
        "soft": ("message_event", {"type": "bounce", "bounce_class": "22", "raw_reason": "452 4.2.2 mailbox full"}),
        "block": ("message_event", {"type": "bounce", "bounce_class": "51", "raw_reason": "554 5.7.1 blocked"}),
        "complained": ("message_event", {"type": "spam_complaint"}),
        "opened": ("track_event", {"type": "open"}),
        "unsubscribed": ("unsubscribe_event", {"type": "link_unsubscribe"}),
        "taken": ("message_event", {"type": "injection"}),
    }
    name, body = kinds[tale.what]
    common = {
        "timestamp": str(int(tale.at.timestamp())),
        "event_id": str(tale.number),
        "raw_rcpt_to": tale.to,
        "rcpt_meta": {"message": tale.token},
    }
    return {"msys": {name: {**body, **common}}}


SPEAKERS: dict[str, Callable[[Tale], Any]] = {
    "postmark": _postmark, "sendgrid": _sendgrid, "mailgun": _mailgun, "resend": _resend, "brevo": _brevo, "amazon_ses": _ses,
    "mailjet": _mailjet, "mailtrap": _mailtrap, "sparkpost": _sparkpost,
}  # fmt: skip


def post(to: Account, told: list[Any], *, now: datetime, secret: str | None = None, client: Client | None = None) -> int:
    """Post events as the account's provider does, one body where it batches and one each where not; return the last answer's status."""
    wrap = (PROVIDERS[to.provider].hook or PROVIDERS["postmark"].hook).wrap  # type: ignore[union-attr]
    bodies: list[Any] = [told] if wrap == "list" else [{"events": told}] if wrap == "events" else told
    status = 0
    for body in bodies:
        key = accounts.hook_secrets(to).get("key", "") if secret is None else secret
        raw, headers = _proved(to.provider, body, key, now)
        status = (client or Client()).post(to.hook_path, raw, content_type="application/json", headers=headers).status_code
    return status


def _proved(provider: str, body: Any, key: str, now: datetime) -> tuple[bytes, dict[str, str]]:
    moment = str(int(now.timestamp()))
    if provider == "mailgun":
        signature = hmac.new(key.encode(), f"{moment}tok".encode(), hashlib.sha256).hexdigest()
        body = {**body, "signature": {"timestamp": moment, "token": "tok", "signature": signature}}
    raw = json.dumps(body).encode()
    match provider:
        case "resend":
            digest = hmac.new(base64.b64decode(key.removeprefix("whsec_")), f"msg_1.{moment}.".encode() + raw, hashlib.sha256).digest()
            return raw, {"svix-id": "msg_1", "svix-timestamp": moment, "svix-signature": "v1," + base64.b64encode(digest).decode()}
        case "sendgrid":
            signed = _EC_KEY.sign(moment.encode() + raw, ec.ECDSA(hashes.SHA256()))
            name = "X-Twilio-Email-Event-Webhook"
            return raw, {f"{name}-Signature": base64.b64encode(signed).decode(), f"{name}-Timestamp": moment}
        case "mailtrap":
            return raw, {"Mailtrap-Signature": hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()}
        case "mailgun" | "amazon_ses":
            return raw, {}
        case _:
            return raw, {"Authorization": "Basic " + base64.b64encode(key.encode()).decode()}


@cache
def _amazon() -> tuple[rsa.RSAPrivateKey, bytes]:
    """Return a key that plays SNS, and its certificate with the one of its own authority."""
    ca_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    return key, issue(ca_key, key)


def issue(ca_key: rsa.RSAPrivateKey, key: rsa.RSAPrivateKey, *, name: str = "sns.amazonaws.com", signer: rsa.RSAPrivateKey | None = None,
          until: datetime = datetime(2040, 1, 1, tzinfo=UTC)) -> bytes:  # fmt: skip
    """Return a certificate for a key, followed by the one of its authority; `signer` signs it in the authority's place."""
    made = b""
    for common, public, issuer_name, with_key in (
        (name, key, "A test authority", signer or ca_key),
        ("A test authority", ca_key, None, ca_key),
    ):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)]) if issuer_name else subject
        built = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(until)
            .sign(with_key, hashes.SHA256())
        )  # fmt: skip
        made += built.public_bytes(serialization.Encoding.PEM)
    return made


def sns_message(
    kind: str, name: str, at: datetime, *, version: str = "2", key: rsa.RSAPrivateKey | None = None, **fields: str
) -> dict[str, str]:
    """Return a message of SNS, signed."""
    message = {
        "Type": kind, "MessageId": name, "TopicArn": TOPIC, "Timestamp": at.isoformat(), "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE, **fields,
    }  # fmt: skip
    parts = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    signed = "".join(f"{part}\n{message[part]}\n" for part in parts if part in message).encode()
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    message["Signature"] = base64.b64encode((key or _amazon()[0]).sign(signed, padding.PKCS1v15(), algorithm)).decode()
    return message


def as_amazon(monkeypatch, visited: list[str] | None = None) -> None:
    """Let certificates be read from here instead of from Amazon, and note which addresses are visited."""
    monkeypatch.setattr(SesView, "read_certificate", staticmethod(lambda url: _amazon()[1]))
    seen = visited if visited is not None else []

    def visit(url: str) -> bytes:
        seen.append(url)
        return b""

    monkeypatch.setattr(SesView, "visit", staticmethod(visit))


def later(moment: datetime, minutes: int) -> datetime:
    return moment + timedelta(minutes=minutes)
