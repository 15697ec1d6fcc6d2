"""Amazon's news: only what Amazon's own certificate signed, for a topic of the account, counts (W9)."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from messaging.roads.providers import sns
from messaging.roads.providers.sns import NotAmazon, check
from stores import clock
from tests.messaging.providers_speaking import CERTIFICATE, TOPIC, account, as_amazon, issue, post, sns_message

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
URL = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"


@pytest.fixture(scope="module")
def keys():
    return [rsa.generate_private_key(65537, 2048) for _ in range(3)]


def read(keys, **made):
    return lambda url: issue(keys[0], keys[1], **made)


def checked(message, certificate, *, topics=(TOPIC,), now=AT) -> None:
    check(message, topics=topics, now=now, read=certificate)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("fields", [{"Message": "{}"}, {"Message": "{}", "Subject": "News"}])
def test_what_amazon_signed_is_taken(keys, version, fields):
    checked(sns_message("Notification", "n1", AT, version=version, key=keys[1], **fields), read(keys))


@pytest.mark.parametrize(
    "address",
    [
        "https://sns.us-east-1.amazonaws.com.evil.test/cert.pem",
        "http://sns.us-east-1.amazonaws.com/cert.pem",
        "https://evil.test/sns.us-east-1.amazonaws.com/cert.pem",
        "https://sns.us-east-1.amazonaws.com@evil.test/cert.pem",
        "https://evil.sns.us-east-1.amazonaws.com/cert.pem",
        "https://s3.amazonaws.com/cert.pem",
        "https://sns.us-east-1.amazonaws.com:8443/cert.pem",
        "https://sns.us-east-1.amazonaws.com:x/cert.pem",
        "",
    ],
)
def test_certificates_are_read_from_amazons_hosts_only(keys, address):
    message = {**sns_message("Notification", "n1", AT, key=keys[1], Message="{}"), "SigningCertURL": address}

    def never(url: str) -> bytes:
        raise AssertionError(url)

    with pytest.raises(NotAmazon, match="not on Amazon's host"):
        checked(message, never)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"until": datetime(2026, 10, 1, tzinfo=UTC)}, "not valid at this time"),
        ({"name": "mail.example.com"}, "not one of SNS"),
        ({"name": "sns.amazonaws.com.evil.test"}, "not one of SNS"),
    ],
)
def test_a_certificate_must_be_of_sns_and_of_today(keys, made, why):
    with pytest.raises(NotAmazon, match=why):
        checked(sns_message("Notification", "n1", AT, key=keys[1], Message="{}"), read(keys, **made))


def test_a_certificate_must_be_issued_by_the_one_that_follows_it(keys):
    with pytest.raises(NotAmazon, match="not issued by"):
        checked(sns_message("Notification", "n1", AT, key=keys[1], Message="{}"), read(keys, signer=keys[2]))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Message": "changed"}, "signature is wrong"),
        ({"Signature": "bm8="}, "signature is wrong"),
        ({"Signature": "?"}, "signature is wrong"),
        ({"SignatureVersion": "3"}, "no known version"),
        ({"Type": "Other"}, "no known type"),
        ({"TopicArn": "arn:aws:sns:eu-central-1:999:another"}, "not on this account's list"),
    ],
)
def test_whatever_was_changed_is_refused(keys, change, why):
    with pytest.raises(NotAmazon, match=why):
        checked({**sns_message("Notification", "n1", AT, key=keys[1], Message="{}"), **change}, read(keys))


def test_a_listed_topics_subscription_is_confirmed_and_no_others(store, monkeypatch, db):
    visited: list[str] = []
    as_amazon(monkeypatch, visited)
    now = clock.read()
    road = account(store, "amazon_ses", now=now)
    offer = sns_message("SubscriptionConfirmation", "s1", now, Message="Confirm", SubscribeURL=URL, Token="t")
    assert post(road, [offer], now=now) == 200
    assert visited == [URL]
    foreign = sns_message("SubscriptionConfirmation", "s2", now, Message="m", SubscribeURL="https://evil.test/", Token="t")
    assert post(road, [foreign], now=now) == 401
    assert visited == [URL]


def test_a_certificate_is_fetched_once(monkeypatch):
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b"pem"

    monkeypatch.setattr(sns, "fetch", fetch)
    sns.kept.cache_clear()
    assert [sns.kept(CERTIFICATE), sns.kept(CERTIFICATE)] == [b"pem", b"pem"]
    sns.kept.cache_clear()
    assert asked == [CERTIFICATE]
