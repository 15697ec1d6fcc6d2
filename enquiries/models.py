"""Conversations with customers, what is said in them, the desk they arrive at, and answers that are written once."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models import Customer, Task
from enquiries import files
from messaging.models import Message
from orders.models import Order
from stores import languages, tokens
from stores.models import Store, StoreOwned


def usual_hours() -> dict[str, list[str]]:
    return {str(day): ["09:00", "17:00"] for day in range(1, 6)}


class Desk(StoreOwned):
    """How a store takes mail and when somebody sits there. A store without a row has the usual hours and no door."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="desk", primary_key=True)
    hours = models.JSONField(default=usual_hours, help_text="By ISO weekday: opens and closes, by the store's clock. Not there: closed.")
    answer_within_hours = models.PositiveSmallIntegerField(default=8, help_text="Of office hours: when an answer is due.")
    acknowledges = models.BooleanField(default=True, help_text="Whether what a customer writes is answered at once by a mail.")
    support_codes_a_month = models.PositiveSmallIntegerField(default=20, help_text="Codes one person may give within 30 days.")
    marketer_codes_a_month = models.PositiveSmallIntegerField(default=100)
    provider = models.CharField(max_length=20, blank=True, help_text="Who hands us mail (`enquiries.doors`); empty: nobody.")
    address = models.EmailField(blank=True, help_text="Where that provider takes mail; answers go to name+token@domain of it.")
    hook_token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    sealed_secret = models.TextField(blank=True)
    last_mail_at = models.DateTimeField(null=True)

    @property
    def hook_path(self) -> str:
        return f"/hooks/letters/{self.hook_token}/"


class Arrival(StoreOwned):
    """One delivery at the door, as it came. `raw` is emptied after 30 days."""

    digest = models.CharField(max_length=64, help_text="SHA-256 of the body: a delivery that is repeated is kept once.")
    content_type = models.CharField(max_length=300)
    raw = models.BinaryField(null=True)
    provider = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, help_text="Why nothing came of it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "digest"], name="arrival_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(read_at__isnull=True, error=""), name="arrival_waiting"),
            models.Index(fields=["received_at"], condition=Q(raw__isnull=False), name="arrival_raw"),
        ]


class CannedAnswer(StoreOwned):
    """An answer that is written once: staff pick it, and what was asked is matched against it."""

    title = models.CharField(max_length=120)
    body = models.TextField(help_text="Liquid, as in mails.")
    keywords = models.TextField(blank=True, help_text="Words and phrases that ask for it, one a line.")
    is_offered = models.BooleanField(default=True, help_text="Whether it is also mailed by itself.")
    language = models.CharField(max_length=20, blank=True, help_text="It is written in; empty: the shop's own.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "title"], name="canned_answer_once")]
        ordering: ClassVar[list[str]] = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def written_in(self) -> str:
        """Return its language as staff call it."""
        return languages.name(self.language) if self.language else ""


class Enquiry(StoreOwned):
    """One conversation. `open`: the shop owes an answer; `waiting`: the customer is next."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WAITING = "waiting", "Waiting for the customer"
        SNOOZED = "snoozed", "Snoozed"
        CLOSED = "closed", "Closed"

    class Way(models.TextChoices):
        MAIL = "mail", "By mail"
        TRACKER = "tracker", "On the tracker"
        FORM = "form", "By the form"
        CALL = "call", "By phone"
        SOCIAL = "social", "On social media"

    OWED = (State.OPEN, State.SNOOZED)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="enquiries", help_text="Null: a stranger.")
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="enquiries")
    subject = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    way = models.CharField(max_length=8, choices=Way, default=Way.MAIL)
    from_email = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    task = models.OneToOneField(Task, on_delete=models.SET_NULL, null=True, related_name="enquiry")
    offered = models.ForeignKey(CannedAnswer, on_delete=models.SET_NULL, null=True, related_name="+")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token, help_text="Stands in the address answers go to.")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField(help_text="When something was last said.")
    due_at = models.DateTimeField(help_text="When an answer is due.")
    snooze_until = models.DateTimeField(null=True)
    first_answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_settled_by_offer = models.BooleanField(default=False, help_text="The customer said that the canned answer did it.")
    before = models.JSONField(null=True, help_text="How it stood before the last act of staff, which can be undone.")

    class Meta:
        verbose_name_plural = "enquiries"
        indexes = [
            models.Index(fields=["store", "state", "due_at", "id"], name="enquiry_due"),
            models.Index(fields=["store", "state", "-last_at", "-id"], name="enquiry_last"),
            models.Index(fields=["snooze_until"], condition=Q(state="snoozed"), name="enquiry_snoozed"),
            models.Index(fields=["last_at"], condition=Q(state="waiting"), name="enquiry_waiting"),
            models.Index(fields=["store", "-opened_at"], name="enquiry_newest"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def who(self) -> str:
        return str(self.customer) if self.customer else self.from_name or self.from_email or "Somebody"


class EnquiryMessage(StoreOwned):
    """One thing said in a conversation, or written beside it."""

    class Direction(models.TextChoices):
        IN = "in", "From the customer"
        OUT = "out", "To the customer"
        NOTE = "note", "Note"
        CALL = "call", "Phone call"
        SOCIAL = "social", "Social media"

    enquiry = models.ForeignKey(Enquiry, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=6, choices=Direction)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Of the staff.")
    from_email = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True, help_text="As it came; never shown but in a sandboxed frame.")
    at = models.DateTimeField()
    mail = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="said")
    arrival = models.ForeignKey(Arrival, on_delete=models.SET_NULL, null=True, related_name="said")
    message_id = models.CharField(max_length=255, blank=True)
    automatic = models.CharField(max_length=80, blank=True, help_text="Why it owes nobody an answer; empty: it does.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "message_id"], condition=~Q(message_id=""), name="enquiry_message_once")]
        indexes = [models.Index(fields=["enquiry", "at", "id"], name="enquiry_message_order")]


class Attachment(StoreOwned):
    """A file that came along. Only ever handed out as a download, under the type that its first bytes show."""

    message = models.ForeignKey(EnquiryMessage, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=80, help_text="Its media type by its bytes, whatever was claimed.")
    size = models.PositiveIntegerField()
    content: Any = models.BinaryField(null=True, help_text="Null: it was too large or one too many, and was not kept.")

    def __str__(self) -> str:
        return self.name

    @property
    def what(self) -> str:
        return files.label(self.kind)


class Mention(StoreOwned):
    """A colleague who was named in a note, until they have seen it (`enquiries.mentions`)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="mentions", help_text="Null: a stranger.")
    enquiry = models.ForeignKey(Enquiry, on_delete=models.CASCADE, null=True, related_name="+", help_text="Whose note it is, if any.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "store", "-at"], condition=Q(seen_at__isnull=True), name="mention_unseen")]
