"""When a step is due. Pure: the same rule serves the live planner, the "next mails" of a customer, and previews."""

from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orders.progress import Milestones
from stores import walltime
from stores.walltime import EVERY_DAY, Hours

#: Mails that were held overnight do not all go in the same second, but over so long a time (D19).
SPREAD = timedelta(minutes=15)

#: Anchors that may never come: a step that hangs from one of these is no promise.
CONTINGENT = frozenset({"out_for_delivery", "ready", "late", "problem", "refunded"})


class Rule(NamedTuple):
    """A step's timing (see campaigns.models.Step for each field's meaning)."""

    anchor: str
    offset_hours: int
    time_of_day: time | None
    not_after_anchor: str
    not_after_hours: int
    early_after_answer_hours: int | None
    use_by_hours: int

    @property
    def rests_on_placing(self) -> bool:
        """Say whether nothing that happens to an order later can move the step."""
        return self.anchor == "placed" and not self.not_after_anchor and self.early_after_answer_hours is None


class Plan(NamedTuple):
    """A step's moment. While `is_known` is false its anchor has not happened and `due_at` is a forecast.

    `basis` names what the moment rests on: placed | shipped | expected | delivered | usual (no carrier reports, so the usual
    time after shipping) | forecast | promised (kept ahead of the estimate) | answer (a happy answer brought it forward) | entered |
    waited (what the step before waited for happened) | timed_out (it did not) | one of CONTINGENT. `may_come` is false once it is sure
    that the anchor does not happen any more.
    """

    due_at: datetime
    use_by: datetime
    is_known: bool
    basis: str
    anchor_at: datetime
    may_come: bool = True


def plan_entered(rule: Rule, entered_at: datetime, *, zone: ZoneInfo) -> Plan:
    """Return when a step is due that follows the entering itself: with or without an order, it is known at once."""
    due_at = _after(entered_at, rule, zone)
    return Plan(due_at, due_at + timedelta(hours=rule.use_by_hours), True, "entered", entered_at)


def plan_placed(rule: Rule, placed_at: datetime, *, zone: ZoneInfo) -> Plan:
    """Return when a step is due that rests on an order's placing alone."""
    due_at = _after(placed_at, rule, zone)
    return Plan(due_at, due_at + timedelta(hours=rule.use_by_hours), True, "placed", placed_at)


def plan_after_wait(rule: Rule, ended_at: datetime, *, zone: ZoneInfo, basis: str) -> Plan:
    """Return when a step is due that hangs from the end of a wait; the basis "forecast" says that it is not over yet."""
    due_at = _after(ended_at, rule, zone)
    return Plan(due_at, due_at + timedelta(hours=rule.use_by_hours), basis != "forecast", basis, ended_at)


def plan(rule: Rule, milestones: Milestones, *, zone: ZoneInfo, happy_answer_at: datetime | None = None, is_over: bool = False) -> Plan:
    """Return when a step is due by an order's milestones, in the customer's zone. `is_over`: nothing is on its way any more.

    Without a time of day the offset is elapsed hours; with one it is calendar days at that wall time. `not_after` keeps the
    step ahead of another moment while that has not passed into a receipt; a happy answer may bring a step after receipt forward.
    """
    anchor_at, is_known, basis = _anchor(rule.anchor, milestones)
    due_at = _after(anchor_at, rule, zone)
    bound = _moment(rule.not_after_anchor, milestones) if rule.not_after_anchor else None
    if bound is not None and milestones.received is None:
        limit = bound - timedelta(hours=rule.not_after_hours)
        if limit < due_at:
            due_at, basis = limit, "promised" if is_known else basis
    if rule.early_after_answer_hours is not None and happy_answer_at is not None and is_known:
        early = happy_answer_at + timedelta(hours=rule.early_after_answer_hours)
        if early < due_at:
            due_at, basis = early, "answer"
    may_come = is_known or rule.anchor not in CONTINGENT or not (is_over or milestones.received)
    return Plan(due_at, due_at + timedelta(hours=rule.use_by_hours), is_known, basis, anchor_at, may_come)


def _after(anchor_at: datetime, rule: Rule, zone: ZoneInfo) -> datetime:
    if rule.time_of_day is None:
        return anchor_at + timedelta(hours=rule.offset_hours)
    return walltime.at_wall_time(anchor_at, days=rule.offset_hours // 24, wall=rule.time_of_day, zone=zone)


def _anchor(anchor: str, milestones: Milestones) -> tuple[datetime, bool, str]:
    """Return an anchor's moment, whether it really is known, and its basis."""
    match anchor:
        case "placed":
            return milestones.placed, True, "placed"
        case "shipped" if milestones.shipped:
            return milestones.shipped, True, "shipped"
        case "shipped":
            return milestones.shipped_forecast, False, "forecast"
        case "expected" if milestones.expected:
            return milestones.expected, True, "expected"
        case "received" if milestones.received:
            return milestones.received, True, "delivered"
        case "received" if milestones.assumed:
            return milestones.assumed, True, "usual"
        case "expected" | "received" | "waited":
            return milestones.received_forecast, False, "forecast"
    return _contingent(anchor, milestones)


def _contingent(anchor: str, milestones: Milestones) -> tuple[datetime, bool, str]:
    if anchor not in CONTINGENT:
        raise ValueError(f"There is no anchor {anchor!r}.")
    happened: datetime | None = getattr(milestones, anchor)
    return happened or milestones.received_forecast, happened is not None, anchor


def _moment(anchor: str, milestones: Milestones) -> datetime | None:
    moment, is_known, _ = _anchor(anchor, milestones)
    return moment if is_known else None


def is_known(anchor: str, milestones: Milestones) -> bool:
    """Say whether what a step follows is known, without planning it."""
    return _anchor(anchor, milestones)[1]


def hours_for(purpose: str, quiet_from: time | None, quiet_until: time | None, marketing_days: str) -> Hours | None:
    """Return when mails of a purpose may go by their customer's wall clock; None is at any hour, as order mails do."""
    hours = Hours(quiet_from, quiet_until, EVERY_DAY if purpose == "service" else frozenset(map(int, marketing_days)))
    return None if purpose == "transactional" or hours == Hours() else hours


def opens_at(now: datetime, *, hours: Hours, zone: ZoneInfo, use_by: datetime, number: int) -> datetime | None:
    """Return when a mail that is due may go by its customer's wall clock; None: now.

    Its `number` gives it its place within SPREAD, the same one whenever it is asked for; it is never put past the use-by for that.
    """
    opens = walltime.opens(now, hours=hours, zone=zone)
    if opens == now:
        return None
    spread = min(SPREAD, max(use_by - opens, timedelta()) / 2)
    later = opens + spread * (number * 2654435769 % 2**32 / 2**32)  # Knuth's multiplicative hash: neighbours lie far apart
    return later if walltime.opens(later, hours=hours, zone=zone) == later else opens
