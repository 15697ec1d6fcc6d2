"""What the law and every mailbox provider want of whoever sells by mail: a postal address, a sender, somebody who reads the answers (D9).

Where mails do not leave this machine nobody can be harmed, and nothing is asked.
"""

from django.conf import settings

from messaging.models import Account, Purpose
from messaging.roads import accounts
from messaging.roads.accounts import Stream
from stores.models import Store

_DEAF = frozenset({"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply"})


def lacking(store: Store) -> list[str]:
    """Return in words what a store must enter before marketing may be switched on."""
    sender = accounts.sender_of(store, accounts.account_of(store, Purpose.MARKETING))
    lacks = []
    if not store.postal_address.strip():
        lacks.append("the shop’s postal address, which must stand in every marketing mail")
    if not sender.email:
        lacks.append("the address marketing mails come from")
    elif not hears(sender.reply_to or sender.email):
        lacks.append(f"an address that can be answered instead of {sender.reply_to or sender.email}")
    return lacks if lacks and _mails(store) else []


def hears(address: str) -> bool:
    """Say whether somebody can read what is sent to an address."""
    local, _, domain = address.lower().rpartition("@")
    return local not in _DEAF and not domain.endswith(".invalid")


def _mails(store: Store) -> bool:
    """Say whether a store's mails leave this machine: by the installation's road, or by one of its own."""
    return settings.MAIL_LEAVES or Account.objects.filter(store=store, stream__in=[Stream.MARKETING, Stream.ALL]).exists()
