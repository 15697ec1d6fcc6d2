"""Flows, their steps, and the future they plan."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from campaigns import timing
from customers.models import Customer
from messaging.models import Message, Purpose, Writer
from messaging.reasons import Reason
from offers.models import Offer
from orders.models import Order
from segments.models import Segment
from stores.models import Capped, Store, StoreOwned, User


class Flow(StoreOwned, Capped):
    """An automated sequence of mails. What it sends is its live version; edits make a new one.

    While it is only `watching`, people enter and steps are decided as if it were live, but no mail is written: what would have gone is
    skipped for that reason.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Active"
        WATCHING = "watching", "Only watching"
        PAUSED = "paused", "Paused"

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    version = models.ForeignKey(
        "FlowVersion", on_delete=models.RESTRICT, null=True, related_name="+", help_text="The one new people enter."
    )
    draft = models.ForeignKey(
        "FlowVersion", on_delete=models.RESTRICT, null=True, related_name="+", help_text="The one that is edited beside it, if any."
    )
    activated_at = models.DateTimeField(null=True)
    holdout_percent = models.PositiveSmallIntegerField(
        default=0, help_text="Of a hundred people, how many get nothing from it that sells, so that the rest can be compared with them."
    )
    is_one_off = models.BooleanField(default=False, help_text="The way of a campaign (campaigns.one_off): in no list of flows.")
    priority = models.PositiveSmallIntegerField(
        default=50, help_text="Where a customer may get one mail only, the lower flow's goes first."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="flow_once"), *Capped.Meta.constraints]

    def __str__(self) -> str:
        return self.name


class FlowVersion(StoreOwned):
    """One state of a flow: what starts it, for whom, how often, what ends it, and its steps.

    Until it is published it is a draft and may be edited (`drafts`); from then on it stays as it is, whatever becomes of it.
    """

    class Reentry(models.TextChoices):
        ONCE = "once", "Once in a lifetime"
        PER_ORDER = "per_order", "Once an order"
        AFTER_DAYS = "after_days", "Again after some days"
        EVERY_TIME = "every_time", "Every time"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    trigger = models.CharField(max_length=32, help_text="The Event kind that starts it.")
    only_where = models.JSONField(default=list, help_text="What must hold of the event's data (campaigns.filters).")
    reentry = models.CharField(max_length=10, choices=Reentry, default=Reentry.PER_ORDER)
    reentry_days = models.PositiveSmallIntegerField(null=True, help_text="After how many days they may enter again.")
    exits = models.JSONField(default=list, help_text="What ends it at any moment (campaigns.leaving).")
    audience = models.ForeignKey(Segment, on_delete=models.RESTRICT, null=True, related_name="+", help_text="Empty means everyone.")
    writer = models.ForeignKey(Writer, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Empty means the shop's sender.")
    created_at = models.DateTimeField()
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", help_text="What it was copied from.")
    taken_out = models.JSONField(default=list, help_text="Steps removed from a draft, as they were, to be put back.")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    says = models.JSONField(default=list, help_text="What publishing it changed, in sentences.")
    undone_at = models.DateTimeField(null=True, help_text="When publishing it was taken back.")
    is_moving_people = models.BooleanField(default=False, help_text="Those inside come to it; once it is undone, they go back.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow", "number"], name="flow_version_once")]
        indexes = [models.Index(fields=["id"], condition=models.Q(is_moving_people=True), name="flow_version_moving")]

    def active_steps(self) -> list["Step"]:
        """Return the steps that are not switched off."""
        return [step for step in self.steps.all() if not step.is_off]

    @property
    def is_about_order(self) -> bool:
        """Say whether each passage is about an order: what starts it names one."""
        return self.trigger.startswith(("order.", "shipment.", "answer.", "review."))


class Frozen(Exception):
    """A step of a published version was to be changed; changes go into a draft."""


