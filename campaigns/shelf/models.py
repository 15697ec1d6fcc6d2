"""What is kept."""

from django.conf import settings
from django.db import models

from stores.models import StoreOwned


class Kept(StoreOwned):
    """A block, or a whole mail, under the name it is found by."""

    is_mail = models.BooleanField()
    name = models.CharField(max_length=80)
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "is_mail", "name"], name="kept_once")]

    def __str__(self) -> str:
        return self.name
