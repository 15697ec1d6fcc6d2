"""Who may get what: the table of the contract, row by row."""

from dataclasses import replace

import pytest

from messaging.permission import Standing, refusal
from messaging.reasons import Reason

FINE = Standing(
    has_address=True, is_erased=False, is_suppressed=False, marketing="subscribed", objects_to_service=False,
    soft_opt_in=False, strict_service=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "transactional", "service", "marketing"),
    [
        ({}, None, None, None),
        ({"marketing": "unsubscribed"}, None, None, Reason.UNSUBSCRIBED),
        ({"marketing": "never"}, None, None, Reason.NO_CONSENT),
        ({"marketing": "never", "soft_opt_in": True}, None, None, None),
        ({"marketing": "unsubscribed", "soft_opt_in": True}, None, None, Reason.UNSUBSCRIBED),
        ({"strict_service": True}, None, None, None),
        ({"marketing": "never", "strict_service": True}, None, Reason.NO_CONSENT, Reason.NO_CONSENT),
        ({"objects_to_service": True}, None, Reason.UNSUBSCRIBED, None),
        ({"is_suppressed": True}, Reason.SUPPRESSED, Reason.SUPPRESSED, Reason.SUPPRESSED),
        ({"is_erased": True}, Reason.ERASED, Reason.ERASED, Reason.ERASED),
        ({"has_address": False}, Reason.NO_ADDRESS, Reason.NO_ADDRESS, Reason.NO_ADDRESS),
    ],
)
def test_each_standing_gets_what_its_row_says(facts, transactional, service, marketing):
    held = replace(FINE, **facts)
    got = tuple(refusal(purpose, held) for purpose in ("transactional", "service", "marketing"))
    assert got == (transactional, service, marketing)
