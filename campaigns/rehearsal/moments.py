"""When a step of a passage is due, by what was known at the time. Pure."""

from datetime import datetime, timedelta

from campaigns import timing
from campaigns.rehearsal.parts import Part, Wait
from campaigns.rehearsal.passages import Passage
from campaigns.timing import Plan, Rule


def of(passage: Passage, rule: Rule, after: Wait | None, now: datetime) -> tuple[Plan, datetime]:
    """Return a step's plan and the moment it is due, by what was known then; the last plan where it never comes to that."""
    if rule.anchor == "waited" and after is not None:
        ended_at, basis = _end_of(after, passage, now)
        plan = timing.plan_after_wait(rule, ended_at, zone=passage.zone, basis=basis)
        return plan, plan.due_at
    story = passage.story
    if story is None or rule.anchor in ("entered", "waited"):
        plan = timing.plan_entered(rule, passage.began_at, zone=passage.zone)
        return plan, plan.due_at
    if rule.rests_on_placing:
        plan = timing.plan_placed(rule, story.facts.placed_at, zone=passage.zone)
        return plan, max(plan.due_at, story.facts.placed_at, passage.began_at)
    moments, last = story.moments, len(story.moments) - 1
    for number in story.knowing(rule.anchor):
        plan = _planned(passage, rule, number)
        at = max(plan.due_at, moments[number], passage.began_at)
        if number == last or at < moments[number + 1]:
            break
    return plan, at


def known_by(passage: Passage, part: Part, plan: Plan, at: datetime) -> Plan:
    """Return a step's plan as it stood at a moment; `plan` is the last of it."""
    story = passage.story
    if story is None or part.rule.anchor in ("entered", "waited"):
        return plan
    return _planned(passage, part.rule, max((number for number, since in enumerate(story.moments) if since <= at), default=0))


def _planned(passage: Passage, rule: Rule, number: int) -> Plan:
    """Return the plan by what was known from a moment of the order's story on."""
    story, happy_at = passage.story, passage.happy_at
    assert story is not None
    since = story.moments[number]
    return timing.plan(
        rule, story.known(number), zone=passage.zone,
        happy_answer_at=happy_at if happy_at is not None and happy_at <= since else None, is_over=passage.is_over(since),
    )  # fmt: skip


def _end_of(wait: Wait, passage: Passage, now: datetime) -> tuple[datetime, str]:
    """Return when a wait is over and how: waited | timed_out | forecast; what has happened since they entered counts."""
    plan, began_at = of(passage, wait.rule, wait.after, now)
    last = began_at + timedelta(hours=wait.hours)
    if not plan.is_known:
        return last, "forecast"
    for at in passage.heard(wait.event, wait.where):
        if max(at, began_at) <= last:
            return max(at, began_at), "waited"
    return last, "timed_out" if last <= now else "forecast"
