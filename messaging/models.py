"""The outbox, and the addresses that must not be written to."""

from django.db import models

from customers.models import Customer
from messaging.reasons import Reason
from orders.models import Order
from stores import tokens
from stores.models import StoreOwned


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

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="messages")
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
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When it may be tried (next).")
    use_by = models.DateTimeField(help_text="After it the mail is worthless and is not sent.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, help_text="The fencing token: only who holds it may change the row.")
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "dedupe_key"], name="message_once")]
        indexes = [
            models.Index(fields=["-is_urgent", "due_at", "id"], condition=models.Q(state__in=["queued", "retry"]), name="message_due"),
            models.Index(fields=["lease_until"], condition=models.Q(state__in=["claimed", "sending"]), name="message_leased"),
            models.Index(fields=["customer", "-created_at"], name="message_of_customer"),
            models.Index(fields=["store", "-id"], name="message_log"),
        ]

    def __str__(self) -> str:
        return f"{self.step or 'mail'} to {self.to_email}"


class Suppression(StoreOwned):
    """An address of one store that gets no mail at all, whatever its purpose."""

    email_key = models.CharField(max_length=320)
    cause = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "email_key"], name="suppression_once")]
