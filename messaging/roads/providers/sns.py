"""Amazon's news: SNS messages, whose signatures anymail does not check (W9).

A message counts when a certificate of sns.amazonaws.com, read from Amazon's own host, signed it, and its topic is one that the account
lists. Only such a topic's subscription is confirmed.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import requests
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.http import HttpRequest

_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_NAME = re.compile(r"sns(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?")
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # what "1" means is Amazon's choice
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class NotAmazon(Exception):
    """The message was not sent by Amazon, or not for this account."""


def fetch(url: str) -> bytes:
    """Return what Amazon's host says; raise requests.RequestException."""
    answer = requests.get(url, timeout=(5, 10), allow_redirects=False)
    answer.raise_for_status()
    return answer.content


def check(message: Mapping[str, Any], *, topics: Collection[str], now: datetime, read: Callable[[str], bytes]) -> None:
    """Raise NotAmazon unless a message is signed and its topic is one of `topics`; `read` returns the certificate of an address."""
    if message.get("TopicArn") not in topics:
        raise NotAmazon("The topic is not on this account's list.")
    fields, algorithm = _SIGNED.get(str(message.get("Type"))), _HASHES.get(str(message.get("SignatureVersion")))
    if fields is None or algorithm is None:
        raise NotAmazon("The message is of no known type, or its signature of no known version.")
    signed = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message).encode()
    try:
        signature = base64.b64decode(str(message.get("Signature")), validate=True)
        _key(read(_amazons(message.get("SigningCertURL"))), now).verify(signature, signed, padding.PKCS1v15(), algorithm)
    except (binascii.Error, InvalidSignature) as error:
        raise NotAmazon("The signature is wrong.") from error


def confirm(message: Mapping[str, Any], *, read: Callable[[str], bytes]) -> None:
    """Accept the subscription that a checked message offers."""
    read(_amazons(message.get("SubscribeURL")))


def _amazons(address: Any) -> str:
    """Return an address if it is one of Amazon's own; raise NotAmazon."""
    try:
        parts = urlsplit(str(address))
        is_amazons = (
            parts.scheme == "https" and parts.port in (None, 443) and parts.username is None and _HOST.fullmatch(parts.hostname or "")
        )
    except ValueError:
        is_amazons = None
    if not is_amazons:
        raise NotAmazon("The address is not on Amazon's host.")
    return str(address)


def _key(pem: bytes, now: datetime) -> rsa.RSAPublicKey:
    """Return the key of a certificate of SNS that is valid now, each certificate in the file signed by the next; raise NotAmazon."""
    try:
        chain = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise NotAmazon("The certificate cannot be read.") from error
    for certificate, issuer in pairwise(chain):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise NotAmazon("The certificate was not issued by the one that follows it.") from error
    if not all(each.not_valid_before_utc <= now <= each.not_valid_after_utc for each in chain):
        raise NotAmazon("The certificate is not valid at this time.")
    key = chain[0].public_key()
    if not isinstance(key, rsa.RSAPublicKey) or not any(_NAME.fullmatch(name) for name in _names(chain[0])):
        raise NotAmazon("The certificate is not one of SNS.")
    return key


def _names(certificate: x509.Certificate) -> list[str]:
    common = [str(name.value) for name in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        others = []
    return [*common, *others]


@lru_cache(maxsize=16)
def kept(url: str) -> bytes:
    """Return a certificate as it was read once by this process; addresses of Amazon's certificates never change their content."""
    return fetch(url)


class SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # anymail has no types
    """Anymail's reader of SES events behind this check; it needs no boto3."""

    read_certificate = staticmethod(kept)
    visit = staticmethod(fetch)

    def __init__(self, *, topics: Collection[str], now: datetime) -> None:
        self.validators = [SesView.is_amazons]
        self.topics, self.now = topics, now

    def is_amazons(self, request: HttpRequest) -> None:
        """Raise AnymailWebhookValidationFailure unless the message is Amazon's; confirm a subscription that it offers."""
        try:
            message = json.loads(request.body)
            check(message, topics=self.topics, now=self.now, read=self.read_certificate)
            if message["Type"] == "SubscriptionConfirmation":
                confirm(message, read=self.visit)
        except (ValueError, AttributeError, NotAmazon, requests.RequestException) as error:
            raise AnymailWebhookValidationFailure(str(error)) from error

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """It was confirmed when it came."""
