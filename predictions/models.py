"""What was learned of a store, and what it lets expect of each customer and product."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models import Product
from customers.models import Customer
from stores.models import Store, StoreOwned


class Fit(StoreOwned):
    """The last fit of one model to one store, or in words what it needs before there can be one."""

    class Kind(models.TextChoices):
        BGNBD = "bgnbd", "How often they buy, and whether they still do"
        GAMMA_GAMMA = "gamma_gamma", "What they spend on an order"
        BASKETS = "baskets", "What they take together"

    kind = models.CharField(max_length=12, choices=Kind)
    parameters = models.JSONField(default=dict, help_text="By name, in days and minor units; empty where data is needed.")
    customers = models.PositiveIntegerField(default=0)
    repeat_buyers = models.PositiveIntegerField(default=0)
    history_days = models.PositiveIntegerField(default=0)
    needs = models.CharField(max_length=200, blank=True, help_text="What is missing, in words; empty where it was fitted.")
    fitted_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True, help_text="Of baskets: when the counts last moved.")
    lease_until = models.DateTimeField(null=True, help_text="A worker is at it until then.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "kind"], name="fit_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.needs or self.parameters}"


class Prediction(StoreOwned):
    """What is expected of one customer, as of `computed_at`; there is no row where the store needs more data."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="prediction", primary_key=True)
    p_alive = models.FloatField(null=True, help_text="How likely they still buy, 0 to 1; null who bought once: the model cannot tell.")
    churn_risk = models.FloatField(null=True, help_text="1 − p_alive.")
    expected_orders_90 = models.FloatField(help_text="In the next 90 days.")
    expected_value_90_minor = models.BigIntegerField(null=True, help_text="In shop money; null where spending could not be fitted.")
    next_order_at = models.DateTimeField(null=True, help_text="By then an order is as likely as not; null: not within two years.")
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["store", "churn_risk"], name="prediction_by_risk"),
            models.Index(fields=["store", "expected_value_90_minor"], name="prediction_by_value"),
            models.Index(fields=["store", "next_order_at"], name="prediction_by_next_order"),
        ]


class Replenishment(StoreOwned):
    """How long one piece of a product lasts its buyers, learned from those who bought it again."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="replenishment", primary_key=True)
    interval_days = models.PositiveIntegerField()
    basis = models.PositiveIntegerField(help_text="Repeat buyers it was learned from.")
    computed_at = models.DateTimeField()


class Counted(StoreOwned):
    """What one customer bought, as it stands in the counts of `Together`: by day and product, each day (since 2000) beside its product.

    `buyer_id` is no key to the customer: when they go, this stays until it is taken out of the counts.
    """

    pk = models.CompositePrimaryKey("store", "buyer_id")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    buyer_id = models.BigIntegerField()
    days = ArrayField(models.IntegerField())
    products = ArrayField(models.BigIntegerField())


class Together(StoreOwned):
    """How many customers took one product with, or soon after, another; beside itself a product has all who bought it.

    No key to the products: there are many rows, written with every order, and no product is ever deleted.
    """

    pk = models.CompositePrimaryKey("store", "product_id", "suggested_id")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    product_id = models.BigIntegerField()
    suggested_id = models.BigIntegerField()
    buyers = models.IntegerField(help_text="0 where nobody is left; the nightly check takes these rows out.")
