"""Named groups of customers, who is in them, and how many were on each day."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from customers.models import Customer
from stores.models import Store, StoreOwned


class Segment(StoreOwned):
    """Customers of whom a rule holds (`segments.rules`), or a list that people fill by hand.

    Members are kept rows: brought up to date for touched customers within seconds, and for everybody when `due_at` has come.
    """

    class Kind(models.TextChoices):
        RULE = "rule", "Rule"
        LIST = "list", "List"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.RULE)
    rule = models.JSONField(default=dict, help_text="As `rules.parsing` reads it; empty for a list.")
    asks = ArrayField(models.CharField(max_length=20), default=list, help_text="What its rows are about, as the catalogue names it.")
    is_watched = models.BooleanField(default=False, help_text="Entering and leaving it are told to the wire, and stand in timelines.")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(default=0)
    filled_at = models.DateTimeField(null=True, help_text="When its members were first found by the rule it has now.")
    refreshed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When everybody is looked at again; null for what is archived, and for lists.")
    build_ms = models.PositiveIntegerField(null=True, help_text="What looking at everybody took last.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why it could not be brought up to date.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="segment_name_once")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="segment_due")]
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(StoreOwned):
    """One customer in one segment."""

    # Written by the hundred thousand, of one segment at a time whose row is locked: the database looks up the customer alone.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships", db_index=False, db_constraint=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="segments")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "customer"], name="membership_of_segment_once")]
        indexes = [models.Index(fields=["segment", "entered_at"], name="membership_longest")]


class Count(StoreOwned):
    """How many people a segment had at the end of a day, or has so far."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="counts", db_index=False)
    day = models.DateField()
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "day"], name="segment_count_once")]


class Cutoff(StoreOwned):
    """What one must have spent to be among the highest per cent of a store's buyers; worked out when it is first asked, and every night."""

    percent = models.DecimalField(max_digits=8, decimal_places=6)
    spent_minor = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "percent"], name="cutoff_once")]


class BulkAct(StoreOwned):
    """What somebody did with many customers at once, and with whom, so that it can be taken back (`segments.bulk`)."""

    class Verb(models.TextChoices):
        TAG = "tag", "given to"
        UNTAG = "untag", "taken from"
        LIST = "list", "now lists"

    verb = models.CharField(max_length=5, choices=Verb)
    tag = models.CharField(max_length=60, blank=True)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, null=True, related_name="+")
    people = ArrayField(models.BigIntegerField(), help_text="Those of whom it changed something.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "-at"], name="bulk_act_newest")]
