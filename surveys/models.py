"""A store's questions and the answers to them."""

from django.db import models

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
