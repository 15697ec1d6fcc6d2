"""What a column may mean to us: our name of it, how a person calls it, and what files call it."""

import re
from dataclasses import dataclass

ORDERS, CUSTOMERS = "orders", "customers"
#: Cells that hold a whole item each: the targets of their columns begin with it.
PACKED = "packed_item_"
MOST_PACKED = 20
SUBJECTS = {ORDERS: "Orders", CUSTOMERS: "Customers"}


@dataclass(frozen=True)
class Target:
    """One thing a column may hold; `holds` is date, birthday, amount or text. `names` are heads that mean it, in the form of `plain`.

    One that is not offered only stands in exports that are known.
    """

    key: str
    label: str
    names: tuple[str, ...] = ()
    holds: str = "text"
    is_offered: bool = True


_OF_ORDERS = (
    Target("external_id", "Order id", ("order_id", "order", "id")),
    Target("number", "Order number", ("order_number", "name")),
    Target("placed_at", "Placed on", ("created_at", "order_date", "date", "ordered_at", "purchase_date"), "date"),
    Target("total", "Total", ("total_price", "order_total", "amount", "grand_total"), "amount"),
    Target("discount_total", "Discount", ("discount", "discount_amount", "total_discount", "order_discount"), "amount"),
    Target("shipping_method", "Shipping method", ("shipping_method_title", "delivery_method", "shipping_service")),
    Target("shipping_total", "Shipping costs", ("shipping", "shipping_cost", "order_shipping", "total_shipping"), "amount"),
    Target("tax_total", "Taxes", ("taxes", "tax", "total_tax", "order_tax"), "amount"),
    Target("currency", "Currency", ("order_currency", "currency_code")),
    Target("financial_status", "Payment status", ("payment_status", "status", "order_status")),
    Target("fulfillment_status", "Shipping status"),
    Target("refunded", "Refunded amount", ("refunded_amount", "refunded_total", "refund_amount"), "amount"),
    Target("discount_codes", "Discount code", ("discount_code", "coupon", "coupon_code", "coupons")),
    Target("source", "Source of the order", ("order_source", "utm_source", "channel")),
    Target("email", "E-mail", ("customer_email", "email_address", "e_mail", "billing_email")),
    Target("customer_id", "Customer id", ("customer_external_id",)),
    Target("customer_name", "Customer’s name", ("full_name", "buyer", "customer", "billing_name")),
    Target("first_name", "First name", ("firstname", "billing_first_name")),
    Target("last_name", "Last name", ("lastname", "surname", "billing_last_name")),
    Target("phone", "Phone", ("phone_number", "billing_phone", "telephone")),
    Target("locale", "Language", ("language",)),
    Target("marketing_consent", "Accepts marketing", ("accepts_marketing", "newsletter")),
    Target("consent_at", "Accepted marketing on", ("marketing_consent_at", "consent_date"), "date"),
    Target("address_name", "Name on the parcel", ("shipping_name", "recipient")),
    Target("address1", "Street", ("address", "street", "shipping_address1", "shipping_address_1")),
    Target("address2", "Street, second line", ("shipping_address2", "shipping_address_2")),
    Target("zip", "Postal code", ("postal_code", "postcode", "shipping_zip", "shipping_postcode")),
    Target("city", "City", ("shipping_city", "town")),
    Target("region", "Region", ("province", "state", "shipping_province", "shipping_state")),
    Target("country", "Country", ("country_code", "shipping_country")),
    Target("item_name", "Item", ("item", "line_name", "lineitem_name", "product_name", "product")),
    Target("item_quantity", "Quantity", ("quantity", "qty", "line_quantity", "lineitem_quantity")),
    Target("item_price", "Price of one", ("unit_price", "price", "line_price", "lineitem_price", "item_cost"), "amount"),
    Target("item_total", "Price of all of the item", ("line_total",), "amount"),
    Target("item_sku", "SKU", ("sku", "line_sku", "lineitem_sku")),
    Target("item_ships", "Item is shipped", ("lineitem_requires_shipping",)),
    Target("product_id", "Product id", ("product_external_id", "item_product_id")),
    *(Target(f"{PACKED}{number}", f"Item {number}, packed", is_offered=False) for number in range(1, MOST_PACKED + 1)),
    Target("carrier", "Carrier"),
    Target("tracking_number", "Tracking number"),
    Target("paid_at", "Paid on", ("paid_date", "date_paid"), "date"),
    Target("fulfilled_at", "Fulfilled on", (), "date"),
    Target("shipped_at", "Shipped on", ("ship_date",), "date"),
    Target("expected_at", "Expected on", (), "date"),
    Target("delivered_at", "Delivered on", ("delivery_date",), "date"),
    Target("cancelled_at", "Cancelled on", ("canceled_at",), "date"),
    Target("updated_at", "Last changed on", (), "date"),
)
_OF_CUSTOMERS = (
    Target("email", "E-mail", ("email_address", "customer_email", "e_mail", "mail")),
    Target("external_id", "Customer id", ("customer_id", "customer_external_id", "id")),
    Target("name", "Name", ("full_name", "customer_name", "customer")),
    Target("first_name", "First name", ("firstname", "given_name", "vorname", "prenom")),
    Target("last_name", "Last name", ("lastname", "surname", "family_name", "nachname", "nom")),
    Target("phone", "Phone", ("phone_number", "mobile", "telephone", "telefon")),
    Target("locale", "Language", ("language",)),
    Target("country", "Country", ("country_code", "country_region", "land", "pays")),
    Target("region", "Region", ("state", "province", "state_region")),
    Target("city", "City", ("town", "ort", "ville")),
    Target("postal_code", "Postal code", ("zip", "zip_code", "postcode", "plz")),
    Target("tags", "Tags", ("tag", "labels")),
    Target("birthday", "Birthday", ("birth_date", "date_of_birth", "dob", "birthdate", "geburtstag"), "birthday"),
    Target(
        "marketing_consent", "Accepts marketing", ("accepts_marketing", "accepts_email_marketing", "newsletter", "consent", "subscribed")
    ),
    Target("consent_at", "Accepted marketing on", ("marketing_consent_at", "consent_timestamp", "consent_date", "subscribed_at"), "date"),
    Target("suppressed", "Unsubscribed or bounced", ("unsubscribed", "bounced", "suppressions", "suppressed")),
    Target("updated_at", "Last changed on", (), "date"),
)
OF = {ORDERS: {each.key: each for each in _OF_ORDERS}, CUSTOMERS: {each.key: each for each in _OF_CUSTOMERS}}
#: Each is needed; of several in one group, one is.
NEEDED = {ORDERS: (("external_id", "number"), ("placed_at",), ("total",)), CUSTOMERS: (("email", "external_id"),)}


def plain(head: str) -> str:
    """Return a head without case and punctuation: "E-mail (billing)" is e_mail_billing."""
    return re.sub(r"[^a-z0-9]+", "_", head.strip().lower()).strip("_")


def by_name(heads: list[str], subject: str) -> list[str]:
    """Return the target of each head, by what files call it; each target once, empty for none."""
    known = {name: each.key for each in OF[subject].values() for name in (*each.names, each.key)}
    found: list[str] = []
    for head in heads:
        key = known.get(plain(head), "")
        found.append(key if key not in found else "")
    return found


def missing(targets: list[str], subject: str) -> list[str]:
    """Return what is needed and not there, in words."""
    return [" or ".join(OF[subject][key].label for key in group) for group in NEEDED[subject] if not any(key in targets for key in group)]
