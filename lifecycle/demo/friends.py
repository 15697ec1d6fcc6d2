"""Friends whom the demo shop's customers bring: what there is to get, and one who came, bought and stayed."""

from datetime import datetime

from customers.models import Customer
from lifecycle.demo.people import FRIEND, PEOPLE
from offers.models import Offer, OfferCode, Program
from offers.referral import joining
from stores.models import Store

CODES = 80


def open_program(store: Store) -> None:
    """Let customers bring friends; both codes come from pools."""
    friend = _offer(store, "A friend’s first order", 10, minimum_minor=3000)
    reward = _offer(store, "Thanks for a friend", 5, days_valid=60)
    OfferCode.objects.bulk_create(
        OfferCode(store=store, offer=offer, code=f"{prefix}-{number * 7919 % 90000 + 10000}")
        for offer, prefix in ((friend, "HELLO"), (reward, "FRIEND"))
        for number in range(1, CODES + 1)
    )
    Program.objects.create(store=store, is_on=True, friend_offer=friend, reward_offer=reward, wait_days=7)


def come(store: Store, *, now: datetime) -> None:
    """Let a friend ask for the code by the link of the shop's first customer."""
    by = Customer.objects.get(store=store, email=PEOPLE[0][1])
    joining.take(joining.advocate(by, now=now), FRIEND[1], now=now)


def _offer(store: Store, name: str, euros: int, **fields: int) -> Offer:
    made: Offer = Offer.objects.create(
        store=store, name=name, value=f"€{euros} off", kind=Offer.Kind.POOL, gives=Offer.Gives.MONEY, amount_minor=euros * 100,
        worth_minor=euros * 100, currency="EUR", **fields,
    )  # fmt: skip
    return made
