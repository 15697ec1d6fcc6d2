"""The outbox, the roads mails take, what comes back along them, and the addresses that must not be written to."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from customers.models import Customer
from messaging.reasons import Reason
from orders.models import Order
from stores import tokens
from stores.models import Store, StoreOwned


class Purpose(models.TextChoices):
    """Why a mail is sent, which decides who may get it (contracts, "Permission")."""

    TRANSACTIONAL = "transactional", "Transactional"
    SERVICE = "service", "Service"
    MARKETING = "marketing", "Marketing"


class Message(StoreOwned):
    """One mail, exactly as it is sent, and how far it got.

    `queued` → `claimed` (a lease that may expire) → `sending` (committed right before the socket) → `sent`, `retry`, `failed`
    or `unknown`; `cancelled` when the last-moment gate said no. A row left in `sending` becomes `unknown`: never sent again by itself.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        CLAIMED = "claimed", "Being prepared"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        RETRY = "retry", "Will be tried again"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Outcome unknown"
        CANCELLED = "cancelled", "Not sent"

    #: Nothing more is done with it.
    OVER: ClassVar[tuple[str, ...]] = (State.SENT, State.FAILED, State.UNKNOWN, State.CANCELLED)
    # Written four times at least: no index of their own for keys that begin one below, nor for what is hardly ever there.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="messages")
    repeats = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="repeated_by",
        db_index=False,
        help_text="A possible duplicate of that one.",
    )
    #: The step of what goes out by itself as soon as somebody wrote: marked so that no machine answers it (RFC 3834).
    ACKNOWLEDGES = "acknowledgement"

    dedupe_key = models.CharField(max_length=120, help_text="One logical mail exists once.")
    flow = models.CharField(max_length=60, blank=True)
    step = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=15, choices=Purpose)
    is_urgent = models.BooleanField(help_text="Transactional mail goes before bulk.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    detail = models.CharField(max_length=500, blank=True, help_text="What the mail server said.")
    to_email = models.CharField(max_length=320)
    to_name = models.CharField(max_length=200, blank=True)
    from_email = models.CharField(max_length=320)
    from_name = models.CharField(max_length=200, blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=500)
    html = models.TextField()
    text = models.TextField()
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token, help_text="Opens the unsubscribe page of this mail.")
    follows = models.TextField(blank=True, help_text="The ids of the conversation's mails that it answers, the oldest first.")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When it may be tried (next).")
    use_by = models.DateTimeField(help_text="After it the mail is worthless and is not sent.")
    attempts = models.PositiveSmallIntegerField(default=0)
    doubtful_road = models.BigIntegerField(
        null=True, help_text="The account whose try was never answered: only there, under its key, a repeat is no second mail."
    )
    claim = models.UUIDField(null=True, help_text="The fencing token: only who holds it may change the row.")
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, help_text="When its unsubscribe link was used.")
    #: The road of the try at hand, in words; no column.
    road = ""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "dedupe_key"], name="message_once")]
        indexes = [
            models.Index(
                fields=["is_urgent", "store", "due_at", "id"], condition=models.Q(state__in=["queued", "retry"]), name="message_due"
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state__in=["claimed", "sending"]), name="message_leased"),
            models.Index(fields=["customer", "-created_at"], name="message_of_customer"),
            models.Index(fields=["store", "-id"], name="message_log"),
            models.Index(fields=["store", "due_at"], condition=models.Q(state="unknown"), name="message_unknown"),
            models.Index(fields=["repeats"], condition=models.Q(repeats__isnull=False), name="message_repeats"),
            models.Index(fields=["store", "state", "-id"], condition=models.Q(state__in=["failed", "cancelled"]), name="message_not_sent"),
            models.Index(  # a copy that will grow old: written once, when nothing more is done with it
                fields=["created_at"],
                condition=models.Q(state__in=["sent", "failed", "unknown", "cancelled"]) & ~models.Q(html=""),
                name="message_copy",
            ),
            models.Index(fields=["store", "-sent_at"], include=["purpose"], condition=models.Q(sent_at__isnull=False), name="message_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.step or 'mail'} to {self.to_email}"


class Attempt(StoreOwned):
    """One try to send a mail that did not end with it taken: when, over which road, and what was answered.

    Of the try that succeeded the mail itself tells, and its `mail.sent` event: most mails need no row here.
    """

    class Outcome(models.TextChoices):
        AGAIN = "again", "Not taken, tried again"
        FAILED = "failed", "Refused for good"
        UNKNOWN = "unknown", "Never answered"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=Outcome)
    road = models.CharField(max_length=60)
    answer = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.answer}"


