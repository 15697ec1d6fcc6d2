"""DKIM for stores that send through a plain mail server: who the From address says it is, is proved by a key in that domain's DNS.

RFC 6376, relaxed/relaxed, rsa-sha256. Written here and not by a library because the one there is signs in pure Python, thirty times
slower than the rest of a mail takes; the tests let that library verify what is signed here. What unsubscribes a mail is signed too, as
RFC 8058 wants, and From twice, so that none can be added.
"""

import base64
import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from time import monotonic

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from messaging.models import SendingDomain
from stores import tokens
from stores.models import Store

log = logging.getLogger(__name__)
BITS = 2048
#: How long a worker goes by what it read of a domain.
REMEMBERED_SECONDS = 60.0

_SIGNED = (
    "from", "from", "to", "subject", "date", "message-id", "reply-to", "list-id", "list-unsubscribe", "list-unsubscribe-post",
    "feedback-id", "mime-version", "content-type",
)  # fmt: skip
_HEADER = re.compile(rb"([!-9;-~]+):((?:[^\r]|\r\n[ \t])*)\r\n")
_SPACES = re.compile(rb"[ \t]+")


@dataclass(frozen=True)
class Signer:
    """A domain's key, parsed once."""

    domain: str
    selector: str
    key: rsa.RSAPrivateKey

    def signed(self, content: bytes) -> bytes:
        """Return a mail with its DKIM-Signature on top."""
        head, _, body = content.partition(b"\r\n\r\n")
        held = {name.lower(): value for name, value in _HEADER.findall(head + b"\r\n")}
        names = [name for name in _SIGNED if name.encode() in held]
        digest = base64.b64encode(hashlib.sha256(_relaxed(body)).digest()).decode()
        signed = ":\r\n ".join(":".join(names[start : start + 5]) for start in range(0, len(names), 5))
        line = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain};\r\n s={self.selector}; q=dns/txt;\r\n h={signed};\r\n"
            f" bh={digest};\r\n b="
        )
        seen = [_canonical(name, held[name.encode()]) for name in dict.fromkeys(names)]
        to_sign = b"".join(seen) + _canonical("dkim-signature", line.encode()).removesuffix(b"\r\n")
        signature = base64.b64encode(self.key.sign(to_sign, padding.PKCS1v15(), hashes.SHA256())).decode()
        lines = "\r\n ".join(signature[start : start + 72] for start in range(0, len(signature), 72))
        return f"DKIM-Signature: {line}{lines}\r\n".encode() + content


def _canonical(name: str, value: bytes) -> bytes:
    """Return a header field in the relaxed form (RFC 6376, 3.4.2)."""
    return name.encode() + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def _relaxed(body: bytes) -> bytes:
    """Return a body in the relaxed form (RFC 6376, 3.4.4)."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def prepare(store: Store, domain: str, *, now: datetime) -> SendingDomain:
    """Return a store's row of a domain, with a key of its own made where there is none."""
    held = SendingDomain.objects.filter(store=store, domain=domain).first()
    if held is not None:
        return held
    key = new_key()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made, _ = SendingDomain.objects.get_or_create(
        store=store, domain=domain,
        defaults={
            "selector": f"doorstep{now:%Y%m}", "sealed_key": tokens.seal(secret.decode()), "public_key": public_of(key),
        },
    )  # fmt: skip
    return made


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, BITS)


def public_of(key: rsa.RSAPrivateKey) -> str:
    """Return a key's public half as its DNS record holds it."""
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode()


def switch(held: SendingDomain, *, is_on: bool, now: datetime) -> None:
    """Begin to sign a domain's mails, or leave off; workers follow within REMEMBERED_SECONDS."""
    if is_on != (held.signs_since is not None):
        held.signs_since = now if is_on else None
        held.save(update_fields=["signs_since"])
        forget()


_known: dict[tuple[int, str], tuple[float, Signer | None]] = {}
_lock = Lock()


def signer_of(store_id: int, domain: str) -> Signer | None:
    """Return the key that signs a store's mails from a domain; None where none does. Asked of the database once a minute."""
    until, held = _known.get((store_id, domain), (0.0, None))
    if monotonic() < until:
        return held
    row = SendingDomain.objects.filter(store=store_id, domain=domain, signs_since__isnull=False).first()
    found = _signer(row) if row else None
    with _lock:
        if len(_known) > 10_000:
            _known.clear()
        _known[store_id, domain] = (monotonic() + REMEMBERED_SECONDS, found)
    return found


def _signer(row: SendingDomain) -> Signer | None:
    try:
        return Signer(row.domain, row.selector, _key(row.sealed_key))
    except InvalidToken:
        log.error("the key of %s cannot be read, SECRET_KEY was changed: its mails go unsigned", row.domain)
        return None


def forget() -> None:
    """Ask the database anew: a domain was switched on or off."""
    with _lock:
        _known.clear()


@lru_cache(maxsize=1024)
def _key(sealed: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(tokens.unseal(sealed).encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
