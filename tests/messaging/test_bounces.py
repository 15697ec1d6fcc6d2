"""What a refusal means: a table of replies as servers give them, and when an address is closed."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.returning.bounces import Class, Said, classify, combine, of_reply, verdict

HARD, INVALID, SOFT, BLOCK = Class.HARD, Class.INVALID, Class.SOFT, Class.BLOCK


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", HARD),
        ("550-5.1.1 The email account that you tried to reach does not exist", HARD),
        ("550 5.1.0 Address rejected", HARD),
        ("550 5.1.6 mailbox has moved, no forwarding address", HARD),
        ("550 5.2.1 The email account that you tried to reach is disabled", HARD),
        ("550 5.5.0 Requested action not taken: mailbox unavailable", HARD),
        ("550 5.4.1 Recipient address rejected: Access denied", BLOCK),
        ("550 5.7.1 User unknown", HARD),
        ("550 5.7.13 user account disabled", HARD),
        ("550 5.7.17 mailbox owner has changed", HARD),
        ("550 5.7.18 domain owner has changed", HARD),
        ("550 No such user here", HARD),
        ("550 Unknown recipient", HARD),
        ("550 Requested action not taken: mailbox unavailable", HARD),
        ("550 nobody of that name: no such person", HARD),
        ("551 User not local", HARD),
        ("554 5.0.0 recipient address rejected", HARD),
        ("554 delivery error: this user doesn't exist", HARD),
        ("550 this account has been disabled", HARD),
        ("550 5.1.2 Bad destination system address", INVALID),
        ("553 5.1.3 The recipient address is not a valid RFC 5321 address", INVALID),
        ("556 5.1.10 Recipient address has null MX", INVALID),
        ("550 5.4.4 Unable to route: host not found", INVALID),
        ("521 this host accepts no mail", INVALID),
        ("553 mailbox name not allowed", INVALID),
        ("556 domain does not accept mail", INVALID),
        ("550 no such domain", INVALID),
        ("550 Unrouteable address", INVALID),
        ("552 5.2.2 The email account that you tried to reach is over quota", SOFT),
        ("550 5.2.2 mailbox full", SOFT),
        ("452 4.2.2 mailbox full", SOFT),
        ("552 Requested mail action aborted: exceeded storage allocation", SOFT),
        ("550 5.2.4 mailing list expansion problem", SOFT),
        ("554 5.3.0 other mail system problem", SOFT),
        ("554 5.3.2 system not accepting network messages", SOFT),
        ("554 5.4.7 delivery time expired", SOFT),
        ("554 5.4.6 routing loop detected", SOFT),
        ("421 4.3.0 try again later", SOFT),
        ("421 4.3.2 closing transmission channel", SOFT),
        ("450 4.2.1 the user you are trying to contact is receiving mail too quickly", SOFT),
        ("450 4.1.1 user unknown", SOFT),
        ("451 4.3.5 server configuration error", SOFT),
        ("451 4.4.1 no answer from host", SOFT),
        ("451 requested action aborted: local error in processing", SOFT),
        ("450 mailbox busy", SOFT),
        ("550 no", SOFT),
        ("4.4.2 connection timed out", SOFT),
        ("550 5.7.1 Message rejected because of its content: looks like spam", BLOCK),
        ("550 5.7.1 Delivery not authorized, message refused", BLOCK),
        ("550 5.7.0 message rejected per policy", BLOCK),
        ("550 5.7.26 This mail has been blocked because the sender is unauthenticated", BLOCK),
        ("550 5.7.515 Access denied, sending domain does not meet the required authentication level", BLOCK),
        ("550 5.7.606 Access denied, banned sending IP", BLOCK),
        ("550 5.7.20 No passing DKIM signature found", BLOCK),
        ("550 5.7.23 SPF validation failed", BLOCK),
        ("550 5.7.25 Reverse DNS validation failed", BLOCK),
        ("550 5.7.27 Sender address has null MX", BLOCK),
        ("421 4.7.0 unusual rate of unsolicited mail", BLOCK),
        ("421 4.7.28 rate limit", BLOCK),
        ("451 4.7.1 greylisting in action, please come back later", BLOCK),
        ("451 too many connections from your host", BLOCK),
        ("554 5.7.1 Service unavailable; client host blocked using Spamhaus", BLOCK),
        ("554 Message rejected: looks like spam", BLOCK),
        ("554 transaction failed", BLOCK),
        ("550 5.6.0 invalid content", BLOCK),
        ("554 5.6.7 non-ASCII addresses not permitted", BLOCK),
        ("552 5.3.4 message too big for system", BLOCK),
        ("552 5.2.3 message length exceeds administrative limit", BLOCK),
        ("550 5.1.8 bad sender's system address", BLOCK),
        ("501 5.1.7 bad sender's mailbox address syntax", BLOCK),
        ("530 authentication required", BLOCK),
        ("503 bad sequence of commands", BLOCK),
    ],
)  # fmt: skip
def test_each_reply_has_its_class(reply, meaning):
    assert of_reply(reply) is meaning


def test_code_status_and_words_may_come_apart():
    assert classify(code=550, status="5.1.1", text="") is HARD
    assert classify(code=None, status="5.2.2", text="") is SOFT
    assert classify(code=None, status="", text="The mailbox is full") is SOFT
    assert classify(code=None, status="", text="") is SOFT


@pytest.mark.parametrize(
    ("hint", "reply", "meaning"),
    [
        (HARD, "", HARD),
        (HARD, "550 no", HARD),
        (HARD, "550 5.7.1 rejected as spam", BLOCK),
        (HARD, "550 5.1.2 bad domain", INVALID),
        (HARD, "552 5.2.2 over quota", SOFT),
        (SOFT, "550 5.1.1 user unknown", SOFT),
        (BLOCK, "550 5.1.1 user unknown", BLOCK),
        (INVALID, "", INVALID),
        (None, "550 5.1.1 user unknown", HARD),
        (None, "", SOFT),
    ],
)
def test_a_servers_words_make_a_providers_verdict_milder_never_harder(hint, reply, meaning):
    assert combine(hint, reply) is meaning


def history(kinds: str) -> list[Said]:
    """Turn "ssd" into two soft bounces and a delivery, an hour apart; h is hard, i invalid, b blocked."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    words = {"s": SOFT, "h": HARD, "i": INVALID, "b": BLOCK, "d": "delivered"}
    return [Said(start + timedelta(hours=hour), f"e{hour}", words[letter]) for hour, letter in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "cause", "proof"),
    [
        ("", None, None),
        ("d", None, None),
        ("bbbbbbbbbb", None, None),
        ("ssssss", None, None),
        ("ssssssdssssss", None, None),
        ("sssssss", "soft_bounces", "e6"),
        ("sssbssss", "soft_bounces", "e7"),
        ("sssdsssssss", "soft_bounces", "e10"),
        ("sssssssd", "soft_bounces", "e6"),
        ("h", "hard_bounce", "e0"),
        ("dh", "hard_bounce", "e1"),
        ("ih", "invalid", "e0"),
        ("sh", "hard_bounce", "e1"),
    ],
)
def test_an_address_is_closed_by_one_hard_or_seven_soft_bounces_in_a_row(kinds, cause, proof):
    found = verdict(reversed(history(kinds)))
    assert (found and found.cause, found and found.proof.key) == (cause, proof)
