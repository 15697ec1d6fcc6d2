"""The exports that are recognised by their heads, and what each of their columns means. Sources: the products' own help pages.

Shopify: Orders → Export, and Customers → Export (heads of 2023 and of before). WooCommerce: Order/Customer CSV Export and the Import
Export Suite (order_id, order_date, …; one row an item, or the items packed into line_item_1, line_item_2, …), Advanced Order Export
(“Email (Billing)”, …), Analytics → Customers. Klaviyo: the export of a list or segment.
"""

from dataclasses import dataclass

from integrations.files.targets import CUSTOMERS, MOST_PACKED, ORDERS, PACKED, plain


@dataclass(frozen=True)
class Export:
    """A known kind of file: `marks` are heads (as `plain` has them) that it has and others lack; `columns` head → target."""

    key: str
    label: str
    subject: str
    marks: frozenset[str]
    columns: dict[str, str]


_SHOPIFY_ITEM = {
    "lineitem_name": "item_name", "lineitem_quantity": "item_quantity", "lineitem_price": "item_price", "lineitem_sku": "item_sku",
    "lineitem_requires_shipping": "item_ships",
}  # fmt: skip
_SHOPIFY_ORDER = {
    "id": "external_id", "name": "number", "created_at": "placed_at", "total": "total", "currency": "currency",
    "discount_amount": "discount_total", "shipping": "shipping_total", "taxes": "tax_total", "shipping_method": "shipping_method",
    "financial_status": "financial_status", "fulfillment_status": "fulfillment_status", "paid_at": "paid_at",
    "fulfilled_at": "fulfilled_at", "cancelled_at": "cancelled_at", "refunded_amount": "refunded", "discount_code": "discount_codes",
    "source": "source", "email": "email", "billing_name": "customer_name", "phone": "phone", "accepts_marketing": "marketing_consent",
    "shipping_name": "address_name", "shipping_address1": "address1", "shipping_address2": "address2", "shipping_zip": "zip",
    "shipping_city": "city", "shipping_province": "region", "shipping_country": "country", **_SHOPIFY_ITEM,
}  # fmt: skip
_SHOPIFY_CUSTOMER = {
    "customer_id": "external_id", "email": "email", "first_name": "first_name", "last_name": "last_name", "phone": "phone",
    "accepts_email_marketing": "marketing_consent", "accepts_marketing": "marketing_consent", "tags": "tags",
    "default_address_city": "city", "city": "city", "default_address_province_code": "region", "province": "region",
    "default_address_country_code": "country", "country_code": "country", "default_address_zip": "postal_code", "zip": "postal_code",
}  # fmt: skip
_WOO_ORDER = {
    "order_id": "external_id", "order_number": "number", "order_number_formatted": "number", "order_date": "placed_at", "date": "placed_at",
    "status": "financial_status", "order_status": "financial_status", "order_total": "total", "order_currency": "currency",
    "discount_total": "discount_total", "shipping_total": "shipping_total", "tax_total": "tax_total", "total_tax": "tax_total",
    "paid_date": "paid_at", "date_paid": "paid_at", "refunded_total": "refunded", "coupons": "discount_codes",
    "coupon_items": "discount_codes", "shipping_method": "shipping_method",
    "customer_id": "customer_id", "billing_email": "email", "customer_email": "email",
    "billing_first_name": "first_name", "billing_last_name": "last_name", "billing_phone": "phone",
    "shipping_address_1": "address1", "shipping_address_2": "address2", "shipping_postcode": "zip", "shipping_city": "city",
    "shipping_state": "region", "shipping_country": "country", "item_name": "item_name", "item_sku": "item_sku",
    "item_quantity": "item_quantity", "item_price": "item_price", "item_total": "item_total", "item_product_id": "product_id",
    "product_id": "product_id", **{f"line_item_{number}": f"{PACKED}{number}" for number in range(1, MOST_PACKED + 1)},
}  # fmt: skip
_WOO_ADVANCED = {
    "order_number": "external_id", "order_status": "financial_status", "order_date": "placed_at", "order_total_amount": "total",
    "order_currency": "currency", "order_refund_amount": "refunded", "coupon_code": "discount_codes", "email_billing": "email",
    "shipping_method_title": "shipping_method",
    "first_name_billing": "first_name", "last_name_billing": "last_name", "phone_billing": "phone",
    "address_1_2_shipping": "address1", "address_1_shipping": "address1", "city_shipping": "city", "state_code_shipping": "region",
    "postcode_shipping": "zip", "country_code_shipping": "country", "sku": "item_sku", "item_name": "item_name",
    "quantity": "item_quantity", "quantity_refund": "item_quantity", "item_cost": "item_price",
}  # fmt: skip
_WOO_CUSTOMER = {
    "name": "name", "email": "email", "country_region": "country", "region": "region", "city": "city", "postal_code": "postal_code",
}  # fmt: skip
_WOO_USER = {
    "customer_id": "external_id", "first_name": "first_name", "last_name": "last_name", "email": "email", "billing_phone": "phone",
    "billing_city": "city", "billing_state": "region", "billing_postcode": "postal_code", "billing_country": "country",
}  # fmt: skip
_KLAVIYO = {
    "email": "email", "external_id": "external_id", "first_name": "first_name", "last_name": "last_name", "phone_number": "phone",
    "city": "city", "state_region": "region", "country": "country", "zip_code": "postal_code", "locale": "locale", "birthday": "birthday",
    "email_marketing_consent": "marketing_consent", "consent": "marketing_consent", "email_marketing_consent_timestamp": "consent_at",
    "consent_timestamp": "consent_at", "email_suppressions": "suppressed", "suppressions": "suppressed",
}  # fmt: skip


