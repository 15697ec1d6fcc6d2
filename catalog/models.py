"""Products, their guides, their pairings."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from stores.models import StoreOwned


class Product(StoreOwned):
    """Something a shop sells. The kind decides what "received" means for an order of it."""

    class Kind(models.TextChoices):
        PHYSICAL = "physical", "Parcel"
        DIGITAL = "digital", "Download"
        SERVICE = "service", "Service"

    external_id = models.CharField(max_length=120)
    title = models.CharField(max_length=300)
    sku = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=200, blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PHYSICAL)
    url = models.URLField(max_length=500, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    price_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    is_available = models.BooleanField(default=True)
    price_before_minor = models.BigIntegerField(null=True, help_text="What it cost before the last drop of its price.")
    price_dropped_at = models.DateTimeField(null=True)
    restocked_at = models.DateTimeField(null=True, help_text="When it could last be bought again.")
    source_updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="product_once")]
        indexes = [
            models.Index(fields=["store", "price_dropped_at"], condition=models.Q(price_dropped_at__isnull=False), name="product_cheaper"),
            models.Index(fields=["store", "restocked_at"], condition=models.Q(restocked_at__isnull=False), name="product_restocked"),
        ]

    def __str__(self) -> str:
        return self.title


class ProductGuide(StoreOwned):
    """What a buyer of this product should know; a product without tips sends no tips mail."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="guide")
    headline = models.CharField(max_length=120, blank=True, help_text="What the steps lead to, such as “a first brew”.")
    tips = models.JSONField(default=list, help_text="Three or four short steps, a list of strings.")
    mistake = models.TextField(blank=True, help_text="The one mistake to avoid.")
    care = models.TextField(blank=True)
    video_url = models.URLField(max_length=500, blank=True)
    lessons = models.JSONField(default=list, help_text="Small lessons for after it has arrived, `Title: text`, a list of strings.")
    call_url = models.URLField(max_length=500, blank=True, help_text="Where somebody books a call to be shown how it works.")
    return_days = models.PositiveSmallIntegerField(null=True)
    warranty_months = models.PositiveSmallIntegerField(null=True)
    replenish_days = models.PositiveSmallIntegerField(null=True, help_text="How long a piece lasts; null: as learned, 0: it is no supply.")


class Pairing(StoreOwned):
    """What goes well with a product: said by the shop or a person with a reason, or learned from what its buyers take with it.

    What was learned (`predictions.baskets`) comes and goes with the orders; what somebody said stays, and so does what they blocked.
    """

    class Origin(models.TextChoices):
        SAID = "said", "Chosen"
        LEARNED = "learned", "Learned"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="pairings")
    suggested = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SAID)
    is_blocked = models.BooleanField(default=False, help_text="Never suggested, whatever is learned.")
    reason = models.CharField(max_length=200, blank=True, help_text="As the customer reads it; empty: in words of `share`.")
    rank = models.PositiveSmallIntegerField(default=1, help_text="The lower is suggested first; what was learned comes last.")
    buyers = models.PositiveIntegerField(default=0, help_text="How many took both within the window.")
    share = models.FloatField(null=True, help_text="Of the product's buyers, 0 to 1 (confidence).")
    lift = models.FloatField(null=True, help_text="How many times as often as all buyers take it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "suggested"], name="pairing_once")]
        indexes = [models.Index(fields=["store", "-buyers", "-id"], name="pairing_list")]
        ordering: ClassVar[list[str]] = ["rank", "id"]
