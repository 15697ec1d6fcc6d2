"""The table of action kinds: what comes with the product, and what a store has changed or added."""

from collections.abc import Iterable, Mapping
from typing import Any

from engagement.models import ActionKind
from engagement.scoring import Kind

PURCHASE = "purchase"
VISIT, REPEAT_VISIT, PAGE = "visit", "repeat_visit", "page"

#: Value: 10 is a purchase. Impact: 10 is somebody who brings a friend.
DEFAULTS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(PAGE, "Looked at a page", 0.2, 0, 7),
        Kind(VISIT, "First visit", 1, 0, 14),
        Kind(REPEAT_VISIT, "Came back to the shop", 2, 0, 14),
        Kind("searched", "Searched for something", 1, 0, 14),
        Kind("product_viewed", "Looked at a product", 1, 0, 14),
        Kind("wish_listed", "Put a product on the wish list", 3, 0, 30),
        Kind("product_added", "Put a product into the cart", 4, 0, 14),
        Kind("checkout_started", "Began to pay", 6, 0, 14),
        Kind(PURCHASE, "Bought", 10, 1, 180),
        Kind("renewed", "Renewed a subscription", 12, 2, 365),
        Kind("mail_clicked", "Followed a link in a mail", 2, 0, 30),
        Kind("replied", "Answered a mail", 3, 1, 60),
        Kind("answered", "Answered a question", 2, 1, 90),
        Kind("praised", "Gave a high answer", 3, 3, 180),
        Kind("reviewed", "Wrote a review", 3, 6, 180),
        Kind("shared", "Shared a product or the cart", 2, 5, 90),
        Kind("referred", "Brought a friend", 4, 10, 365),
        Kind("subscribed", "Asked for news", 4, 1, 180),
        Kind("signed_up", "Made an account", 3, 0, 180),
        Kind("followed", "Followed the shop", 1, 3, 90),
        Kind("guide_taken", "Took a guide", 3, 0, 60),
        Kind("webinar_joined", "Joined a webinar", 5, 1, 60),
        Kind("call_booked", "Booked a call", 7, 1, 60),
    )
}

#: Tracked names, in lower case with underscores, that mean one of the kinds above (Segment's e-commerce names, and what shops say).
MEANINGS = {
    "products_searched": "searched",
    "product_clicked": "product_viewed",
    "cart_viewed": "product_added",
    "checkout_step_viewed": "checkout_started",
    "checkout_step_completed": "checkout_started",
    "payment_info_entered": "checkout_started",
    "product_added_to_wishlist": "wish_listed",
    "wishlist_product_added_to_cart": "product_added",
    "product_reviewed": "reviewed",
    "product_shared": "shared",
    "cart_shared": "shared",
    "subscription_renewed": "renewed",
    "newsletter_subscribed": "subscribed",
    "account_created": "signed_up",
    "referral_completed": "referred",
    "invite_accepted": "referred",
    "guide_downloaded": "guide_taken",
    "lead_magnet_downloaded": "guide_taken",
    "webinar_attended": "webinar_joined",
    "demo_booked": "call_booked",
}


def of(store_id: int) -> dict[str, Kind]:
    """Return a store's kinds by key: the defaults, with what it has changed or added."""
    return of_all([store_id])[store_id]


def with_changes(changes: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    """Return a store's kinds from its own rows, as values."""
    return DEFAULTS | {row["key"]: Kind(**row) for row in changes}


def of_all(stores: Iterable[int]) -> dict[int, dict[str, Kind]]:
    """Return the kinds of several stores in one query."""
    found = {store: dict(DEFAULTS) for store in set(stores)}
    for row in ActionKind.objects.filter(store__in=found):
        found[row.store_id][row.key] = Kind(row.key, row.name, row.value, row.impact, row.half_life_days)
    return found


def key_of(name: str) -> str:
    """Return the key of a tracked name, "Product Viewed" or "product-viewed": `product_viewed`; "" if nothing is left of it."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
    key = "_".join(words)[:60].rstrip("_")
    return MEANINGS.get(key, key)