class Step(StoreOwned):
    """One step of a version: when (a `timing.Rule`), to whom (purpose, conditions, segment), and what it says (blocks) or does (kind).

    Of two steps on one rung exactly one is taken: the second, `instead_of` the first, by those its segment means.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", "Mail"
        WAIT = "wait", "Wait until something happens"
        COUPON = "coupon", "Give a code"
        TAG = "tag", "Tag the customer"
        NOTE = "note", "Write a note"
        TASK = "task", "Task for staff"
        SURVEY = "survey", "Ask a question"
        WEBHOOK = "webhook", "Tell another system"

    class Anchor(models.TextChoices):
        PLACED = "placed", "Order placed"
        SHIPPED = "shipped", "Order shipped"
        EXPECTED = "expected", "Delivery expected"
        RECEIVED = "received", "Order received"
        OUT_FOR_DELIVERY = "out_for_delivery", "Out for delivery"
        READY = "ready", "Ready to be picked up"
        LATE = "late", "Delivery late"
        PROBLEM = "problem", "Delivery failed"
        REFUNDED = "refunded", "Money given back"
        ENTERED = "entered", "Entered the flow"
        WAITED = "waited", "The wait before it is over"

    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=60, help_text="Stable across versions, so that moving people cannot mail twice.")
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MAIL)
    details = models.JSONField(default=dict, help_text="What a step that is no mail waits for or does (campaigns.waits, campaigns.doing).")
    anchor = models.CharField(max_length=16, choices=Anchor)
    offset_hours = models.IntegerField(default=0, help_text="After the anchor; whole days when there is a time of day.")
    time_of_day = models.TimeField(null=True, help_text="On that day, by the customer's wall clock.")
    not_after_anchor = models.CharField(max_length=16, choices=Anchor, blank=True, help_text="The moment it must stay ahead of.")
    not_after_hours = models.IntegerField(default=0, help_text="How many hours ahead of it.")
    early_after_answer_hours = models.PositiveIntegerField(null=True, help_text="A happy answer brings it forward, to so long after.")
    use_by_hours = models.PositiveIntegerField(help_text="How long after its due time the mail is still of use.")
    purpose = models.CharField(max_length=15, choices=Purpose)
    conditions = models.JSONField(default=list, help_text="Names of `decisions.CONDITIONS` that must hold.")
    only_if = models.ForeignKey(
        Segment, on_delete=models.RESTRICT, null=True, related_name="+", help_text="Asked when the step is due; empty means everyone."
    )
    instead_of = models.SlugField(max_length=60, blank=True, help_text="The key of the step whose place it takes for `only_if`.")
    content = models.JSONField(default=dict, help_text="Subject, preheader and blocks (messaging.rendering).")
    variants = models.JSONField(
        default=list, help_text="Other wordings: {key, share in per cent, content that replaces parts of the step's own} (campaigns.lots)."
    )
    offer = models.ForeignKey(Offer, on_delete=models.RESTRICT, null=True, related_name="+", help_text="What an offer block promises.")
    writer = models.ForeignKey(
        Writer, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Who its mail comes from; empty: its version's."
    )
    may_be_the_shops = models.BooleanField(default=False, help_text="Shops often send this one themselves: it has the switch.")
    is_off = models.BooleanField(default=False, help_text="Stays in the flow, is planned for nobody and mails nobody.")
    revision = models.PositiveIntegerField(default=1, help_text="Counts its changes, so that nobody saves over another's.")
    edited_at = models.DateTimeField(null=True)
    edited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="step_key_once")]
        ordering: ClassVar[list[str]] = ["position"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and self.version.published_at is not None:
            raise Frozen(f"“{self}” belongs to a published version, which stays as it is.")
        super().save(*args, **kwargs)

    @property
    def is_mail(self) -> bool:
        return self.kind in (self.Kind.MAIL, self.Kind.SURVEY)

    @property
    def written_by(self) -> Writer | None:
        """Return whose mail it is, None for the shop's own sender."""
        return self.writer or self.version.writer

    @property
    def is_contingent(self) -> bool:
        """Say whether what it follows may never happen."""
        return self.anchor in timing.CONTINGENT

    def shows(self, kind: str) -> bool:
        """Say whether its mail, in any of its wordings, has a block of that kind."""
        contents = [self.content, *(variant.get("content", {}) for variant in self.variants)]
        return any(block.get("kind") == kind for content in contents for block in content.get("blocks", ()))

    def content_of(self, variant: str) -> dict[str, Any]:
        """Return what its mail says in one of its wordings; "" is the step's own."""
        return next(({**self.content, **each["content"]} for each in self.variants if each["key"] == variant), self.content)


class StepSwitch(StoreOwned):
    """Who sends one step of a flow, across its versions: the merchant's answer, asked on activation. No row means Doorstep."""

    class Choice(models.TextChoices):
        OURS = "ours", "Doorstep sends it"
        SHOP = "shop", "The shop already sends it"
        PAUSED = "paused", "Paused"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="switches")
    step_key = models.SlugField(max_length=60)
    choice = models.CharField(max_length=8, choices=Choice)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow", "step_key"], name="step_switch_once")]


