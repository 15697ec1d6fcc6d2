"""What working on flows leaves behind, none of which any mail depends on."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from campaigns.models import Flow, FlowVersion
from stores.models import StoreOwned


class DraftEdit(StoreOwned):
    """One change of a draft with the whole draft before and after it, so that it can be undone and done again (`history`)."""

    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="edits")
    says = models.CharField(max_length=200)
    step_key = models.SlugField(max_length=60, blank=True, help_text="Of the step that was written: further writing is the same change.")
    before = models.JSONField()
    after = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    is_undone = models.BooleanField(default=False)


class Proofreader(StoreOwned):
    """Somebody beside the team who gets a store's test mails."""

    email = models.EmailField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "email"], name="tester_once")]

    def __str__(self) -> str:
        return self.email


class RunAct(StoreOwned):
    """What somebody did with many planned mails of a flow at once, and with which, so that it can be taken back (`bulk`)."""

    class Verb(models.TextChoices):
        HOLD = "hold", "on hold"
        SKIP = "skip", "skipped"
        SEND_NOW = "send-now", "sent ahead of their time"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=8, choices=Verb)
    runs = ArrayField(models.BigIntegerField(), help_text="Those that it changed.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["flow", "-at"], name="run_act_newest")]
