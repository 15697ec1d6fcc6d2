"""What ends a passage through a flow at any moment, whatever is still planned: judged by the facts as they stand, many at once.

A version's `exits` are names of EXITS, and events since they entered: {"event": kind, "where": tests of `campaigns.filters`}.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from campaigns import enrollment, filters, subjects
from campaigns.models import Enrollment, FlowVersion
from customers import events
from customers.models import Customer, Event
from messaging.reasons import Reason
from orders.models import Order
from segments import audience

#: What a flow may name as its exits: the words for people, and the reason that is kept.
EXITS: dict[str, tuple[str, Reason]] = {
    "bought": ("buy", Reason.BOUGHT_SINCE),
    "got_it": ("buy what it is about", Reason.BOUGHT_SINCE),
    "renewed": ("say that they want to go on", Reason.ANSWERED),
    "left_audience": ("are no longer among those it is for", Reason.LEFT_AUDIENCE),
    "unsubscribed": ("unsubscribe from offers", Reason.UNSUBSCRIBED),
}

#: Events after which a passage may have ended by name.
ENDS: frozenset[str] = frozenset(
    {events.Kind.ORDER_PLACED, events.Kind.SEGMENT_LEFT, events.Kind.CONSENT_WITHDRAWN, events.Kind.CONSENT_RENEWED}
)


def by_name(version: FlowVersion) -> list[str]:
    return [each for each in version.exits if isinstance(each, str)]


def by_event(version: FlowVersion) -> list[dict[str, Any]]:
    return [each for each in version.exits if isinstance(each, dict)]


def end_those_over(batch: Sequence[Event], *, now: datetime) -> None:
    """Let those of whom these events tell out of the flows that have ended for them. The caller holds their rows' locks."""
    told: dict[int, set[str]] = defaultdict(set)
    for event in batch:
        told[event.customer_id].add(event.kind)
    inside = Enrollment.objects.filter(customer__in=told, state=Enrollment.State.ACTIVE).exclude(version__exits=[])
    found = [each for each in inside.prefetch_related("version__audience", "store").order_by("pk") if _may_end(each, told)]
    over = due(found, now=now)
    if over:
        enrollment.leave([(each, over[each.pk]) for each in found if each.pk in over], now=now)


def _may_end(passage: Enrollment, told: Mapping[int, set[str]]) -> bool:
    kinds = told[passage.customer_id]
    return bool(ENDS & kinds) or any(each["event"] in kinds for each in by_event(passage.version))


def due(passages: Iterable[Enrollment], *, now: datetime) -> dict[int, Reason]:
    """Return why each of these passages is over, by its id; those that go on are missing. Load `version__audience` with them."""
    watched = {each.pk: each for each in passages if each.version.exits}
    if not watched:
        return {}
    bought, unsubscribed = _having("bought", watched), _having("unsubscribed", watched)
    last = _latest_orders({each.customer_id for each in bought})
    gone = set(Customer.objects.filter(pk__in={e.customer_id for e in unsubscribed}, marketing=Customer.Marketing.UNSUBSCRIBED).values_list(
        "pk", flat=True)) if unsubscribed else set()  # fmt: skip
    found = {each.pk: Reason.LEFT_AUDIENCE for each in _outside(_having("left_audience", watched), now=now)}
    found |= {each.pk: Reason.UNSUBSCRIBED for each in unsubscribed if each.customer_id in gone}
    found |= dict.fromkeys(_renewed(_having("renewed", watched)), Reason.ANSWERED)
    found |= dict.fromkeys(subjects.got(_having("got_it", watched)), Reason.BOUGHT_SINCE)
    found |= dict.fromkeys(_ended_by_event(watched.values()), Reason.ENDED)
    return found | {each.pk: Reason.BOUGHT_SINCE for each in bought if last.get(each.customer_id, each.entered_at) > each.entered_at}


def _having(exit_name: str, passages: dict[int, Enrollment]) -> list[Enrollment]:
    return [each for each in passages.values() if exit_name in each.version.exits]


def _ended_by_event(passages: Iterable[Enrollment]) -> list[int]:
    """Return the passages (ids) of which an event has come, since they entered, that ends them; no query where none can."""
    asking = [(each, asked) for each in passages for asked in by_event(each.version)]
    if not asking:
        return []
    told = Event.objects.filter(
        customer__in={each.customer_id for each, _ in asking}, kind__in={asked["event"] for _, asked in asking},
        occurred_at__gt=min(each.entered_at for each, _ in asking),
    )  # fmt: skip
    heard: dict[int, list[tuple[datetime, str, dict[str, Any]]]] = defaultdict(list)
    for customer, at, kind, data in told.values_list("customer_id", "occurred_at", "kind", "data"):
        heard[customer].append((at, kind, data))
    return [
        each.pk
        for each, asked in asking
        if any(
            at > each.entered_at and filters.is_meant(asked, kind, data, order=each.order_id) for at, kind, data in heard[each.customer_id]
        )
    ]


def _latest_orders(people: Collection[int]) -> dict[int, datetime]:
    if not people:
        return {}
    real = Order.objects.filter(customer__in=people, cancelled_at=None, is_test=False)
    return dict(real.values("customer_id").annotate(last=Max("placed_at")).values_list("customer_id", "last"))


def _renewed(passages: Sequence[Enrollment]) -> list[int]:
    """Return the passages (ids) whose customer has agreed anew since they entered."""
    people = {each.customer_id for each in passages}
    said = dict(Customer.objects.filter(pk__in=people).values_list("pk", "marketing_changed_at")) if people else {}
    return [each.pk for each in passages if (at := said.get(each.customer_id)) and at > each.entered_at]


def _outside(passages: Sequence[Enrollment], *, now: datetime) -> list[Enrollment]:
    """Return those whose customer the flow's audience does not mean any more."""
    outside = []
    for version in {each.version for each in passages if each.version.audience}:
        here = [each for each in passages if each.version == version]
        assert version.audience is not None
        meant = audience.among(version.audience, {each.customer_id for each in here}, store=here[0].store, now=now)
        outside += [each for each in here if each.customer_id not in meant]
    return outside
