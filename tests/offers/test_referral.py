"""Customers bring friends: who is another person, when it counts, when it is taken back, and what is mailed."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings

from campaigns import letters
from campaigns.models import Flow, FlowVersion, Step
from campaigns.tasks import keep_codes
from customers import erasure, merging
from customers.models import Event
from engagement import reader as scores
from engagement.models import Action
from messaging import standing
from messaging.models import Message
from offers import giving
from offers.giving import Want
from offers.models import Advocate, Offer, OfferCode, OfferRules, Program, Referral
from offers.referral import joining, likeness
from stores import clock
from stores.models import Store
from tests.offers.conftest import NOW, tell

REWARD_AT = NOW + timedelta(days=14)
HOME = {"address1": "Rua das Flores, 7", "zip": "1200-195", "country": "PT"}


@pytest.fixture
def program(store, offer) -> Program:
    """Friends get a code of one pool, who brought them a code of another."""
    store.sender_email = "hello@marlow.example"
    store.save()
    pools = [
        Offer.objects.create(store=store, name=name, kind="pool", value=value)
        for name, value in (("Friend", "€10 off"), ("Reward", "€5 off"))
    ]
    OfferCode.objects.bulk_create(OfferCode(store=store, offer=pool, code=f"{pool.name}-{number}") for pool in pools for number in range(3))
    made: Program = Program.objects.create(store=store, is_on=True, friend_offer=pools[0], reward_offer=pools[1], wait_days=14)
    return made


@pytest.fixture
def ada(person, buys, program):
    """Somebody who has bought, by a phone and to an address."""
    ada = person("ada")
    ada.first_name, ada.phone = "Ada", "+351 912 345 678"
    ada.save()
    buys(ada, "1", at=NOW - timedelta(days=90), shipping_address=HOME)
    keep_codes()
    return ada


@pytest.fixture
def bring(ada):
    """Let a friend of ada's ask for the code and get it."""

    def take(email: str) -> Referral | None:
        taken = joining.take(joining.advocate(ada, now=NOW), email, now=NOW)
        keep_codes()
        return taken and Referral.objects.get(pk=taken.pk)

    return take


def go_on(at: datetime, *referrals: Referral) -> list[str]:
    clock.set_to(at)
    keep_codes()
    for each in referrals:
        each.refresh_from_db()
    return [each.state for each in referrals]


def mails() -> list[tuple[str, str, str]]:
    return list(Message.objects.order_by("pk").values_list("to_email", "step", "subject"))


def told(customer) -> list[str]:
    return list(Event.objects.filter(customer=customer, kind__startswith="referral.").order_by("pk").values_list("kind", flat=True))


def test_a_friends_first_paid_order_is_rewarded_once_it_has_stood(ada, bring, buys):
    referral = bring("bo@example.com")
    bo = referral.friend
    assert (referral.state, mails()) == ("invited", [("bo@example.com", "friend-code", "€10 off for your first order")])
    assert "You get this because you gave Marlow & Finch your address." in Message.objects.get().text
    assert "Friend-0" in Message.objects.get().text and "Ada thought of you" in Message.objects.get().html
    order = buys(bo, "2", "friend-0", at=NOW + timedelta(hours=1), financial_status="pending")
    assert go_on(NOW + timedelta(hours=2), referral) == ["invited"]
    tell(order, "order.paid", financial_status="paid")
    tell(order, "order.changed")  # late news change nothing
    assert go_on(REWARD_AT, referral) == ["ordered"]
    assert go_on(REWARD_AT + timedelta(hours=1), referral) == ["rewarded"]
    assert go_on(REWARD_AT + timedelta(days=1), referral) == ["rewarded"]
    assert mails()[1:] == [("ada@example.com", "friend-reward", "€5 off: your friend has ordered")]
    assert OfferCode.objects.get(customer=ada).code == "Reward-0"
    assert (told(ada), told(bo)) == (["referral.credited", "referral.rewarded"], ["referral.joined"])


@pytest.mark.parametrize("email", ["ada+two@example.com", "ADA@example.com", "nobody", "known@example.com"])
def test_who_is_no_stranger_gets_no_code(bring, person, buys, email):
    buys(person("known"), "7")
    assert (bring(email), mails(), Referral.objects.count()) == (None, [], 0)


