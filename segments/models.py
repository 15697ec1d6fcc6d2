"""Named groups of customers."""

from django.db import models

from stores.models import StoreOwned


class Segment(StoreOwned):
    """A rule over customers; `{"everyone": true}` is the first kind of rule (segments.rules)."""

    name = models.CharField(max_length=120)
    rule = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="segment_name_once")]

    def __str__(self) -> str:
        return self.name
