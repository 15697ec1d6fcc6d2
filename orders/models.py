"""Orders, their lines, refunds and parcels, and carts."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Replace, Upper

from catalog.models import Product
from customers.models import Customer
from stores import tokens
from stores.models import Store, StoreOwned


class Order(StoreOwned):
    """One order, in the money the customer saw and in the shop's own."""

    class Financial(models.TextChoices):
        PENDING = "pending", "Payment pending"
        AUTHORIZED = "authorized", "Authorized"
        PAID = "paid", "Paid"
        PARTIALLY_REFUNDED = "partially_refunded", "Partly refunded"
        REFUNDED = "refunded", "Refunded"
        VOIDED = "voided", "Voided"

    class Fulfillment(models.TextChoices):
        UNFULFILLED = "unfulfilled", "Not shipped"
        PARTIAL = "partial", "Partly shipped"
        FULFILLED = "fulfilled", "Shipped"

    # Written often: no index of their own for keys that begin one below.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders", db_index=False)
    external_id = models.CharField(max_length=120)
    number = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=320, blank=True)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(null=True, help_text="Taken off; empty as the next two: the shop does not tell (orders.sums).")
    shipping_minor = models.BigIntegerField(null=True)
    tax_minor = models.BigIntegerField(null=True)
    refunded_minor = models.BigIntegerField(default=0)
    shop_currency = models.CharField(max_length=3)
    shop_total_minor = models.BigIntegerField()
    shop_refunded_minor = models.BigIntegerField(default=0)
    financial_status = models.CharField(max_length=20, choices=Financial, default=Financial.PENDING)
    fulfillment_status = models.CharField(max_length=12, choices=Fulfillment, default=Fulfillment.UNFULFILLED)
    paid_at = models.DateTimeField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True, help_text="Said by the customer or staff; parcels speak for themselves.")
    received_by = models.CharField(max_length=120, blank=True, help_text="Who of the staff said so; no shop's telling changes it.")
    not_there_at = models.DateTimeField(null=True, help_text="When the customer last said that it is not there yet.")
    shipping_method = models.CharField(max_length=120, blank=True, help_text="As the shop calls it at its checkout.")
    invoice_url = models.URLField(max_length=1000, blank=True)
    reorder_url = models.URLField(max_length=1000, blank=True, help_text="Where the shop lets them order the same again.")
    is_test = models.BooleanField(default=False)
    is_history = models.BooleanField(default=False, help_text="Known before the store went live, or too old at first sight: enrols nobody.")
    shipping_address = models.JSONField(default=dict)
    language = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=60, blank=True, help_text="What brought the buyer: a campaign's name, a site, a channel.")
    discount_codes = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token, help_text="Opens the tracker.")
    source_updated_at = models.DateTimeField(null=True, help_text="The platform's own time of this state; older data is ignored.")
    versions = models.JSONField(default=list, help_text="Times and fingerprints of its content: changes known late are told.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="order_once")]
        indexes = [
            models.Index(fields=["store", "-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["customer", "-placed_at"], name="order_of_customer"),
            models.Index(  # segments: who ordered in a time
                fields=["store", "placed_at", "customer"],
                condition=models.Q(cancelled_at__isnull=True, is_test=False) & ~models.Q(financial_status="voided"),
                name="order_that_counts",
            ),
            models.Index(fields=["store", "number"], name="order_by_number"),
            models.Index("store", Upper("email"), name="order_by_email"),
        ]

    def __str__(self) -> str:
        return self.number or self.external_id


class OrderLine(StoreOwned):
    """One item of an order; customer and date are repeated here for "bought P, never Q"."""

    # Written often: no index of their own for keys that begin one below, nor for the store, by which no line is ever sought.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="lines", db_index=False)
    external_id = models.CharField(max_length=120)
    sku = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=500)
    kind = models.CharField(max_length=10, choices=Product.Kind, default=Product.Kind.PHYSICAL)
    quantity = models.PositiveIntegerField()
    refunded_quantity = models.PositiveIntegerField(default=0)
    unit_price_minor = models.BigIntegerField()
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="line_once")]
        indexes = [
            models.Index(fields=["product", "customer", "placed_at"], name="line_of_product"),
            models.Index(fields=["customer", "placed_at"], name="line_of_customer"),
        ]
        ordering: ClassVar[list[str]] = ["position", "id"]