def _marks(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: The first whose marks are all there is taken.
ALL = (
    Export("shopify-orders", "Shopify orders", ORDERS, _marks("name created_at total financial_status lineitem_name"), _SHOPIFY_ORDER),
    Export("shopify-customers", "Shopify customers", CUSTOMERS, _marks("email total_spent total_orders tags"), _SHOPIFY_CUSTOMER),
    Export("woocommerce-orders", "WooCommerce orders", ORDERS, _marks("order_id order_date order_total billing_email"), _WOO_ORDER),
    Export("woocommerce-orders", "WooCommerce orders", ORDERS, _marks("order_id order_date order_total customer_email"), _WOO_ORDER),
    Export("woocommerce-orders", "WooCommerce orders", ORDERS, _marks("order_id date order_total billing_email"), _WOO_ORDER),
    Export(
        "woocommerce-orders",
        "WooCommerce orders",
        ORDERS,
        _marks("order_number order_date email_billing order_total_amount"),
        _WOO_ADVANCED,
    ),
    Export("woocommerce-customers", "WooCommerce customers", CUSTOMERS, _marks("name email total_spend aov"), _WOO_CUSTOMER),
    Export("woocommerce-customers", "WooCommerce customers", CUSTOMERS, _marks("customer_id user_login email"), _WOO_USER),
    Export("klaviyo-profiles", "Klaviyo profiles", CUSTOMERS, _marks("email klaviyo_id"), _KLAVIYO),
    Export("klaviyo-profiles", "Klaviyo profiles", CUSTOMERS, _marks("email email_marketing_consent"), _KLAVIYO),
)
LABELS = {each.key: each.label for each in ALL}


def recognised(heads: list[str]) -> Export | None:
    """Return the export that has these heads."""
    names = {plain(head) for head in heads}
    return next((each for each in ALL if each.marks <= names), None)


def targets_of(export: Export, heads: list[str]) -> list[str]:
    """Return the target of each head; each target once, empty for none."""
    found: list[str] = []
    for head in heads:
        key = export.columns.get(plain(head), "")
        found.append(key if key not in found else "")
    if "external_id" not in found and "number" in found:
        found[found.index("number")] = "external_id"
    return found
