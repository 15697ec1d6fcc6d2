"""Somebody at the shop whose name stands in the From of its mails, and whose address does where that is trusted."""

import pytest

from messaging import writers
from messaging.models import Account, Writer
from messaging.roads import accounts
from messaging.roads.accounts import Sender
from stores import clock
from stores.models import Store

SHOP = {"sender_email": "hello@marlow.example", "sender_name": "Marlow & Finch"}
NEWS = {"stream": "marketing", "from_email": "news@marlow.example"}
ANA = {"name": "Ana at Marlow", "email": "ana@marlow.example"}


@pytest.mark.parametrize(("writer", "account", "reply_to", "expected"), [
    (ANA, None, "", ("ana@marlow.example", "Ana at Marlow", "")),
    (ANA, None, "desk@marlow.example", ("ana@marlow.example", "Ana at Marlow", "desk@marlow.example")),
    ({**ANA, "reply_to": "me@marlow.example"}, None, "desk@marlow.example", ("ana@marlow.example", "Ana at Marlow", "me@marlow.example")),
    ({**ANA, "email": ""}, None, "", ("hello@marlow.example", "Ana at Marlow", "")),
    ({**ANA, "email": "ana@finch.example"}, None, "", ("hello@marlow.example", "Ana at Marlow", "ana@finch.example")),
    (ANA, NEWS, "", ("news@marlow.example", "Ana at Marlow", "ana@marlow.example")),
    (ANA, {**NEWS, "stream": "all"}, "", ("ana@marlow.example", "Ana at Marlow", "")),
])  # fmt: skip
def test_an_address_is_taken_where_it_is_of_the_roads_domain_and_nothing_is_kept_apart(writer, account, reply_to, expected):
    road = Account(**account) if account else None
    assert accounts.sender_of(Store(**SHOP, reply_to=reply_to), road, Writer(**writer)) == Sender(*expected)


@pytest.mark.parametrize(("said", "words"), [
    ({"name": " "}, "Write the name"),
    ({"email": "ana@elsewhere.example"}, "Your mails come from marlow.example."),
    ({"email": "no-reply@marlow.example"}, "would reach nobody"),
    ({"reply_to": "ana"}, "is no address"),
])  # fmt: skip
def test_who_could_not_be_trusted_or_answered_is_not_added(store, said, words):
    store.sender_email = "hello@marlow.example"
    store.save()
    with pytest.raises(writers.NotAdded, match=words):
        writers.add(store, **{"name": "Ana", "email": "", "reply_to": "", **said}, now=clock.read())
    assert not Writer.objects.exists()
