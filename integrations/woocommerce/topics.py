"""WooCommerce's webhooks that are of use here, as its settings name them, and what each is for."""

#: name in WooCommerce's settings, topic, what it does here
WORDS = (
    ("Order created", "order.created", "starts the five mails"),
    ("Order updated", "order.updated", "payment, parcels, refunds, cancellation"),
    ("Order deleted", "order.deleted", "ends the mails of that order"),
    ("Customer created", "customer.created", "names and addresses"),
    ("Customer updated", "customer.updated", "keeps them true"),
    ("Product created", "product.created", "titles, prices, pictures"),
    ("Product updated", "product.updated", "what is in stock"),
    ("Product deleted", "product.deleted", "offers it no longer"),
)
