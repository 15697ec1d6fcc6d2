"""Why somebody did not get a mail, in one sentence, with the rule and the time."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from django.db.models import F
from django.utils.formats import date_format

from campaigns import runs
from campaigns.models import Flow, Step, StepRun
from customers.models import Customer, Event
from messaging.models import Message
from stores.models import Store


def steps(store: Store) -> Sequence[tuple[str, str, str]]:
    """Return what can be asked about: `flow/step`, the flow's name, the mail's name."""
    held = Step.objects.filter(store=store, version__flow__is_one_off=False, version__flow__version=F("version"))
    rows = held.select_related("version__flow").order_by("version__flow__name", "position")
    return [(f"{step.version.flow.key}/{step.key}", step.version.flow.name, step.name) for step in rows[:100]]


def sentence(customer: Customer, asked: str, *, zone: tzinfo, now: datetime) -> str:
    """Return the sentence about the mail that was asked for as `flow/step`; nothing where none was."""
    flow_key, _, step_key = asked.partition("/")
    flow = Flow.objects.filter(store=customer.store_id, key=flow_key).select_related("version").first() if step_key else None
    if flow is None:
        return ""
    found = StepRun.objects.filter(customer=customer, enrollment__flow=flow, step_key=step_key)
    run = found.select_related("step", "enrollment__flow", "message").order_by("-pk").first()
    if run is None:
        return _never_entered(customer, flow, zone)
    if run.message is not None:
        return _of_mail(run.message, zone)
    when = f" It was decided {_at(run.decided_at, zone)}." if run.decided_at else ""
    return f"{runs.why(run, zone=zone)}{when}"


def _never_entered(customer: Customer, flow: Flow, zone: tzinfo) -> str:
    if flow.version is None or flow.state == Flow.State.DRAFT:
        return f"“{flow}” is a draft: it has never sent anything."
    trigger = flow.version.trigger
    label = Event.Kind(trigger).label.lower() if trigger in Event.Kind.values else trigger
    last = Event.objects.filter(customer=customer, kind=trigger).order_by("-occurred_at").first()
    if last is None:
        return f"They never entered “{flow}”: it begins with “{label}”, and that has not happened to them."
    if flow.activated_at and last.occurred_at < flow.activated_at:
        return f"They never entered “{flow}”: “{label}” was last {_at(last.occurred_at, zone)}, before it was switched on."
    if flow.state == Flow.State.PAUSED:
        return f"They are not in “{flow}”: it is paused, and lets nobody in."
    return f"They are not in “{flow}”: when “{label}” came {_at(last.occurred_at, zone)}, its rules of who may enter did not fit."


def _of_mail(mail: Message, zone: tzinfo) -> str:
    """Return what became of a mail that was written."""
    kinds = ["mail.bounced", "mail.complained", "mail.delivered"]
    told = Event.objects.filter(customer=mail.customer_id, kind__in=kinds, data__message=mail.pk)
    said = told.order_by("-occurred_at").first()
    if mail.state == Message.State.SENT and said:
        return f"It was sent {_at(mail.sent_at, zone)} to {mail.to_email}: {said.get_kind_display().lower()} {_at(said.occurred_at, zone)}."
    if mail.state == Message.State.SENT:
        return f"It was sent {_at(mail.sent_at, zone)} to {mail.to_email}, and nothing was heard since. It may lie in their spam folder."
    because = mail.get_reason_display() or mail.detail or "no reason was kept"
    return f"It was written {_at(mail.created_at, zone)}, and is {mail.get_state_display().lower()}: {because}."


def _at(moment: datetime | None, zone: tzinfo) -> str:
    return f"on {date_format(moment.astimezone(zone), 'j F, H:i')}" if moment else "at a time that was not kept"
