"""What is played: the flow, perhaps beside the store's other active ones and under its rules for sending, and what its steps ask for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns import conversations, learning, leaving, planning, timing
from campaigns.models import Flow, FlowVersion, Step, StepSwitch
from campaigns.rehearsal import asking
from campaigns.rehearsal.parts import Cap, Part, Play, Wait
from campaigns.rehearsal.playing import House
from catalog.models import Pairing, ProductGuide
from customers import preferences, topics
from messaging.models import Purpose
from offers import giving
from offers.models import Offer
from segments.models import Segment
from stores.models import Store


@dataclass(frozen=True)
class Scene:
    """One flow with the version that is played."""

    flow: Flow
    version: FlowVersion
    play: Play


@dataclass(frozen=True)
class Script:
    """Everything that is so whoever is looked at. The first scene is the flow that is rehearsed; `pairs` are products that go with one.

    Whoever began after `since` and not after `until` is played.
    """

    store: Store
    scenes: Sequence[Scene]
    since: datetime
    until: datetime
    now: datetime
    house: House
    with_tips: frozenset[int] = frozenset()
    lessons: Mapping[int, int] = field(default_factory=dict)
    with_call: frozenset[int] = frozenset()
    pairs: Mapping[int, Sequence[int]] = field(default_factory=dict)
    segments: Mapping[int, Segment] = field(default_factory=dict)
    offers: Mapping[int, Offer] = field(default_factory=dict)
    codes_left: Mapping[int, int | None] = field(default_factory=dict)

    def asks(self, *names: str) -> bool:
        """Say whether any step has one of these conditions, or a flow one of these exits."""
        if any(not scene.play.exits.isdisjoint(names) for scene in self.scenes):
            return True
        return any(not set(names).isdisjoint(part.conditions) for scene in self.scenes for part in scene.play.parts)

    @property
    def heeds(self) -> set[str]:
        """Return the kinds of events for which steps wait, and that end a flow."""
        waits = [part.after for scene in self.scenes for part in scene.play.parts]
        found = {kind for scene in self.scenes for kind, _ in scene.play.ends}
        while waits := [wait for wait in waits if wait]:
            found |= {wait.event for wait in waits}
            waits = [wait.after for wait in waits]
        return found

    @property
    def sells(self) -> bool:
        return any(part.is_selling for scene in self.scenes for part in scene.play.parts)

    @property
    def knows_tips(self) -> bool:
        """Say whether a mail's tips are only for what is new to its customer."""
        return any(part.shows_tips and "has_tips" in part.conditions for scene in self.scenes for part in scene.play.parts)

    @property
    def is_told_by_carriers(self) -> bool:
        """Say whether a step hangs from what only a carrier's news on the way tells."""
        return any(part.rule.anchor in ("out_for_delivery", "ready", "problem") for scene in self.scenes for part in scene.play.parts)


def write(flow: Flow, version: FlowVersion, *, since: datetime, until: datetime, now: datetime, is_beside: bool = False) -> Script:
    """Return the script of a version of a flow: alone, or beside the other active flows with caps, quiet hours and days of sending."""
    store = flow.store
    played = [(flow, version), *(_others(flow) if is_beside else ())]
    at_work = Step.objects.filter(is_off=False).select_related("only_if", "offer__store")
    steps = {its.pk: list(at_work.filter(version=its).order_by("position")) for _, its in played}
    every = [step for found in steps.values() for step in found]
    promised = {step.offer.pk: step.offer for step in every if step.offer}
    codes = giving.left(promised.values(), now=now)
    switches = _switches(each for each, _ in played)
    scenes = [Scene(each, its, _play(each, its, steps[its.pk], switches[each.pk], codes, has_caps=is_beside)) for each, its in played]
    with_tips, pairs = _catalogue(store, {name for step in every for name in step.conditions})
    return Script(
        store, scenes, since, until, now,
        house=_house(store, scenes, now=now, has_rules=is_beside),
        with_tips=with_tips, pairs=pairs, **_teaching(store, {name for step in every for name in step.conditions}),
        segments={step.only_if.pk: step.only_if for step in every if step.only_if},
        offers=promised, codes_left=codes,
    )  # fmt: skip


def _others(flow: Flow) -> list[tuple[Flow, FlowVersion]]:
    live = Flow.objects.filter(store=flow.store, state=Flow.State.LIVE, version__isnull=False, is_one_off=False).exclude(pk=flow.pk)
    return [(other, other.version) for other in live.select_related("version__audience").order_by("priority", "pk") if other.version]


