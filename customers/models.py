"""Customers, their events, their permission, their figures, and what staff must do for them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper

from customers import allowances, kinds
from stores import tokens
from stores.models import Store, StoreOwned


class Customer(StoreOwned):
    """One person at one store. `marketing` repeats the latest word of the Consent ledger, for the gate's sake."""

    class Marketing(models.TextChoices):
        SUBSCRIBED = "subscribed", "Subscribed"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        NEVER = "never", "Never asked"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    email = models.CharField(max_length=320, blank=True)
    email_key = models.CharField(max_length=320, null=True, help_text="The normalised address; null for a buyer without one.")
    name = models.CharField(max_length=200, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=20, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=120, blank=True, help_text="As the two below: of the latest order's address.")
    region = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    birth_month = models.PositiveSmallIntegerField(null=True)
    birth_day = models.PositiveSmallIntegerField(null=True)
    birth_year = models.PositiveSmallIntegerField(null=True, help_text="Often unknown where month and day are known.")
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text="The shop's and the staff's, in order.")
    shop_tags = ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text="What the shop last said of them.")
    marketing = models.CharField(max_length=12, choices=Marketing, default=Marketing.NEVER)
    marketing_changed_at = models.DateTimeField(null=True)
    objected_to_service_at = models.DateTimeField(null=True)
    declined_topics = ArrayField(models.CharField(max_length=12), null=True, help_text="Of what is allowed, what is not wanted (topics).")
    wants_fewer_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True, help_text="Until then the customer wants order mails alone.")
    has_ordered = models.BooleanField(default=False, help_text="Whether an order of theirs counts, as figures do (`orders.figures`).")
    erased_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token, help_text="Opens the preference page.")
    source_updated_at = models.DateTimeField(null=True, help_text="The platform's own time of these words; older ones only fill gaps.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "email_key"], name="customer_email_once")]
        indexes = [
            models.Index(fields=["store", "-created_at", "-id"], name="customer_newest"),
            GinIndex(  # search: a part of the name or the address, in the words that `icontains` asks with
                OpClass(Upper("name"), name="gin_trgm_ops"), OpClass(Upper("email"), name="gin_trgm_ops"), name="customer_called"
            ),
            models.Index("store", Lower("name"), "id", name="customer_by_name"),
            models.Index("store", Lower("city"), name="customer_of_city"),
            GinIndex(fields=["tags"], name="customer_tagged"),
            models.Index(  # few: whom segments leave out without reading everybody's row
                fields=["store", "id"], condition=models.Q(erased_at__isnull=False), name="customer_erased"
            ),
            models.Index(  # who never ordered, where nearly everybody has
                fields=["store", "id"], include=["erased_at"], condition=models.Q(has_ordered=False), name="customer_never_ordered"
            ),
            models.Index(  # segments: what most rules ask of a person, and whether they may get marketing; a third as long as the rows
                fields=["store", "marketing", "country", "id"],
                include=["email_key", "language", "birth_month", "birth_day", "created_at"],
                condition=models.Q(erased_at__isnull=True),
                name="customer_traits",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or ("Erased customer" if self.erased_at else "Guest")

    @property
    def birthday(self) -> str:
        """Return the birthday as the wire has it: `1990-03-14`, `--03-14`, or nothing."""
        if self.birth_month is None or self.birth_day is None:
            return ""
        return f"{'-' if self.birth_year is None else f'{self.birth_year:04d}'}-{self.birth_month:02d}-{self.birth_day:02d}"


class Identity(StoreOwned):
    """A name by which some platform knows a customer; merging two customers keeps both."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    external_id = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="identity_once")]


class Alias(StoreOwned):
    """The address of somebody who was merged into a customer: what comes from it is theirs, but no mail goes there."""

    email_key = models.CharField(max_length=320)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "email_key"], name="alias_once")]


class Metrics(StoreOwned):
    """A customer's figures, in shop money, net of refunds, without cancelled, voided and test orders. `orders.figures` hands them down.

    The average order is the total spent by the number of orders, computed where it is read.
    """

    #: How many of the latest orders' moments are kept: "ordered N times in the last D days" is asked of them, not of orders.
    LATEST = 5

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="metrics", primary_key=True)
    orders_count = models.PositiveIntegerField(default=0)
    total_spent_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    items_count = models.PositiveIntegerField(default=0, help_text="Bought and not given back.")
    returns_count = models.PositiveIntegerField(default=0, help_text="Orders of which something was given back.")
    coupon_orders_count = models.PositiveIntegerField(default=0, help_text="Orders placed with a discount code.")
    first_order_at = models.DateTimeField(null=True)
    second_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    latest_orders_at = ArrayField(models.DateTimeField(), default=list, help_text="When the last LATEST orders were placed, newest first.")
    days_between_orders = models.FloatField(null=True, help_text="The mean gap between the days of orders; null below two such days.")
    first_product_id = models.BigIntegerField(null=True, help_text="The first item of the first order; products stand above.")
    first_source = models.CharField(max_length=60, blank=True, help_text="Where the first order came from, such as `newsletter`.")
    last_source = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [  # the customers list walks along them; segments count who is beyond a bound
            models.Index(
                fields=["store", "total_spent_minor", "customer"], include=["orders_count", "last_order_at"], name="metrics_by_spent"
            ),
            models.Index(
                fields=["store", "last_order_at", "customer"],
                include=["orders_count", "total_spent_minor", "returns_count", "first_order_at"],
                name="metrics_by_last_order",
            ),
            models.Index("store", models.F("latest_orders_at__1"), name="metrics_by_one_before"),
            models.Index(fields=["store", "orders_count", "customer"], name="metrics_by_orders"),
        ]

    @property
    def average_minor(self) -> int | None:
        """Return the average order's worth."""
        return round(self.total_spent_minor / self.orders_count) if self.orders_count else None


class Rfm(StoreOwned):
    """Where a customer stands among the store's buyers, worked out every night (`customers.rfm`, `customers.rfm_refresh`).

    Who never ordered is a prospect and has neither scores nor a group.
    """

    class Group(models.TextChoices):
        CHAMPIONS = "champions", "Champions"
        LOYAL = "loyal", "Loyal"
        RECENT = "recent", "Recent"
        NEEDS_ATTENTION = "needs_attention", "Needs attention"
        AT_RISK = "at_risk", "At risk"
        INACTIVE = "inactive", "Inactive"

    class Stage(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        FIRST_TIME = "first_time", "First-time buyer"
        ACTIVE = "active", "Active repeat buyer"
        LAPSING = "lapsing", "Lapsing"
        LOST = "lost", "Lost"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="rfm", primary_key=True)
    recency = models.PositiveSmallIntegerField(null=True, help_text="1 to 5; 5 bought last. As the next two.")
    frequency = models.PositiveSmallIntegerField(null=True)
    monetary = models.PositiveSmallIntegerField(null=True)
    group = models.CharField(max_length=16, choices=Group, blank=True)
    stage = models.CharField(max_length=12, choices=Stage)
    last_month_group = models.CharField(max_length=16, choices=Group, blank=True, help_text="The group when the month began.")
    changed_at = models.DateTimeField(help_text="Since when the group and the stage are what they are.")

    class Meta:
        indexes = [
            models.Index(fields=["store", "recency", "frequency"], name="rfm_cell"),
            models.Index(fields=["store", "group", "customer"], name="rfm_group"),
            models.Index(fields=["store", "stage", "customer"], name="rfm_stage"),
        ]


class RfmMovement(StoreOwned):
    """How many customers were in one group when a month began and in another when it ended, or now; empty means not a buyer yet."""

    month = models.DateField(help_text="Its first day.")
    from_group = models.CharField(max_length=16, choices=Rfm.Group, blank=True)
    to_group = models.CharField(max_length=16, choices=Rfm.Group, blank=True)
    customers = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "month", "from_group", "to_group"], name="movement_once")]


