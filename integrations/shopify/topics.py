"""Shopify's webhooks that are of use here, as its settings name them, and what each is for."""

#: name in Shopify's settings, topic, what it does here
WORDS = (
    ("Order creation", "orders/create", "starts the five mails"),
    ("Order update", "orders/updated", "keeps items, address and payment true"),
    ("Order payment", "orders/paid", "delivers downloads"),
    ("Order cancellation", "orders/cancelled", "ends the mails of that order"),
    ("Order deletion", "orders/delete", "ends the mails of that order"),
    ("Fulfillment creation", "fulfillments/create", "a parcel is packed"),
    ("Fulfillment update", "fulfillments/update", "its tracking number and state"),
    ("Fulfillment event creation", "fulfillment_events/create", "where the parcel is, and when it arrived"),
    ("Refund create", "refunds/create", "takes returned items out of later mails"),
    ("Customer creation", "customers/create", "names and permission"),
    ("Customer update", "customers/update", "a change of permission"),
    ("Checkout creation", "checkouts/create", "carts that are left behind"),
    ("Checkout update", "checkouts/update", "carts that are bought after all"),
    ("Product creation", "products/create", "titles, prices, pictures"),
    ("Product update", "products/update", "what is in stock"),
    ("Product deletion", "products/delete", "offers it no longer"),
    ("App uninstalled", "app/uninstalled", "stops every mail of the store"),
)