def _switches(flows: Iterable[Flow]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for flow, key, choice in StepSwitch.objects.filter(flow__in=list(flows)).values_list("flow", "step_key", "choice"):
        found[flow][key] = choice
    return found


def _play(
    flow: Flow, version: FlowVersion, steps: Sequence[Step], switches: Mapping[str, str], codes: Mapping[int, int | None], *, has_caps: bool
) -> Play:
    seconds = {step.instead_of: step.only_if_id for step in steps if step.instead_of}
    waits = _waits(steps)
    shown = [step for step in steps if step.kind != Step.Kind.WAIT]
    parts = tuple(
        Part(
            key=step.key,
            name=step.name,
            place=place,
            rule=planning.rule_of(step),
            purpose=step.purpose,
            conditions=tuple(step.conditions),
            switch=switches.get(step.key, ""),
            offer=step.offer_id,
            has_code=codes.get(step.offer_id or 0, 0) != 0,
            outlives_its_order=planning.outlives(step.anchor, version.trigger),
            only_if=step.only_if_id,
            is_instead=bool(step.instead_of),
            seconds=seconds.get(step.key),
            is_mail=step.is_mail,
            is_joined=conversations.may_join(step, version),
            shows_tips=step.shows("tips"),
            after=waits[step.position],
            topic=_topic(step, flow) if step.is_mail else "",
        )
        for place, step in enumerate(shown, 1)
    )
    cap = Cap(flow.cap_mails, flow.cap_days) if has_caps else Cap()
    ends = tuple((each["event"], each["where"]) for each in leaving.by_event(version))
    return Play(flow.pk, flow.key, parts, flow.priority, cap, frozenset(leaving.by_name(version)), ends)


def _topic(step: Step, flow: Flow) -> str:
    return topics.of_mail(step.purpose, asks=step.shows("question") or step.shows("stars"), is_one_off=flow.is_one_off)


def _waits(steps: Sequence[Step]) -> dict[int, Wait | None]:
    """Return of each place the wait that is before it."""
    found: dict[int, Wait | None] = {}
    last: Wait | None = None
    for step in steps:
        found[step.position] = last
        if step.kind == Step.Kind.WAIT:
            details = step.details
            last = Wait(planning.rule_of(step), details["event"], details.get("where", ()), details["hours"], last)
    return found


def _house(store: Store, scenes: Sequence[Scene], *, now: datetime, has_rules: bool) -> House:
    dockets = {scene.play.number: [asking.docket(part, scene.play) for part in scene.play.parts] for scene in scenes}
    if not has_rules:
        return House(now, dockets)
    quiet = store.quiet_from, store.quiet_until, store.marketing_days
    hours = {purpose.value: found for purpose in Purpose if (found := timing.hours_for(purpose.value, *quiet)) is not None}
    return House(now, dockets, Cap(store.cap_mails, store.cap_days), Cap(1, preferences.FEWER_DAYS), hours)


def _catalogue(store: Store, conditions: set[str]) -> tuple[frozenset[int], dict[int, list[int]]]:
    """Return the products with tips, and what goes well with each and can be had, as far as the steps ask for them."""
    pairs: dict[int, list[int]] = defaultdict(list)
    if "has_pairings" in conditions:
        known = Pairing.objects.filter(store=store, suggested__is_available=True, is_blocked=False)
        for product, suggested in known.values_list("product_id", "suggested_id"):
            pairs[product].append(suggested)
    guides = ProductGuide.objects.filter(store=store).exclude(tips=[]) if "has_tips" in conditions else ProductGuide.objects.none()
    return frozenset(guides.values_list("product_id", flat=True)), pairs


def _teaching(store: Store, conditions: set[str]) -> dict[str, Any]:
    """Return how many lessons products have, and for which a call is booked, if a step asks."""
    if not any(name == "has_call" or name.startswith("has_lesson") for name in conditions):
        return {}
    guides = list(ProductGuide.objects.filter(store=store).values_list("product_id", "lessons", "call_url"))
    return {
        "lessons": {pk: len(lessons[: learning.MOST_LESSONS]) for pk, lessons, _ in guides if lessons},
        "with_call": frozenset(pk for pk, _, call in guides if call),
    }
