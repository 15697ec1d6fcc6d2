"""The pace of a mail account: set on its page, refused where it would let nothing through."""

from datetime import date

import pytest

from messaging.models import Account

PATH = "/s/marlow/settings/accounts/new/?provider=smtp"
SERVER = {"stream": "all", "host": "mail.example", "port": "587", "security": "starttls", "username": "jo", "password": "kettle-and-lamp"}


def test_a_pace_is_set_and_read_back_and_left_empty_is_none(store, alice, signed_in):
    browser = signed_in(alice)
    pace = {"per_minute": "120", "per_domain_minute": "30", "warm_up_from": "2026-11-10"}
    assert browser.post(PATH, {**SERVER, **pace}).status_code == 303
    account = Account.objects.get(store=store)
    assert (account.per_minute, account.per_domain_minute, account.warm_up_from) == (120, 30, date(2026, 11, 10))
    address = f"/s/marlow/settings/accounts/{account.pk}/"
    shown = browser.get(address).content.decode()
    assert 'value="120"' in shown and 'value="30"' in shown and 'value="2026-11-10"' in shown
    assert browser.post(address, SERVER).status_code == 303
    account.refresh_from_db()
    assert (account.per_minute, account.per_domain_minute, account.warm_up_from) == (None, None, None)


@pytest.mark.parametrize("field", ["per_minute", "per_domain_minute"])
def test_a_pace_of_nothing_is_refused_beside_its_field(store, alice, signed_in, field):
    answer = signed_in(alice).post(PATH, {**SERVER, field: "0"})
    assert (answer.status_code, "Enter 1 or more, or nothing for no limit." in answer.content.decode()) == (422, True)
    assert not Account.objects.exists()