class CountedDay(StoreOwned):
    """A day by a shop's clock whose mails were counted (`messaging.returning.day_counts`)."""

    day = models.DateField()
    zone = models.CharField(max_length=64, help_text="By which clock.")
    counted_at = models.DateTimeField()
    is_stale = models.BooleanField(default=False, help_text="Something was said of its mails since.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "day"], name="counted_day_once")]


class DayCount(StoreOwned):
    """What became of a day's mails, by the domain they went to, and again by the step that wrote them (with a `purpose`)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    domain = models.CharField(max_length=320, blank=True)
    flow = models.CharField(max_length=60, blank=True)
    step = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=15, blank=True, choices=Purpose)
    sent = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField()
    bounced = models.PositiveIntegerField()
    complained = models.PositiveIntegerField()
    unsubscribed = models.PositiveIntegerField()
    clicked = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["store", "day"], name="day_count_of_store")]


class Writer(StoreOwned):
    """Somebody at the shop whose name, and whose address if they have one of its domain, stands in the From of mails (`writers`)."""

    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True, help_text="Empty: the address of the road, with their name before it.")
    reply_to = models.EmailField(blank=True, help_text="Empty: where the shop's answers go.")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Account(StoreOwned):
    """One road of a store's own: a provider with its keys, and who the mails of its stream come from.

    Whatever may be read by nobody is sealed: `sealed_credentials` and `sealed_hook_secrets` are JSON objects by field name, `options`
    the fields that are no secrets. Which fields there are says `messaging.roads.providers`.
    """

    class Stream(models.TextChoices):
        ALL = "all", "All mails"
        TRANSACTIONAL = "transactional", "Order mails"
        MARKETING = "marketing", "Help and marketing"

    stream = models.CharField(max_length=15, choices=Stream)
    provider = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    sealed_credentials = models.TextField(blank=True)
    from_email = models.EmailField(blank=True, help_text="Empty: the store's own.")
    from_name = models.CharField(max_length=120, blank=True)
    reply_to = models.EmailField(blank=True)
    hook_token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    sealed_hook_secrets = models.TextField(blank=True)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, help_text="When the road was last seen to work.")
    last_error = models.CharField(max_length=500, blank=True)
    last_event_at = models.DateTimeField(null=True)
    per_minute = models.PositiveIntegerField(null=True, help_text="So many mails at most within any minute; null: any number.")
    per_domain_minute = models.PositiveIntegerField(null=True, help_text="The same, to addresses of one domain.")
    warm_up_from = models.DateField(null=True, help_text="The first day of its warm-up (`messaging.roads.rates`); null: it needs none.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "stream"], name="account_of_stream_once"),
            models.CheckConstraint(
                condition=~models.Q(per_minute=0) & ~models.Q(per_domain_minute=0), name="account_rate_lets_some_through"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} ({self.stream})"

    @property
    def hook_path(self) -> str:
        return f"/hooks/mail/{self.hook_token}/"


class Pace(models.Model):
    """How far the mails under one limit of a road have come (`messaging.roads.pacing`)."""

    key = models.CharField(max_length=300, unique=True, help_text="The road, and what of it is limited.")
    next_at = models.DateTimeField(help_text="When the next mail is due at an even pace; a short rush may run ahead of it.")
    queue_until = models.DateTimeField(help_text="Until then, turns were given away to bulk mail.")
    urgent_until = models.DateTimeField(help_text="The same, to urgent mail.")

    def __str__(self) -> str:
        return self.key


class ProviderEvent(StoreOwned):
    """One thing a mail road told us afterwards, as it came; what it says of the mail and the address is filled in when it is acted on.

    The rows are also the ledger of each address's bounces and deliveries: whether an address is suppressed follows from them, in
    whatever order they came. `raw` is emptied after 30 days, the row stays.
    """

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        HARD = "hard", "Bounced for good"
        INVALID = "invalid", "Not an address"
        SOFT = "soft", "Bounced for now"
        BLOCK = "block", "Blocked"
        COMPLAINED = "complained", "Marked as spam"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed at the provider"
        OPENED = "opened", "Opened"
        CLICKED = "clicked", "Clicked"
        TAKEN = "taken", "Taken or delayed"
        OTHER = "other", "Something else"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)  # it begins four indexes below
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="events", help_text="Null: said while sending.")
    dedupe_key = models.CharField(max_length=120, help_text="The account and the event's own id, or its digest.")
    raw = models.JSONField(null=True)
    received_at = models.DateTimeField()
    acted_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, help_text="Why it was set aside.")
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="provider_events")
    email_key = models.CharField(max_length=320, blank=True)
    occurred_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "dedupe_key"], name="provider_event_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(acted_at__isnull=True, error=""), name="provider_event_waiting"),
            models.Index(
                fields=["store", "email_key"],
                condition=models.Q(kind__in=["delivered", "hard", "invalid", "soft"]),
                name="provider_event_ledger",
            ),
            models.Index(
                fields=["store", "-occurred_at"],
                condition=models.Q(kind__in=["hard", "invalid", "soft", "block", "complained"]),
                name="provider_event_alarming",
            ),
            models.Index(fields=["received_at"], condition=models.Q(raw__isnull=False), name="provider_event_raw"),
        ]


class Suppression(StoreOwned):
    """An address of one store that gets no mail at all, whatever its purpose, unless it was lifted or has expired."""

    class Cause(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", "Bounced for good"
        SOFT_BOUNCES = "soft_bounces", "Bounced too often"
        INVALID = "invalid", "Not an address"
        COMPLAINT = "complaint", "Marked a mail as spam"
        MANUAL = "manual", "Put on the list by hand"

    email_key = models.CharField(max_length=320)
    cause = models.CharField(max_length=15, choices=Cause)
    evidence = models.TextField(blank=True, help_text="What the mail server said, or who put it on the list and why.")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "email_key"], name="suppression_once")]
        indexes = [
            models.Index(fields=["store", "-at", "-id"], name="suppression_list"),
        ]

    def __str__(self) -> str:
        return f"{self.email_key} ({self.cause})"


class InvalidAddress(StoreOwned):
    """What a store's mail has shown: that an address is none at all. Only a digest, since other stores are spared by it too (D14).

    One store alone may be wrong, or lie, by a mail server of its own: it takes two, or a reply on the installation's own road (`is_sure`).
    """

    digest = models.CharField(max_length=64, help_text="SHA-256 of the address in its normal form, in hex.")
    is_sure = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "store"], name="invalid_address_once")]


class MarketingStop(StoreOwned):
    """One time the guard rails stopped a store's marketing, and who let it go on. `Store.marketing_paused_at` repeats the open one."""

    at = models.DateTimeField()
    why = models.CharField(max_length=250)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.why


class Link(StoreOwned):
    """One address that a mail leads to by way of /c/<token>/, so that a click on it can be counted."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="links")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    url = models.CharField(max_length=2000)
    label = models.CharField(max_length=80, blank=True, help_text="The words it stands under.")

    def __str__(self) -> str:
        return self.label or self.url


class Click(StoreOwned):
    """One time a link was followed, and by whom as far as can be told (`messaging.clicks`). Of an address only its network is kept.

    The table is partitioned by the month of `at` (migration 0001, `stores.partitions`): its key is (id, at).
    """

    class Kind(models.TextChoices):
        HUMAN = "human", "A person"
        MACHINE = "machine", "A machine"
        UNSURE = "unsure", "Not sure"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="clicks", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind, blank=True, help_text="Empty until what happened around it is known.")
    reason = models.CharField(max_length=20, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    ip_prefix = models.CharField(max_length=43, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["link"], name="click_of_link"),
            models.Index(fields=["id"], condition=models.Q(kind=""), name="click_unjudged"),
        ]


class SendingDomain(StoreOwned):
    """A domain that a store's mails come from: what its DNS was last seen to say, and the key that signs for it.

    Nothing is signed before the public key was seen in the DNS: a signature that cannot be verified is worse than none.
    """

    domain = models.CharField(max_length=253)
    selector = models.CharField(max_length=63)
    sealed_key = models.TextField(help_text="The private key, PEM.")
    public_key = models.TextField(help_text="As the DNS record holds it: base64.")
    signs_since = models.DateTimeField(null=True, help_text="When its key was seen in the DNS.")
    checked_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list, help_text="`messaging.domains.dns_check`'s findings of then.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "domain"], name="sending_domain_once")]

    def __str__(self) -> str:
        return self.domain