def test_a_mail_leads_to_the_link_while_there_is_one_to_be_had(store, ada, program):
    content = {"subject": "Hi", "blocks": [{"kind": "referral"}, {"kind": "text", "text": "Bye."}]}
    version = FlowVersion(flow=Flow(store=store, key="tell"), number=1)
    step = Step(version=version, key="tell", purpose="marketing", content=content)

    def text() -> str:
        shop = Store.objects.get()
        return letters.draw(
            step, shop, ada, None, standing=standing.standings([ada.pk])[ada.pk], pairings=(), offer=None, now=NOW,
            message_token="", check_in_token="",
        ).text  # fmt: skip

    assert f"€10 off for a friend, €5 off for you\n\nBring a friend:\n{settings.PUBLIC_URL}/b/{ada.token}/" in text()
    Program.objects.update(is_on=False)
    assert "friend" not in text()


def test_a_name_that_is_a_message_is_told_to_no_stranger(ada, bring):
    ada.first_name = "Win €500 at evil.example"
    ada.save()
    bring("bo@example.com")
    assert "A friend thought of you" in Message.objects.get().html and "evil" not in Message.objects.get().html


def test_nobody_is_brought_twice(bring, person):
    first = bring("bo@example.com")
    assert joining.take(joining.advocate(person("cy"), now=NOW), "bo@example.com", now=NOW) is None
    assert Referral.objects.get() == first


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"shipping_address": {**HOME, "address1": "rua das flores 7"}}, "The same address"),
        ({"shipping_address": {"phone": "00351 912345678"}}, "The same phone"),
        ({"email": "a.d.a@example.com", "shipping_address": {**HOME, "address2": "3rd floor"}}, ""),
        ({"placed_at": NOW - timedelta(minutes=1)}, "Ordered before they asked for the code"),
    ],
)
def test_an_order_from_the_same_home_or_phone_or_from_before_counts_for_nobody(bring, buys, order, why):
    referral = bring("bo@example.com")
    buys(referral.friend, "2", **{"placed_at": NOW + timedelta(hours=1), **order})
    state = go_on(NOW + timedelta(days=1), referral)
    assert (state, referral.reason) == (["refused" if why else "ordered"], why)


def test_a_code_that_is_handed_on_credits_for_its_buyer_and_never_for_oneself(ada, bring, person, buys):
    first, second = bring("bo@example.com"), bring("cy@example.com")
    buys(ada, "2", "FRIEND-0", at=NOW + timedelta(hours=1))
    buys(person("di"), "3", "FRIEND-1", at=NOW + timedelta(hours=1))
    assert go_on(NOW + timedelta(days=1), first, second) == ["refused", "ordered"]
    assert first.reason == "They used it themselves"


def test_an_order_that_falls_takes_the_credit_back_and_says_so_where_it_is_too_late(store, ada, bring, buys):
    early, late = bring("bo@example.com"), bring("cy@example.com")
    orders = [buys(each.friend, f"of-{each.pk}", at=NOW + timedelta(hours=1)) for each in (early, late)]
    go_on(NOW + timedelta(days=1), early, late)
    scores.read(now=clock.read())
    assert Action.objects.filter(customer=ada, kind="referred").count() == 2
    tell(orders[0], "order.refunded", refunded_minor=5000, financial_status="refunded")
    assert go_on(REWARD_AT + timedelta(days=1), early, late) == ["revoked", "rewarded"]
    assert (early.reason, [step for _, step, _ in mails()].count("friend-reward")) == ("The order did not stand", 1)
    for _ in range(2):
        tell(orders[1], "order.cancelled", cancelled_at=clock.read())
        assert go_on(clock.read() + timedelta(days=1), late) == ["rewarded"]
    assert (late.reason, told(ada).count("referral.revoked")) == ("The order fell after the reward was mailed", 2)
    scores.read(now=clock.read())
    assert Action.objects.filter(customer=ada, kind="referred").count() == 0


