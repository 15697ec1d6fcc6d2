"""Connections to shops, what they delivered, and file imports."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from stores import tokens
from stores.models import Store, StoreOwned


class Connection(StoreOwned):
    """One shop's or feed's way in: a secret path and a signing secret (sealed; two are valid while one is rotated out)."""

    class Platform(models.TextChoices):
        GENERIC = "generic", "Any shop (JSON)"
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"
        EASYPOST = "easypost", "Carriers, by EasyPost"
        AFTERSHIP = "aftership", "Carriers, by AfterShip"
        SEVENTEENTRACK = "17track", "Carriers, by 17TRACK"

    #: What tells of parcels alone.
    FEEDS = (Platform.EASYPOST, Platform.AFTERSHIP, Platform.SEVENTEENTRACK)

    platform = models.CharField(max_length=20, choices=Platform)
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    sealed_secret = models.TextField()
    sealed_old_secret = models.TextField(blank=True)
    live_since = models.DateTimeField(help_text="Orders placed before it are history: they enrol nobody.")
    created_at = models.DateTimeField()
    last_event_at = models.DateTimeField(null=True)
    uninstalled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.get_platform_display()

    @property
    def path(self) -> str:
        return f"/hooks/{self.token}/"


class Asking(StoreOwned):
    """A shop that is asked itself for what its deliveries left out (`integrations.reconciling`)."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="asking")
    shop = models.CharField(max_length=120, help_text="Such as my-shop.myshopify.com, or https://shop.example.")
    sealed_token = models.TextField()
    asked_to = models.DateTimeField(help_text="What changed until then is here.")
    asked_at = models.DateTimeField(null=True, help_text="When it was last asked; null: its turn is now.")
    missed = models.PositiveIntegerField(default=0, help_text="Changes that no delivery had brought.")
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.shop


class InboxItem(StoreOwned):
    """One delivery as it came, before anything was understood."""

    class State(models.TextChoices):
        RECEIVED = "received", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        IGNORED = "ignored", "Not used"

    # Written with every delivery: the indexes below begin with these two.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="items", db_index=False)
    topic = models.CharField(max_length=80)
    delivery_id = models.CharField(max_length=200)
    digest = models.UUIDField(help_text="Of its payload.")
    triggered_at = models.DateTimeField(null=True, help_text="When the platform says it happened.")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "topic", "delivery_id"], name="inbox_delivery_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="received"), name="inbox_waiting"),
            models.Index(fields=["store", "state", "-id"], name="inbox_by_state"),
        ]


class Payload(StoreOwned):
    """What a delivery said, as it came: beside its row, which stays small, and partitioned by day (migration 0001, `stores.partitions`).

    A failed delivery that comes again with other words has one of each time; the item says when it came last.
    """

    pk = models.CompositePrimaryKey("item_id", "received_at")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    item = models.ForeignKey(InboxItem, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    received_at = models.DateTimeField()
    body = models.TextField()


def import_path(job: "ImportJob", name: str) -> str:
    """Return where an uploaded file is kept until it is taken in: a name nobody can guess, whatever it was called."""
    return f"imports/{job.store_id}/{tokens.public_token()}"


class ImportJob(StoreOwned):
    """One file of orders or of customers: how it is read, what was read, and what of it is bad: `[{"line", "reason", "cells"}]`.

    An uploaded one may come in pieces; it waits for its columns where they could not be told, is checked (nothing is written), and, when a
    person says so, taken in; for thirty days it can be undone. A sweep does the work in slices under a lease, and `line` says how far it
    is. One that a command reads has no `file`.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", "Being uploaded"
        MAPPING = "mapping", "Waiting for its columns"
        UPLOADED = "uploaded", "Being checked"
        CHECKED = "checked", "Checked"
        WAITING = "waiting", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Cannot be read"
        CANCELLED = "cancelled", "Cancelled"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    class Kind(models.TextChoices):
        JSONL = "jsonl", "JSON, one order a line"
        CSV = "csv", "CSV"

    class Subject(models.TextChoices):
        ORDERS = "orders", "Orders"
        CUSTOMERS = "customers", "Customers"

    file_name = models.CharField(max_length=200)
    file = models.FileField(upload_to=import_path, blank=True)
    size = models.BigIntegerField(default=0, help_text="Of one that comes in pieces, in bytes; `arrived` is how much of it is here.")
    arrived = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.JSONL)
    subject = models.CharField(max_length=10, choices=Subject, default=Subject.ORDERS)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reading = models.JSONField(default=dict, help_text="Of a CSV: how it is read (files.reading.Reading).")
    basis = models.JSONField(default=dict, help_text="On what a yes to marketing rests: its source and wording; empty leaves it out.")
    problem = models.TextField(blank=True, help_text="Why the file as a whole cannot be read.")
    total = models.PositiveIntegerField(default=0, help_text="What the check found, good and bad.")
    line = models.PositiveIntegerField(default=0, help_text="The last line that is dealt with.")
    refused = models.PositiveIntegerField(default=0, help_text="How many were bad; `bad` keeps the first thousand.")
    claim = models.UUIDField(null=True, help_text="The fencing token of the sweep at work.")
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    granted = models.PositiveIntegerField(default=0, help_text="How many of them say yes to marketing.")
    withdrawn = models.PositiveIntegerField(default=0, help_text="How many of them say no to it.")
    bad = models.JSONField(default=list)
    sample = models.JSONField(default=list, help_text="The first of them as they are understood.")
    undone = models.JSONField(default=dict, help_text="What an undo took back, and what it could not and why (undoing).")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state__in=["uploaded", "waiting", "undoing"]), name="import_waiting"),
            models.Index(fields=["store", "-id"], name="import_newest"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportTrace(StoreOwned):
    """What one batch of an import made, so that it can be undone: ids, plain, for these rows may go without it.

    `before` is what it changed of customers that were there: {id: {field: [before, after]}}.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="traces")
    at = models.DateTimeField()
    orders = ArrayField(models.BigIntegerField(), default=list)
    customers = ArrayField(models.BigIntegerField(), default=list)
    consents = ArrayField(models.BigIntegerField(), default=list)
    before = models.JSONField(default=dict)
