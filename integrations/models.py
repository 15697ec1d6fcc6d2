"""Connections to shops, what they delivered, and file imports."""

from django.conf import settings
from django.db import models

from stores import tokens
from stores.models import StoreOwned


class Connection(StoreOwned):
    """One shop's way in: a secret path and a signing secret (sealed; two are valid while one is rotated out)."""

    class Platform(models.TextChoices):
        GENERIC = "generic", "Any shop (JSON)"
        SHOPIFY = "shopify", "Shopify"

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


class InboxItem(StoreOwned):
    """One delivery as it came, before anything was understood."""

    class State(models.TextChoices):
        RECEIVED = "received", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        IGNORED = "ignored", "Not used"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="items")
    topic = models.CharField(max_length=80)
    delivery_id = models.CharField(max_length=200)
    body = models.TextField()
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


def import_path(job: "ImportJob", name: str) -> str:
    """Return where an uploaded file is kept until it is taken in: a name nobody can guess, whatever it was called."""
    return f"imports/{job.store_id}/{tokens.public_token()}"


class ImportJob(StoreOwned):
    """One file of orders: what was read and which lines were bad, `[{"line", "reason"}]`.

    An uploaded one is first checked (nothing is written), then, when a person says so, taken in; a sweep does both in slices under a
    lease, and `line` says how far it is. One that a command reads has no `file`, and no sweep touches it.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Being checked"
        CHECKED = "checked", "Checked"
        WAITING = "waiting", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Cannot be read"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        JSONL = "jsonl", "JSON, one order a line"
        CSV = "csv", "CSV"

    file_name = models.CharField(max_length=200)
    file = models.FileField(upload_to=import_path, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.JSONL)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    columns = models.JSONField(default=dict, help_text="Of a CSV: found, missing and unused, each a list of names.")
    problem = models.TextField(blank=True, help_text="Why the file as a whole cannot be read.")
    total = models.PositiveIntegerField(default=0, help_text="Orders that the check found, good and bad.")
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
    bad = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(state__in=["uploaded", "waiting"]), name="import_waiting")]

    def __str__(self) -> str:
        return self.file_name
