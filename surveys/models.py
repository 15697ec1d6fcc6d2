"""A store's questions and the answers to them, and what customers say in public about what they bought."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from catalog.models import Product
from customers.models import Customer
from orders.models import Order
from stores import tokens
from stores.models import StoreOwned


class Survey(StoreOwned):
    """One question with five answers, 1 (worst) to 5 (best)."""

    key = models.SlugField(max_length=40)
    question = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="survey_once")]


class Response(StoreOwned):
    """One customer's answer about one order; the row exists, unanswered, from the moment the question is asked."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="responses")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="responses")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    score = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "order"], name="response_once_an_order"),
            models.CheckConstraint(condition=models.Q(score__isnull=True) | models.Q(score__range=(1, 5)), name="response_score_1_to_5"),
        ]
        indexes = [
            models.Index(fields=["customer", "-answered_at"], name="response_of_customer"),
            models.Index(fields=["store", "-answered_at", "-id"], condition=models.Q(answered_at__isnull=False), name="response_newest"),
        ]


class Review(StoreOwned):
    """What a customer says in public about one thing they bought; the row exists, unwritten, from the moment it is asked for.

    Others read it once staff have shown it; words that are changed wait to be looked at again.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        WAITING = "waiting", "Waiting"
        SHOWN = "shown", "Shown"
        HIDDEN = "hidden", "Hidden"

    class Hidden(models.TextChoices):
        ABUSE = "abuse", "It insults somebody"
        PRIVATE = "private", "It names a private person or an address"
        OFF_TOPIC = "off_topic", "It is not about the product"
        NOT_REAL = "not_real", "It is advertising, or not a buyer’s own words"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="reviews")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="reviews")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="reviews")
    title = models.CharField(max_length=300, blank=True, help_text="What it is about, as it was bought.")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    stars = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)
    name = models.CharField(max_length=60, blank=True, help_text="Who others see that it is from.")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    hidden_because = models.CharField(max_length=10, choices=Hidden, blank=True)
    answer = models.TextField(blank=True, help_text="What the shop says to it, in public.")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], name="review_once_an_order"),
            models.CheckConstraint(condition=models.Q(stars__isnull=True) | models.Q(stars__range=(1, 5)), name="review_stars_1_to_5"),
        ]
        indexes = [
            models.Index(fields=["store", "-given_at", "-id"], condition=models.Q(given_at__isnull=False), name="review_newest"),
            models.Index(fields=["product", "state"], name="review_of_product"),
        ]

    @property
    def reason(self) -> str:
        """Return why it is hidden, as a sentence goes on."""
        words = self.get_hidden_because_display()
        return f"{words[:1].lower()}{words[1:]}"


class ReviewPhoto(StoreOwned):
    """A picture a customer put beside their review, drawn anew (`stores.pictures`). Others see it with the review, or not at all."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="photos")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    digest = models.CharField(max_length=32)
    kind = models.CharField(max_length=3)
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "digest"], name="review_photo_once")]
        ordering: ClassVar[list[str]] = ["id"]
