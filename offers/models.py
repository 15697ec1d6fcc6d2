"""Offers, the codes given of them, the rules of a store about both, and friends whom customers bring."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper

from customers.models import Customer
from orders.models import Order
from stores import tokens
from stores.models import Store, StoreOwned


class Offer(StoreOwned):
    """What a mail may promise: one shared code, a pool of codes each given once, or codes made at the shop, one a person."""

    class Kind(models.TextChoices):
        SHARED = "shared", "One shared code"
        POOL = "pool", "A pool of codes"
        MADE = "made", "Made at the shop, one a person"

    class Gives(models.TextChoices):
        MONEY = "money", "Money off"
        SHARE = "share", "Per cent off"
        SHIPPING = "shipping", "Free shipping"
        GIFT = "gift", "A free gift"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SHARED)
    value = models.CharField(max_length=60, blank=True, help_text="As the customer reads it, such as '€10 off'.")
    code = models.CharField(max_length=60, blank=True, help_text="The shared code.")
    days_valid = models.PositiveSmallIntegerField(default=14, help_text="From the day of the mail.")
    opens_at = models.DateTimeField(null=True, help_text="Its launch: what is told ahead of it is good from then on.")
    ends_at = models.DateTimeField(null=True, help_text="The shop's own end of the offer.")
    url = models.URLField(max_length=500, blank=True)
    gives = models.CharField(max_length=8, choices=Gives, blank=True)
    amount_minor = models.BigIntegerField(null=True, help_text="Of money off: how much.")
    percent = models.PositiveSmallIntegerField(null=True, help_text="Of per cent off: how many.")
    worth_minor = models.BigIntegerField(null=True, help_text="What one used code costs the shop; null: not known, and counts as nothing.")
    currency = models.CharField(max_length=3, blank=True, help_text="Of the three amounts; empty: the store's.")
    minimum_minor = models.BigIntegerField(null=True, help_text="What must be in the basket for it.")
    only_products = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text="The shop's ids of what it is for; of a gift: what is given.",
    )
    prefix = models.CharField(max_length=20, blank=True, help_text="What codes made at the shop begin with.")
    grace_hours = models.PositiveSmallIntegerField(default=24, help_text="How long the shop takes a code after the end that is told.")
    alarm_below = models.PositiveIntegerField(default=20, help_text="A pool with fewer codes left raises the alarm.")
    alarmed_at = models.DateTimeField(null=True, help_text="When it was raised; null once there is enough again.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="offer_name_once")]

    def __str__(self) -> str:
        return self.name


class OfferCode(StoreOwned):
    """One code of an offer. A person has one that is current, and gets it again when a mail is drawn again.

    One of a pool is free until it is given. One made at the shop is reserved here first, asked for there, and given only once the shop
    has it.
    """

    class State(models.TextChoices):
        FREE = "free", "Left"
        RESERVED = "reserved", "To be made at the shop"
        ASKED = "asked", "The shop is asked"
        READY = "ready", "Made, not given yet"
        GIVEN = "given", "Given"
        USED = "used", "Used"
        FAILED = "failed", "Could not be made"

    #: Known to a customer.
    OUT: ClassVar[tuple[str, ...]] = (State.GIVEN, State.USED)
    #: On the way to be.
    COMING: ClassVar[tuple[str, ...]] = (State.RESERVED, State.ASKED)

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=60)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="codes")
    state = models.CharField(max_length=8, choices=State, default=State.FREE)
    is_shared = models.BooleanField(default=False, help_text="Others have the same words.")
    is_current = models.BooleanField(default=False, help_text="The one this person has of this offer.")
    flow = models.CharField(max_length=60, blank=True, help_text="Key of the flow whose step gave it; empty: staff.")
    step = models.CharField(max_length=60, blank=True)
    worth_minor = models.BigIntegerField(default=0, help_text="What it costs if it is used, as the offer had it then.")
    currency = models.CharField(max_length=3, blank=True)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="The end that is told; the shop takes it for the offer's grace longer.")
    used_at = models.DateTimeField(null=True)
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="codes")
    made_as = models.CharField(max_length=120, blank=True, help_text="The shop's own id of it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="Of one to be made: when the shop is asked next.")
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("store", Upper("code"), condition=models.Q(is_shared=False), name="offer_code_once"),
            models.UniqueConstraint(fields=["offer", "order"], condition=models.Q(is_shared=True), name="offer_code_in_order"),
            models.UniqueConstraint(fields=["offer", "customer"], condition=models.Q(is_current=True), name="offer_code_current"),
        ]
        indexes = [
            models.Index(fields=["offer", "id"], condition=models.Q(state="free"), name="offer_code_left"),
            models.Index(fields=["due_at"], condition=models.Q(state__in=["reserved", "asked"]), name="offer_code_to_make"),
            models.Index("store", Upper("code"), name="offer_code_named"),
            models.Index(fields=["store", "expires_at"], condition=models.Q(state="given"), name="offer_code_open"),
        ]

    def __str__(self) -> str:
        return self.code


class OfferRules(StoreOwned):
    """What a store lets one customer have, over all of its offers."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="offer_rules", primary_key=True)
    quarter_budget_minor = models.BigIntegerField(null=True, help_text="In the store's currency; null: no limit.")
    may_stack = models.BooleanField(default=False, help_text="Whether somebody with an open code may get one of another offer.")


class Counter(StoreOwned):
    """The shop whose checkout takes the codes that are made: where it is, and what opens it."""

    class Platform(models.TextChoices):
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="counter", primary_key=True)
    platform = models.CharField(max_length=12, choices=Platform)
    shop = models.CharField(max_length=200, help_text="Such as my-shop.myshopify.com, or https://shop.example.")
    sealed_key = models.TextField(help_text="Shopify: the Admin API token. WooCommerce: consumer key, colon, consumer secret.")
    problem = models.CharField(max_length=300, blank=True, help_text="What was wrong when it was last asked.")
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.shop


class Program(StoreOwned):
    """How a store's customers bring friends: what the friend gets, what they get, and how long the friend's order must stand."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="program", primary_key=True)
    is_on = models.BooleanField(default=False)
    friend_offer = models.ForeignKey(Offer, on_delete=models.RESTRICT, null=True, related_name="+")
    reward_offer = models.ForeignKey(Offer, on_delete=models.RESTRICT, null=True, related_name="+")
    wait_days = models.PositiveSmallIntegerField(default=14, help_text="The friend's order must stand so long.")


class Advocate(StoreOwned):
    """Somebody who passes on a link: `token` is in it. Two who became one keep both links, the one shown to them is current."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="advocates")
    token = models.CharField(max_length=32, unique=True, default=tokens.public_token)
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer"], condition=models.Q(is_current=True), name="advocate_current")]


class Referral(StoreOwned):
    """One friend somebody brought, from the address they typed to the reward. Nobody can be brought twice."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for the code"
        INVITED = "invited", "Has the code"
        ORDERED = "ordered", "Has ordered"
        REWARDED = "rewarded", "Rewarded"
        REFUSED = "refused", "Does not count"
        REVOKED = "revoked", "Taken back"

    by = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="brought")
    friend = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="brought_by")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    reason = models.CharField(max_length=120, blank=True, help_text="Why it does not count, or waits, in words.")
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="referrals")
    asked_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When it is looked at next: for the code, or for the reward.")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "friend"], name="referral_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="referral_due"),
            models.Index(fields=["store", "-id"], name="referral_newest"),
        ]