class Rhythm(StoreOwned):
    """How a store's customers buy: what the nightly refresh found, and when; the row to lock while it runs."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="rhythm", primary_key=True)
    refreshed_at = models.DateTimeField(null=True)
    first_month = models.DateField(null=True, help_text="The month of the first refresh ever: nobody knows what was before it.")
    month = models.DateField(null=True, help_text="The first day of the month, by the store's clock, that `last_month_group` precedes.")
    buyers_count = models.PositiveIntegerField(default=0)
    gap_days = models.FloatField(null=True, help_text="The median gap between orders of those who came back; null for too few.")
    second_order_days = models.FloatField(null=True, help_text="The median time to the second order of those who placed one.")
    second_orders_count = models.PositiveIntegerField(default=0)
    lapsing_days = models.PositiveSmallIntegerField(default=90, help_text="Days after the last order from which a buyer is lapsing.")
    lost_days = models.PositiveSmallIntegerField(default=180)


class SavedView(StoreOwned):
    """Filters of the customers list under a name; without an owner it is everybody's."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="The filters as they stand in the address.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "owner", "name"], name="saved_view_once", nulls_distinct=False),
        ]
        ordering: ClassVar[list[str]] = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class Duplicate(StoreOwned):
    """Two customers who are likely one person (`customers.duplicates`); `first` is the one with the lower number."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    whys = ArrayField(models.CharField(max_length=10), default=list, help_text="What they share: phone, name (and postal code), email.")
    is_dismissed = models.BooleanField(default=False, help_text="Staff said that they are two people.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="duplicate_once")]


class Merge(StoreOwned):
    """Two customers made one, with everything needed to part them again (`customers.merging`)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    gone_id = models.BigIntegerField(help_text="The number of the customer who was merged into it.")
    gone_name = models.CharField(max_length=320)
    by = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    moved = models.JSONField(default=dict, help_text="By table: the numbers of the rows that went over.")
    taken_out = models.JSONField(default=list, help_text="[table, row] of what could not stand twice.")
    before = models.JSONField(default=dict, help_text="What the merge changed of the customer who stays.")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "-at"], name="merge_newest")]


