"""Reads WooCommerce's customers. Its core asks nobody about marketing, so nothing is ever said of that here."""

from integrations.bodies import Body, child, ident, need, text
from integrations.woocommerce.fields import meta, moment
from orders.incoming import CustomerData, Unneeded

#: Who buys; other accounts are the shop's own people.
_BUYERS = frozenset({"", "customer", "subscriber"})
#: Where the usual plugins note in which language somebody bought.
_LANGUAGE = ("wpml_language", "trp_language")


def customer(body: Body) -> CustomerData:
    """Return a customer of customer.created and customer.updated; raise Unneeded for one of the shop's own people."""
    need(body, ["id"])
    if (role := text(body.get("role"))) not in _BUYERS:
        raise Unneeded(f"The account is one of the shop’s own people ({role}).")
    return _person(body, ident(body["id"], name="id"), body)


def buyer(order: Body) -> CustomerData:
    """Return who bought: the order's account, or a guest (customer 0) known by the address alone."""
    number = ident(order.get("customer_id"), name="customer_id")
    return _person(order, "" if number == "0" else number, {})


def address(order: Body) -> Body:
    """Return where an order goes: the shipping address, or the billing address where none was asked for."""
    shipping = child(order, "shipping")
    return shipping if any(text(shipping.get(name)) for name in ("address_1", "city", "postcode")) else child(order, "billing")


def language(body: Body) -> str:
    return text(meta(body, *_LANGUAGE), 20)


def name_of(body: Body) -> str:
    return " ".join(filter(None, [text(body.get("first_name"), 100), text(body.get("last_name"), 100)]))


def _person(body: Body, number: str, named: Body) -> CustomerData:
    billing, goes_to = child(body, "billing"), address(body)
    country = text(goes_to.get("country") or billing.get("country"), 10).upper()
    return CustomerData(
        external_id=number,
        email=text(named.get("email") or billing.get("email"), 320),
        name=name_of(named) or name_of(billing),
        likely_name=name_of(goes_to),
        first_name=text(named.get("first_name") or billing.get("first_name"), 100),
        phone=text(billing.get("phone") or goes_to.get("phone"), 40),
        language=language(body),
        country=country if len(country) == 2 else "",
        city=text(goes_to.get("city"), 120),
        region=text(goes_to.get("state"), 120),
        postal_code=text(goes_to.get("postcode"), 20),
        updated_at=moment(body, "date_modified") or moment(body, "date_created"),
    )
