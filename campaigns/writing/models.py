"""What people keep while they write: no mail depends on any of it."""

from django.conf import settings
from django.db import models

from campaigns.models import FlowVersion
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


class Kept(StoreOwned):
    """A block, or a whole mail, on the shelf under the name it is found by; what is taken from it is a copy (`shelf`)."""

    is_mail = models.BooleanField()
    name = models.CharField(max_length=80)
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "is_mail", "name"], name="kept_once")]

    def __str__(self) -> str:
        return self.name


class Followed(StoreOwned):
    """The address of a link in a store's mails, and what was found at its end (`following`)."""

    address = models.CharField(max_length=1000)
    due_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=120, blank=True, help_text="In words that follow the address; empty where it is as it should be.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "address"], name="followed_once")]
        indexes = [models.Index(fields=["due_at"], name="followed_due")]

    def __str__(self) -> str:
        return self.address
