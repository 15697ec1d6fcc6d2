"""Why somebody did not get a mail, in one sentence, with the rule and the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import F
from django.urls import reverse

from campaigns import runs
from campaigns.models import Flow, Step, StepRun
from campaigns.one_off.models import Campaign
from customers.models import Customer, Event
from lifecycle.console import kept_out
from lifecycle.console.kept_out import at
from messaging.models import Message
from messaging.reasons import Reason
from stores.models import Store

_MOST_CAMPAIGNS = 10
#: Of a campaign any mail is meant: each person gets one of its versions.
_ANY = "mail"


def steps(store: Store) -> Sequence[tuple[str, str, str]]:
    """Return what can be asked about: `flow/step`, the flow's name, the mail's name; the latest campaigns at the end."""
    held = Step.objects.filter(store=store, version__flow__is_one_off=False, version__flow__version=F("version"))
    rows = held.select_related("version__flow").order_by("version__flow__name", "position")
    asked = [(f"{step.version.flow.key}/{step.key}", step.version.flow.name, step.name) for step in rows[:100]]
    sent = Campaign.objects.filter(store=store, pressed_at__isnull=False).select_related("flow").order_by("-pressed_at")
    return asked + [(f"{one.flow.key}/{_ANY}", "Campaigns", one.name) for one in sent[:_MOST_CAMPAIGNS]]


@dataclass(frozen=True)
class Because:
    """One sentence, and where more of it stands."""

    sentence: str
    label: str
    address: str


def because(customer: Customer, asked: str, *, zone: tzinfo, now: datetime) -> Because | None:
    """Return why the mail that was asked for as `flow/step` did not come; None where none was."""
    flow_key, _, step_key = asked.partition("/")
    flow = Flow.objects.filter(store=customer.store_id, key=flow_key).select_related("version__audience").first() if step_key else None
    if flow is None:
        return None
    slug = customer.store.slug
    found = StepRun.objects.filter(customer=customer, enrollment__flow=flow)
    found = found if flow.is_one_off else found.filter(step_key=step_key)
    run = found.select_related("step", "enrollment__flow", "message").order_by("-pk").first()
    if run is not None and run.message is not None:
        return Because(_of_mail(run.message, zone), "Its exact copy", reverse("console:mail", args=[slug, customer.pk, run.message.pk]))
    if run is not None and run.reason == Reason.OPEN_TASK:
        return Because(_of_run(run, zone), "Open tasks", reverse("console:tasks", args=[slug]))
    if flow.is_one_off:
        campaign = Campaign.objects.select_related("audience", "without").get(flow=flow)
        said = _of_run(run, zone) if run else kept_out.of_campaign(customer, campaign, zone, now=now)
        return Because(said, "The campaign", reverse("console:campaign", args=[slug, campaign.pk]))
    said = _of_run(run, zone) if run else kept_out.of_flow(customer, flow, zone, now=now)
    return Because(said, "The flow and its rules", reverse("console:flow", args=[slug, flow.key]))


def _of_run(run: StepRun, zone: tzinfo) -> str:
    """Return what is to become of a mail that is not written, or was decided against."""
    why = runs.why(run, zone=zone)
    if run.decided_at:
        return f"{why} It was decided {at(run.decided_at, zone)}."
    if run.state == StepRun.State.PLANNED and run.due_at:
        return f"It has not gone yet, and goes {at(run.due_at, zone)}: {why[:1].lower()}{why[1:]}"
    return why


def _of_mail(mail: Message, zone: tzinfo) -> str:
    """Return what became of a mail that was written."""
    kinds = ["mail.bounced", "mail.complained", "mail.delivered"]
    told = Event.objects.filter(customer=mail.customer_id, kind__in=kinds, data__message=mail.pk)
    said = told.order_by("-occurred_at").first()
    if mail.state == Message.State.SENT and said:
        return f"It was sent {at(mail.sent_at, zone)} to {mail.to_email}: {said.get_kind_display().lower()} {at(said.occurred_at, zone)}."
    if mail.state == Message.State.SENT:
        return f"It was sent {at(mail.sent_at, zone)} to {mail.to_email}, and nothing was heard since. It may lie in their spam folder."
    because = mail.get_reason_display() or mail.detail or "no reason was kept"
    return f"It was written {at(mail.created_at, zone)}, and is {mail.get_state_display().lower()}: {because}."
