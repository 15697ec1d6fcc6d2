"""Actions, who did them, and what they add up to."""

from typing import ClassVar

from django.db import models

from customers.models import Customer
from stores.models import Store, StoreOwned


class ActionKind(StoreOwned):
    """What a store thinks a kind of action is worth, where that differs from `kinds.DEFAULTS`, and kinds of its own."""

    key = models.CharField(max_length=60, help_text="A default's key, or the tracked name in lower case with underscores.")
    name = models.CharField(max_length=80)
    value = models.FloatField(help_text="How much closer to buying one such action says they are.")
    impact = models.FloatField(help_text="How much one such action moves others.")
    half_life_days = models.PositiveSmallIntegerField(help_text="After this many days an action counts half.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="action_kind_once"),
            models.CheckConstraint(condition=models.Q(half_life_days__gte=1), name="action_kind_decays"),
        ]
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class WriteKey(StoreOwned):
    """The key by which a store's pages and apps may tell of actions. It opens nothing else, so it may stand in a page for all to read."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="write_key", primary_key=True)
    key = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class Visitor(StoreOwned):
    """A browser or app, known by the id that its tracking library made; a customer's once they have said who they are."""

    anonymous_id = models.CharField(max_length=200)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="visitors")
    seen_at = models.DateTimeField(help_text="The latest action.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "anonymous_id"], name="visitor_once")]
        indexes = [models.Index(fields=["seen_at"], name="visitor_stale")]


class Action(StoreOwned):
    """One thing done, in a table that is partitioned by the month of `at` (migration 0001, `stores.partitions`): its key is (id, at).

    Plain numbers without indexes of their own where a composite index begins with them.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="actions", db_index=False)
    visitor = models.ForeignKey(
        Visitor, on_delete=models.DO_NOTHING, null=True, related_name="actions", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    key = models.CharField(max_length=120, help_text="What makes it one action: `event:<id>` of the wire, else the message id.")
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key", "at"], name="action_once")]
        indexes = [
            models.Index(fields=["customer", "kind", "-at"], name="action_of_customer"),
            models.Index(fields=["store", "kind", "-at"], name="action_of_kind"),
            models.Index(fields=["visitor"], condition=models.Q(customer__isnull=True), name="action_unclaimed"),
        ]


class Receipt(StoreOwned):
    """A tracked message that was taken in: its repeats, whose corrected times differ, count nothing. Kept for some days."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.UUIDField(help_text="Of the message id.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "digest"], name="receipt_once")]
        indexes = [models.Index(fields=["at"], name="receipt_old")]


class Engagement(StoreOwned):
    """What a customer's actions add up to at `as_of`; both figures decay from there (`scoring`)."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="engagement", primary_key=True)
    value = models.FloatField(default=0)
    impact = models.FloatField(default=0)
    as_of = models.DateTimeField()
    parts = models.JSONField(default=dict, help_text="By kind: the number of actions, each decayed.")

    class Meta:
        indexes = [
            models.Index(fields=["store", "-value"], include=["impact"], name="engagement_by_value"),  # the map reads nothing else
            models.Index(fields=["store", "-impact"], name="engagement_by_impact"),
        ]


class Upkeep(StoreOwned):
    """When a store's scores were last brought to one moment, so that they compare; null asks for it now, as after a change of kinds.

    The splits are the averages of that moment, over those who have any of it: above them a score is high.
    """

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="+", primary_key=True)
    refreshed_at = models.DateTimeField(null=True)
    done_to = models.BigIntegerField(default=0, help_text="The last customer of a refresh that is under way.")
    lease_until = models.DateTimeField(null=True)
    value_split = models.FloatField(null=True)
    impact_split = models.FloatField(null=True)


class Interest(StoreOwned):
    """How much a customer cares for a topic, a category or tag of products in lower case; the weight is as of `at` and decays."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="interests", db_index=False)
    topic = models.CharField(max_length=120)
    weight = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "topic"], name="interest_once")]
        indexes = [models.Index(fields=["store", "topic", "-weight"], name="interest_of_topic")]
