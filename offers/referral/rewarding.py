"""Mails friends their code, and whoever brought them the reward once the order has stood long enough.

Code, mail and state are one transaction: what it is told to be is so. A code that the shop has yet to make, or that is missing, is asked
for again; after some weeks without one the referral ends in words. Who has had what the store lets one customer have in a quarter is
rewarded in the next.
"""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from customers import events
from offers import allowance, giving
from offers.allowance import Lack
from offers.giving import Promise, Want
from offers.models import Offer, Program, Referral
from offers.referral import crediting, letters

log = logging.getLogger(__name__)
State = Referral.State
_AGAIN = timedelta(minutes=5)
#: So long a friend's code, or a reward, may be missing before nobody waits for it any more.
_LONGEST = {State.ASKED: timedelta(days=30), State.ORDERED: timedelta(days=200)}
_IN_NEXT_QUARTER = "They have had what a customer may have in a quarter: the reward comes in the next"


def sweep(*, now: datetime, limit: int = 50) -> int:
    """Go on with the referrals that are due; return how many were looked at. One that cannot go on is put off, the others go on."""
    due = Referral.objects.filter(due_at__lte=now).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]
    done = 0
    for pk in list(due):
        try:
            done += _one(pk, now=now)
        except Exception:
            log.exception("Referral %s could not go on", pk)
            Referral.objects.filter(pk=pk).update(due_at=now + timedelta(hours=1))
    return done


@transaction.atomic
def _one(pk: int, *, now: datetime) -> int:
    found = Referral.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, due_at__lte=now)
    referral = found.select_related("by", "friend", "order", "store").first()
    if referral is None:
        return 0
    program = Program.objects.filter(store=referral.store_id).select_related("friend_offer__store", "reward_offer__store").first()
    why = _why_over(referral, program)
    if why:
        _end(referral, why, now=now)
    elif referral.state == State.ASKED:
        _invite(referral, program, now=now)
    else:
        _reward(referral, program, now=now)
    return 1


def _why_over(referral: Referral, program: Program | None) -> str:
    """Return why nobody is to be mailed a code, in words, or "": what was promised to who brought a friend holds, the program on or off."""
    if referral.by_id == referral.friend_id:
        return "The two became one customer"
    if referral.by.erased_at or (referral.state == State.ASKED and referral.friend.erased_at):
        return "Erased"
    return "" if referral.state == State.ORDERED or (program and program.is_on) else "Nobody can bring friends any more"


def _end(referral: Referral, why: str, *, now: datetime) -> None:
    referral.state, referral.reason, referral.due_at, referral.settled_at = State.REFUSED, why, None, now
    referral.save(update_fields=["state", "reason", "due_at", "settled_at"])


def _invite(referral: Referral, program: Program | None, *, now: datetime) -> None:
    if given := _code(program.friend_offer if program else None, referral, referral.friend_id, now=now):
        letters.invite(referral, given, now=now)
        referral.state, referral.reason, referral.due_at = State.INVITED, "", None
        referral.save(update_fields=["state", "reason", "due_at"])


def _reward(referral: Referral, program: Program | None, *, now: datetime) -> None:
    if referral.order is None or crediting.has_fallen(referral.order):
        crediting.revoke(referral, now=now)
    elif given := _code(program.reward_offer if program else None, referral, referral.by_id, now=now):
        letters.reward(referral, given, now=now)
        referral.state, referral.reason, referral.due_at, referral.settled_at = State.REWARDED, "", None, now
        referral.save(update_fields=["state", "reason", "due_at", "settled_at"])
        crediting.tell(referral, events.Kind.REFERRAL_REWARDED, now=now)


def _code(offer: Offer | None, referral: Referral, customer_id: int, *, now: datetime) -> Promise | None:
    """Return the code to mail; without one put the referral off, and end it when that has lasted too long."""
    given = giving.issue([Want(offer, customer_id, is_earned=True)], now=now)[0] if offer else Lack.EMPTY
    if isinstance(given, Promise):
        return given
    if now - (referral.ordered_at or referral.asked_at) > _LONGEST[State(referral.state)]:
        _end(referral, "There was no code to give", now=now)
        return None
    referral.due_at, referral.reason = now + _AGAIN, ""
    if given == Lack.BUDGET:
        referral.due_at = allowance.next_quarter(now, ZoneInfo(referral.store.timezone))
        referral.reason = _IN_NEXT_QUARTER
    referral.save(update_fields=["due_at", "reason"])
    return None