class Enrollment(StoreOwned):
    """One customer's passage through a flow, keyed by the flow's re-entry rule (for post-purchase: the order).

    What no order began has none: its steps hang from `entered_at`, the moment of the event that began it.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "In it"
        DONE = "done", "Finished"
        LEFT = "left", "Left"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="enrollments")
    version = models.ForeignKey(FlowVersion, on_delete=models.RESTRICT, related_name="enrollments")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="enrollments")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="enrollments")
    entry_key = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    left_reason = models.CharField(max_length=20, choices=Reason, blank=True)
    entered_at = models.DateTimeField()
    is_held_out = models.BooleanField(null=True, help_text="Gets nothing that sells. Null: nothing was compared when they entered.")
    rungs = models.JSONField(default=dict, help_text="Which of two steps on one rung they took: the first's key to the taken one's.")
    moved_from = models.ForeignKey(
        FlowVersion, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False, help_text="Where undoing brings them back to."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "flow", "entry_key"], name="enrollment_once")]
        indexes = [models.Index(fields=["flow", "state"], name="enrollment_of_flow")]


class StepRun(StoreOwned):
    """One step planned for one person: the future as a row. `due_at` of a waiting run is a forecast."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for its moment to be known"
        PLANNED = "planned", "Planned"
        HELD = "held", "On hold"
        HANDED_OVER = "handed_over", "Handed over"
        SKIPPED = "skipped", "Skipped"
        CANCELLED = "cancelled", "Cancelled"

    # A row is written often: no index of their own for those that begin one below.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="runs", db_index=False)
    step = models.ForeignKey(Step, on_delete=models.RESTRICT, related_name="runs", db_index=False)
    step_key = models.SlugField(max_length=60, db_index=False)
    occurrence = models.PositiveSmallIntegerField(default=1)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="runs", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="runs")
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="run")
    state = models.CharField(max_length=12, choices=State)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    variant = models.CharField(max_length=20, blank=True, help_text="The wording they got; empty is the step's own.")
    facts = models.JSONField(default=dict, help_text="What the plan and the decision rested on, for the 'why'.")
    is_urgent = models.BooleanField(default=False, help_text="Transactional: goes before bulk.")
    due_at = models.DateTimeField(help_text="What the timing rule says; of a waiting run, a forecast.")
    use_by = models.DateTimeField()
    wake_at = models.DateTimeField(null=True, help_text="When the sweep looks at it next: its due time, or the end of a hold.")
    decided_at = models.DateTimeField(null=True)

    OPEN: ClassVar[tuple[str, ...]] = (State.WAITING, State.PLANNED, State.HELD)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrollment", "step_key", "occurrence"], name="step_run_once")]
        indexes = [
            models.Index(
                fields=["is_urgent", "store", "wake_at", "id"], condition=models.Q(state__in=["planned", "held"]), name="step_run_due"
            ),
            models.Index(
                fields=["step", "due_at"], condition=models.Q(state="planned", wake_at__isnull=True), name="step_run_in_line"
            ),  # campaigns: who has not been called up yet
            models.Index(fields=["step", "state", "reason"], name="step_run_of_step"),
            models.Index(fields=["customer", "due_at"], name="step_run_of_customer"),
            models.Index(fields=["store", "state", "due_at"], name="step_run_of_store"),
            models.Index(fields=["store", "-due_at", "-id"], name="step_run_newest"),
        ]


class RehearsalRun(StoreOwned):
    """One rehearsal of a version in the background (campaigns.rehearsal.running), and what came of it."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="rehearsals")
    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    is_beside = models.BooleanField(default=False, help_text="Beside the other active flows, with caps and quiet hours.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    people = models.PositiveIntegerField(null=True, help_text="How many are to be played; null until they are counted.")
    played = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


class RehearsalPart(StoreOwned):
    """A share of a running rehearsal's people, lot by lot of them; each share is played by one worker at a time."""

    run = models.ForeignKey(RehearsalRun, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField(help_text="Its people are those whose number leaves this remainder (running.PARTS).")
    reached = models.BigIntegerField(default=0, help_text="The customer (id) up to whom everybody of it is played.")
    counted = models.JSONField(default=dict, help_text="What has been counted up to there (campaigns.rehearsal.tally).")
    is_played = models.BooleanField(default=False)
    worked_at = models.DateTimeField(null=True, help_text="When a sweep last took it up.")
    claim = models.UUIDField(null=True, help_text="The fencing token of the sweep at work.")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="rehearsal_part_once")]
        indexes = [models.Index(fields=["id"], condition=models.Q(is_played=False), name="rehearsal_part_open")]


class Call(StoreOwned):
    """What a step tells another system (`campaigns.calls`): written when it is decided, posted later, tried again."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Taken"
        FAILED = "failed", "Given up"

    run = models.OneToOneField(StepRun, on_delete=models.CASCADE, related_name="call")
    url = models.URLField(max_length=500)
    body = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=300, blank=True, help_text="What was wrong last.")

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="call_due")]


class RunAct(StoreOwned):
    """What somebody did with many planned mails of a flow at once, and with which, so that it can be taken back (`bulk`)."""

    class Verb(models.TextChoices):
        HOLD = "hold", "on hold"
        SKIP = "skip", "skipped"
        SEND_NOW = "send-now", "sent ahead of their time"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=8, choices=Verb)
    runs = ArrayField(models.BigIntegerField(), help_text="Those that it changed.")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["flow", "-at"], name="run_act_newest")]
