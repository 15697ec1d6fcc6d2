"""Why somebody is not in a flow, or was not among a campaign's people: the first rule that kept them out, in one sentence."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from django.utils.formats import date_format

from campaigns import filters, planning, step_words
from campaigns.models import Enrollment, Flow, FlowVersion
from campaigns.one_off.models import Campaign
from customers.models import Customer, Event
from orders.models import Order
from segments import audience
from segments.models import Segment


def of_flow(customer: Customer, flow: Flow, zone: tzinfo, *, now: datetime) -> str:
    version = flow.version
    if version is None or flow.state == Flow.State.DRAFT:
        return f"“{flow}” is a draft: it has never sent anything."
    entered = Enrollment.objects.filter(flow=flow, customer=customer).order_by("entered_at").last()
    if entered:
        return f"They have been in “{flow}” {since(entered.entered_at, zone)}, and this mail was no part of it then."
    trigger = version.trigger
    label = Event.Kind(trigger).label.lower() if trigger in Event.Kind.values else trigger
    last = Event.objects.filter(customer=customer, kind=trigger).order_by("-occurred_at").first()
    if last is None:
        return f"They never entered “{flow}”: it begins with “{label}”, and that has not happened to them."
    if flow.activated_at and last.occurred_at < flow.activated_at:
        return f"They never entered “{flow}”: “{label}” was last {at(last.occurred_at, zone)}, before it was switched on."
    why = next(
        _rules(customer, version, last, now=now), f"its rules of who may enter did not fit then: {' '.join(step_words.rules(version))}"
    )
    return f"They are not in “{flow}”: when “{label}” came {at(last.occurred_at, zone)}, {why}"


def _rules(customer: Customer, version: FlowVersion, event: Event, *, now: datetime) -> Iterator[str]:
    """Yield what keeps somebody out whom an event is about, in the order in which it is looked at."""
    if not filters.holds(version.only_where, event.data):
        yield f"it was not what the flow is for: whoever {step_words.starts(version)}."
    if version.audience and version.trigger != Event.Kind.SEGMENT_ENTERED and not _is_among(version.audience, customer, now=now):
        yield f"it was only for those in “{version.audience}”, and they are not among them."
    order = Order.objects.filter(customer=customer, pk=event.data.get("order") or 0).prefetch_related("lines").first()
    if order is None:
        if version.reentry == FlowVersion.Reentry.PER_ORDER:
            yield "it came without an order, and its mails follow one."
        return
    if order.is_test:
        yield f"order {order} was a test."
    if order.is_history:
        yield f"order {order} came in as history, about which nobody is mailed."
    if end := planning.end_of(order):
        yield f"nothing more goes out about order {order}: {end.label[:1].lower()}{end.label[1:]}."


def of_campaign(customer: Customer, campaign: Campaign, zone: tzinfo, *, now: datetime) -> str:
    if campaign.frozen_at is None:
        when = f"it goes {at(campaign.starts_at, zone)}" if campaign.state == Campaign.State.SCHEDULED else "it has not gone to anybody"
        return f"“{campaign}” chooses its people when it goes, and {when}."
    chosen = f"when its people were chosen {at(campaign.frozen_at, zone)}"
    if customer.created_at > campaign.frozen_at:
        return f"They were not known yet {chosen}: they came {at(customer.created_at, zone)}."
    if campaign.without and _is_among(campaign.without, customer, now=now):
        return f"“{campaign}” left out those in “{campaign.without}”, and they are among them."
    today = ""
    if campaign.audience and _is_among(campaign.audience, customer, now=now):
        today = " Today they are."
    return f"They were not among “{campaign.audience or 'every customer'}” {chosen}.{today}"


def _is_among(segment: Segment, customer: Customer, *, now: datetime) -> bool:
    return customer.pk in audience.among(segment, [customer.pk], store=customer.store, now=now)


def at(moment: datetime | None, zone: tzinfo) -> str:
    return f"on {date_format(moment.astimezone(zone), 'j F, H:i')}" if moment else "at a time that was not kept"


def since(moment: datetime, zone: tzinfo) -> str:
    return at(moment, zone).replace("on ", "since ", 1)
