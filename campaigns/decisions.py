"""Whether a due step is sent, skipped or held, and why. Pure: facts in, verdict out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.reasons import Reason


@dataclass(frozen=True)
class Send:
    """The mail may go."""


@dataclass(frozen=True)
class Skip:
    """The mail never goes, for this reason."""

    reason: Reason


@dataclass(frozen=True)
class Hold:
    """The mail waits until `until` (then it is looked at again), or until what holds it ends earlier."""

    reason: Reason
    until: datetime


Verdict = Send | Skip | Hold
#: The mail would have gone, had its flow not only been watching.
WATCHED = Skip(Reason.WATCH_ONLY)


@dataclass(frozen=True)
class Situation:
    """What a decision rests on. `refusal` is the permission rule's word (messaging.permission), None if the mail is allowed.

    `is_moot`: what the step tells of is not so, or not any more. `exit`: why the customer leaves the flow (campaigns.leaving).
    `has_pairs`: its flow has two steps on one rung. `is_other`: of such two, the other one goes. `is_among`: the segment that the step is
    for means them. `has_other_orders`: than the one it is about.
    `is_joined`: another order's mail went for it; `joins_until`: one will, then it is looked at again. `has_known_tips`: there are tips,
    but only for what they had before. `waits_until`: it is a wait that is not over. `has_happened`: what the wait before it was for; None
    where there was none.
    `is_held_out`: they are in the comparison group, and the step sells.
    `is_in_trouble`: an order of theirs is late, could not be handed over, or was just refunded.
    `is_declined`: the customer does not want this kind of mail.
    `capped_until`, `quiet_until`, `few_until`, `break_until`: when the customer may get a mail again, None if now.
    """

    now: datetime
    use_by: datetime
    is_selling: bool
    conditions: tuple[str, ...] = ()
    refusal: Reason | None = None
    is_stopped: bool = False
    is_paused: bool = False
    lacks_imprint: bool = False
    is_watched: bool = False
    is_the_shops: bool = False
    is_cancelled: bool = False
    is_refunded: bool = False
    is_returned: bool = False
    is_moot: bool = False
    has_pairs: bool = False
    has_other_orders: bool = False
    is_other: bool = False
    is_among: bool = True
    is_held_out: bool = False
    is_joined: bool = False
    joins_until: datetime | None = None
    has_known_tips: bool = False
    waits_until: datetime | None = None
    has_happened: bool | None = None
    exit: Reason | None = None
    has_open_task: bool = False
    is_in_trouble: bool = False
    is_declined: bool = False
    few_until: datetime | None = None
    break_until: datetime | None = None
    capped_until: datetime | None = None
    quiet_until: datetime | None = None
    has_tips: bool = False
    has_pairings: bool = False
    has_code: bool = False
    has_bought_since: bool = False
    has_ordered: bool = False
    has_return: bool = False
    has_answered: bool = False
    has_arrived: bool = False
    is_asked_for_review: bool = False
    has_check_in: bool = False
    was_unhappy: bool = False
    is_available: bool = False
    is_known: bool = False
    lessons: int = 0
    has_call: bool = False
    is_guest: bool = False


def _has_lesson(number: int) -> Callable[[Situation], bool]:
    return lambda s: s.lessons >= number


#: What a step may ask for ("only if …"): its name, the words for people, the test, and the reason when it fails.
CONDITIONS: dict[str, tuple[str, Callable[[Situation], bool], Reason]] = {
    "has_tips": ("the products have tips", lambda s: s.has_tips, Reason.NO_TIPS),
    "has_pairings": ("something goes well with it", lambda s: s.has_pairings, Reason.NO_PAIRING),
    "has_code": ("there is a code to give", lambda s: s.has_code, Reason.NO_CODE),
    "not_bought_since": ("nothing was bought since", lambda s: not s.has_bought_since, Reason.BOUGHT_SINCE),
    "not_ordered": ("they have never ordered", lambda s: not s.has_ordered, Reason.BOUGHT_SINCE),
    "no_return": ("nothing is on its way back", lambda s: not s.has_return, Reason.RETURNED),
    "has_arrived": ("the carrier or a person says that it arrived", lambda s: s.has_arrived, Reason.NOT_SURE),
    **{
        f"has_lesson_{number}": (f"a guide has {number} lesson{'s' * (number > 1)}", _has_lesson(number), Reason.NO_TIPS)
        for number in range(1, 5)
    },
    "has_call": ("a guide says where a call is booked", lambda s: s.has_call, Reason.NO_CALL),
    "is_guest": ("they have no account, and the shop has a page for one", lambda s: s.is_guest, Reason.HAS_ACCOUNT),
    "can_be_bought": ("it can be bought", lambda s: s.is_available, Reason.OUT_OF_STOCK),
    "agreed_or_bought": ("they have agreed to offers or bought before", lambda s: s.is_known, Reason.NO_CONSENT),
    "no_review_asked": ("they were not asked for a review yet", lambda s: not s.is_asked_for_review, Reason.ASKED),
    "no_check_in": ("no check-in asks about the order", lambda s: not s.has_check_in, Reason.CHECK_IN),
    "not_unhappy": ("they were not unhappy at the check-in", lambda s: not s.was_unhappy, Reason.LOW_SCORE),
    "happened": ("what was waited for happened", lambda s: s.has_happened is not False, Reason.NOT_HAPPENED),
    "not_happened": ("what was waited for did not happen", lambda s: s.has_happened is not True, Reason.HAPPENED),
    "not_answered": ("they have not answered yet", lambda s: not s.has_answered, Reason.ANSWERED),
}


_LOOK_AGAIN, _TROUBLE_AGAIN = timedelta(hours=1), timedelta(days=1)


def decide(situation: Situation) -> Verdict:
    """Return the verdict on a due step. What ends a mail for good comes before what only delays it.

    Whom it is withheld from, to compare, and that it is watched come last: they are kept only of what would have gone.
    """
    return _ended(situation) or _held(situation) or _unmet(situation) or _withheld(situation) or Send()


def _ended(s: Situation) -> Skip | None:
    reasons = [
        (s.is_cancelled, Reason.CANCELLED),
        (s.is_refunded, Reason.REFUNDED),
        (s.is_returned, Reason.RETURNED),
        (s.is_moot, Reason.NOT_NEEDED),
        (s.is_other, Reason.INSTEAD),
        (s.is_joined, Reason.MERGED),
        (s.has_known_tips, Reason.KNOWS),
        (s.exit is not None, s.exit or Reason.NOT_NEEDED),
        (s.is_the_shops, Reason.SHOP_SENDS_IT),
        (s.now >= s.use_by, Reason.TOO_LATE),
        (s.refusal is not None, s.refusal or Reason.NO_CONSENT),
        (s.is_declined, Reason.DECLINED),
    ]
    return next((Skip(reason) for applies, reason in reasons if applies), None)


def _held(s: Situation) -> Hold | None:
    """Hold until use-by: whatever holds it wakes it earlier when it ends.

    A mail that will be too late when it may go is not skipped before it is: until then the rule that holds it may be changed.
    """
    if s.is_stopped:
        return Hold(Reason.STOPPED, s.now)  # nothing is taken up while sending is stopped, and this at once when it goes on
    if s.is_paused:
        return Hold(Reason.PAUSED, s.use_by)
    if s.waits_until is not None:
        return Hold(Reason.WAITS, s.waits_until)  # what it waits for wakes it
    if s.joins_until is not None:
        return Hold(Reason.MERGED, min(s.use_by, s.joins_until))
    if s.lacks_imprint:
        return Hold(Reason.NO_IMPRINT, min(s.use_by, s.now + _LOOK_AGAIN))  # nobody wakes it when the address is entered
    if s.is_selling and s.has_open_task:
        return Hold(Reason.OPEN_TASK, s.use_by)
    if s.is_selling and s.is_in_trouble:
        return Hold(Reason.TROUBLE, min(s.use_by, s.now + _TROUBLE_AGAIN))  # most of what ends it wakes it; time alone does not
    until, reason = max(
        (s.quiet_until or s.now, Reason.QUIET_HOURS),
        (s.capped_until or s.now, Reason.CAP),
        (s.few_until or s.now, Reason.FEWER),
        (s.break_until or s.now, Reason.BREAK),
    )
    return Hold(reason, min(until, s.use_by)) if until > s.now else None


def _unmet(s: Situation) -> Skip | None:
    if not s.is_among:
        return Skip(Reason.NOT_AMONG)
    return next((Skip(reason) for name in s.conditions for _, test, reason in [CONDITIONS[name]] if not test(s)), None)


def _withheld(s: Situation) -> Skip | None:
    if s.is_held_out and s.is_selling:
        return Skip(Reason.HOLDOUT)
    return WATCHED if s.is_watched else None