class Event(StoreOwned):
    """Something that happened to a customer. Append-only, save for erasure and merge; no foreign key may ever point here."""

    Kind = kinds.Kind

    # Written often: no index of their own for keys that begin one below.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=32, choices=Kind)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=200, help_text="What makes this event one event: a replay with the same key writes nothing.")
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="event_key_once")]
        indexes = [
            models.Index(fields=["customer", "-occurred_at", "-id"], include=["kind"], name="event_timeline"),
            models.Index(fields=["store", "kind", "occurred_at", "customer"], name="event_of_kind"),  # segments: who did it lately
        ]


class Unread(models.Model):
    """One event that one reader has not yet acted on; written in the same statement as the event, deleted by the reader.

    Plain numbers instead of foreign keys: nothing may point at Event, and readers claim millions of these rows.
    """

    reader = models.CharField(max_length=20)
    event_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    failed_at = models.DateTimeField(null=True, help_text="The reader could not act on it; kept for whoever mends that.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_id", "reader"], name="unread_once")]
        indexes = [models.Index(fields=["reader", "id"], condition=models.Q(failed_at__isnull=True), name="unread_queue")]


class Touched(models.Model):
    """A customer, or everybody in a store, of whom a fact has changed that no event tells, such as a score or a tag (`customers.touching`).

    A queue without any uniqueness: what is written while a reader works is a row of its own, so no change is ever taken for read.
    """

    class What(models.TextChoices):
        RFM = "rfm", "Scores, groups and stages"
        PREDICTIONS = "predictions", "Predictions"
        ENGAGEMENT = "engagement", "Scores of actions"
        HISTORY = "history", "Scores of actions long past"
        TAGS = "tags", "Tags"

    store_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True, help_text="Null: everybody.")
    what = models.CharField(max_length=12, choices=What, blank=True, help_text="Of everybody: what was worked out anew.")


class Consent(StoreOwned):
    """The permission ledger: who allowed or withdrew what, when, how, in which words. Append-only."""

    Topic = allowances.Topic

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    topic = models.CharField(max_length=12, choices=Topic)
    is_granted = models.BooleanField()
    source = models.CharField(max_length=60, help_text="Where it was said: the shop's checkout, an unsubscribe link, staff.")
    wording = models.TextField(blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "-at"], name="consent_history")]


class Note(StoreOwned):
    """What staff wrote about a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()


class Task(StoreOwned):
    """Something a person must do for a customer; while one is open, nothing is sold to them."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120, help_text="What it is about, such as `low-score:<response>`: one task for one thing.")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    order_number = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="task_key_once")]
        indexes = [
            models.Index(fields=["customer"], condition=models.Q(state="open"), name="task_open_of_customer"),
            models.Index(fields=["store", "state", "due_at"], name="task_list"),
        ]
        ordering: ClassVar[list[str]] = ["due_at", "id"]