def test_what_a_customer_may_have_in_a_quarter_bounds_rewards_which_come_in_the_next(store, ada, bring, buys, offer, program):
    Offer.objects.update(worth_minor=500)
    offer.refresh_from_db()
    OfferRules.objects.create(store=store, quarter_budget_minor=1000)
    assert isinstance(giving.issue([Want(offer, ada.pk)], now=NOW)[0], giving.Promise)  # an open code of another offer is no hindrance
    first, second = bring("bo@example.com"), bring("cy@example.com")
    for each in (first, second):
        buys(each.friend, f"of-{each.pk}", at=NOW + timedelta(hours=1))
    go_on(NOW + timedelta(hours=2), first, second)
    assert go_on(REWARD_AT - timedelta(days=1), first, second) == ["ordered", "ordered"]
    OfferCode.objects.filter(customer=ada).update(state="used")
    assert go_on(REWARD_AT + timedelta(hours=2), first, second) == ["rewarded", "ordered"]
    assert second.due_at.isoformat() == "2026-12-31T23:00:00+00:00"
    assert go_on(second.due_at, first, second) == ["rewarded", "rewarded"]


def test_a_reward_waits_for_a_code_that_is_missing_and_holds_with_the_program_off(program, bring, buys):
    OfferCode.objects.filter(offer=program.reward_offer).delete()
    referral = bring("bo@example.com")
    buys(referral.friend, "2", at=NOW + timedelta(hours=1))
    Program.objects.update(is_on=False)
    go_on(NOW + timedelta(hours=2), referral)
    assert go_on(REWARD_AT + timedelta(days=1), referral) == ["ordered"]
    OfferCode.objects.create(store=program.store, offer=program.reward_offer, code="LATE")
    assert go_on(REWARD_AT + timedelta(days=2), referral) == ["rewarded"]


def test_two_who_became_one_bring_nobody_and_keep_both_links(ada, bring, buys, person):
    referral = bring("bo@example.com")
    links = [joining.advocate(each, now=NOW).token for each in (ada, referral.friend)]
    buys(referral.friend, "2", at=NOW + timedelta(hours=1))
    go_on(NOW + timedelta(hours=2), referral)
    merging.merge(ada, referral.friend, by="Bob", now=NOW)
    assert go_on(REWARD_AT + timedelta(days=1), referral) == ["refused"]
    assert set(Advocate.objects.filter(customer=ada).values_list("token", flat=True)) == set(links)
    assert joining.advocate(ada, now=NOW).token == links[0]


def test_who_is_erased_is_mailed_nothing_and_credited_nothing(ada, bring, buys):
    referral = bring("bo@example.com")
    erasure.ask(ada, by="Bob", now=NOW)
    buys(referral.friend, "2", at=NOW + timedelta(hours=1))
    assert go_on(REWARD_AT + timedelta(days=1), referral) == ["invited"]


FRIENDS = {"address1": "Calle Mayor 3", "zip": "28013", "country": "ES"}


@pytest.mark.parametrize(
    ("sent", "is_home"),
    [
        ([{**FRIENDS, "name": "Bo Lind"}] * 3, False),  # gifts
        ([{**FRIENDS, "name": "ADA Silva-Lopes"}], True),  # her own name, written otherwise
        ([HOME, FRIENDS], False),  # nobody is named: one old parcel tells nothing
        ([HOME, FRIENDS, FRIENDS], True),
        ([FRIENDS, HOME], True),  # she may have moved
    ],
)
def test_a_gift_to_a_friends_home_makes_it_nobody_elses(sent, is_home):
    assert (likeness.place(FRIENDS) in likeness.homes(sent, name="Ada Silva")) == is_home


def test_a_friend_who_was_sent_a_gift_is_still_a_friend(ada, bring, buys):
    buys(ada, "gift", at=NOW - timedelta(days=30), shipping_address={**FRIENDS, "name": "Bo Lind", "phone": "+34 600 000 000"})
    referral = bring("bo@example.com")
    buys(referral.friend, "2", at=NOW + timedelta(hours=1), shipping_address={**FRIENDS, "name": "Bo Lind", "phone": "600 000 000"})
    assert go_on(NOW + timedelta(hours=2), referral) == ["ordered"]


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Ana.B+shop@GoogleMail.com", "anab@gmail.com"),
        ("ana.b+x@example.com", "ana.b@example.com"),
        ("+x@example.com", "+x@example.com"),
    ],
)
def test_a_mailbox_is_known_behind_its_spellings(address, mailbox):
    assert likeness.mailbox(address) == mailbox
