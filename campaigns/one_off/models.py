"""Campaigns: whom they are for, when they go, how far they are."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from campaigns.models import Flow, Step
from segments.models import Segment
from stores.models import StoreOwned


class Campaign(StoreOwned):
    """One mail to the people of a segment. `flow` carries its steps and, once the audience is frozen, its people.

    `draft` → `scheduled` (can be taken back) → `freezing` → `sending` ⇄ `paused` → `done`; `stopped` from either, for good after a while.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        FREEZING = "freezing", "Finding the people"
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        DONE = "done", "Sent"

    class Timing(models.TextChoices):
        NOW = "now", "As soon as it can no longer be taken back"
        MOMENT = "moment", "On a day, at a time"
        EACH = "each", "On a day, at a time by each customer’s own clock"

    UNDER_WAY: ClassVar[tuple[str, ...]] = (State.FREEZING, State.SENDING, State.PAUSED)

    name = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    flow = models.OneToOneField(Flow, on_delete=models.CASCADE, related_name="campaign")
    audience = models.ForeignKey(Segment, on_delete=models.RESTRICT, null=True, related_name="+", help_text="Empty means every customer.")
    without = models.ForeignKey(Segment, on_delete=models.RESTRICT, null=True, related_name="+", help_text="Who is left out of them.")
    timing = models.CharField(max_length=6, choices=Timing, default=Timing.NOW)
    day = models.DateField(null=True)
    wall = models.TimeField(null=True, help_text="By the clock of `zone`, or of each customer.")
    zone = models.CharField(max_length=64)
    test_percent = models.PositiveSmallIntegerField(null=True, help_text="The share that gets version A or B first; null: one version.")
    test_hours = models.PositiveSmallIntegerField(default=4, help_text="How long after them the others get the better one.")
    winner = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, related_name="+")
    verdict = models.JSONField(default=dict, help_text="What the winner rests on (`comparing.Verdict`).")
    created_at = models.DateTimeField()
    pressed_at = models.DateTimeField(null=True, help_text="When it was scheduled.")
    pressed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    starts_at = models.DateTimeField(null=True, help_text="When the audience is frozen; until then it can be taken back.")
    decides_at = models.DateTimeField(null=True, help_text="When the better version is chosen, and goes to the others.")
    frozen_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(null=True, help_text="How many were frozen.")
    stopped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why its audience could not be frozen.")
    wake_at = models.DateTimeField(null=True, help_text="When the sweep looks at it next.")
    figures = models.JSONField(default=dict, help_text="What became of it (`figures.count`).")
    counted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["wake_at"], condition=models.Q(wake_at__isnull=False), name="campaign_due"),
            models.Index(fields=["store", "-created_at", "-id"], name="campaign_list"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(test_percent__isnull=True) | models.Q(test_percent__gte=2, test_percent__lte=100),
                name="campaign_test_share_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def mail(self) -> Step:
        """Return its mail; of two versions the first."""
        return self.mails[0]

    @property
    def mails(self) -> list[Step]:
        """Return its one mail, or both versions."""
        assert self.flow.version is not None
        return list(self.flow.version.steps.all())