class Refund(StoreOwned):
    """Money given back; `lines` is [{"external_id", "quantity"}]."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    external_id = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    shop_amount_minor = models.BigIntegerField()
    at = models.DateTimeField()
    lines = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="refund_once")]


class Shipment(StoreOwned):
    """One parcel. `expected_at` is the latest estimate, `first_expected_at` the promise that was first made."""

    class Status(models.TextChoices):
        PENDING = "pending", "Label made"
        IN_TRANSIT = "in_transit", "On its way"
        OUT_FOR_DELIVERY = "out_for_delivery", "Out for delivery"
        READY = "ready", "Ready to be picked up"
        DELIVERED = "delivered", "Delivered"
        FAILURE = "failure", "Delivery failed"
        RETURNED = "returned", "Returned"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    external_id = models.CharField(max_length=120)
    carrier = models.CharField(max_length=80, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True)
    tracking_url = models.URLField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    shipped_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(null=True)
    first_expected_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    marked_by = models.CharField(max_length=120, blank=True, help_text="Who of the staff said that it has left (orders.by_hand).")
    is_scanned = models.BooleanField(default=False, help_text="A carrier has reported on it, so its delivery will be reported too.")
    is_cancelled = models.BooleanField(default=False)
    lines = models.JSONField(default=list, help_text="Line external ids in it; empty means everything.")
    source_updated_at = models.DateTimeField(null=True, help_text="When the platform said this status.")
    said = models.JSONField(default=dict, help_text="When it said the rest, and every estimate (orders.ingest_parcels).")
    scans = models.JSONField(default=list, help_text="What the carrier noted: [time, status, words, place], in order.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="shipment_once")]
        indexes = [
            models.Index(
                "store",
                Upper(Replace("tracking_number", models.Value(" "), models.Value(""))),
                condition=~models.Q(tracking_number=""),
                name="shipment_by_bare_number",
            )
        ]
        ordering: ClassVar[list[str]] = ["id"]


class Parked(StoreOwned):
    """News of a parcel or a refund that came before its order, or of a number before its parcel; taken up as soon as that is there."""

    order_external_id = models.CharField(max_length=120, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True, help_text="Bare (orders.tracking); of a carrier's news alone.")
    kind = models.CharField(max_length=10, choices=[("shipment", "Parcel"), ("refund", "Refund"), ("tracking", "Carrier's news")])
    data = models.JSONField()
    digest = models.CharField(max_length=64, help_text="Of the data: a repeat is kept once.")
    arrived_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "order_external_id", "digest"], name="parked_once")]
        indexes = [
            models.Index(fields=["store", "tracking_number"], condition=models.Q(kind="tracking"), name="parked_by_number"),
        ]


class Cart(StoreOwned):
    """A cart or checkout that may be left behind."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="carts", db_index=False)
    external_id = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    url = models.URLField(max_length=1000, blank=True)
    lines = models.JSONField(default=list)
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    is_checkout = models.BooleanField(default=False, help_text="They had begun to give their address.")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token, help_text="Opens the page to be reminded later.")
    abandoned_at = models.DateTimeField(null=True, help_text="When it was last found left behind.")
    remind_at = models.DateTimeField(null=True, help_text="When they want to be reminded of it.")
    recovered_at = models.DateTimeField(null=True, help_text="When they bought after all.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="cart_once")]
        indexes = [
            models.Index(fields=["updated_at"], condition=models.Q(completed_at__isnull=True), name="cart_open"),
            models.Index(fields=["remind_at"], condition=models.Q(remind_at__isnull=False), name="cart_to_remind"),
            models.Index(fields=["store", "-updated_at", "-id"], name="cart_newest"),
            models.Index(fields=["customer", "-abandoned_at"], name="cart_of_customer"),
        ]


class Uncounted(models.Model):
    """A customer whose orders have changed since what they bought was last counted (`predictions.together`).

    A queue without any uniqueness: what is written while a reader works is a row of its own. The number is no key, and has another name
    than the customers' own, so that a merge leaves it: of who went, what they bought is still to be taken out of the counts.
    """

    store_id = models.BigIntegerField()
    buyer_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["store_id", "id"], name="uncounted_next")]


class FiguresCheck(StoreOwned):
    """What the nightly check of customers' figures found in a store (`orders.figures_check`); what was wrong is mended."""

    at = models.DateTimeField()
    looked_at = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    examples = models.JSONField(default=list, help_text="The numbers of some customers whose figures were wrong.")

    class Meta:
        indexes = [models.Index(fields=["store", "-at"], name="figures_check_newest")]
