"""Has Shopify make codes, by its Admin API: GraphQL, `discountCodeBasicCreate` and, for free shipping, `discountCodeFreeShippingCreate`.

Documented for 2026-01: the token goes in X-Shopify-Access-Token and needs the scope write_discounts; a refusal is an entry of `userErrors`
in an answer of 200, its `code` being TAKEN where the words are in use; being asked too often is an error with `extensions.code` THROTTLED.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from offers.discounts import wire
from offers.discounts.wanted import Absent, Answer, Found, Later, Made, Refused, Taken, Till, Unknown, Wanted

_FIELDS = "codeDiscountNode { id codeDiscount { __typename ... on %s { title endsAt } } } userErrors { field code message }"
_BASIC = (
    "mutation discountCodeBasicCreate($input: DiscountCodeBasicInput!) { made: discountCodeBasicCreate(basicCodeDiscount: $input) { "
    + _FIELDS % "DiscountCodeBasic"
    + " } }"
)
_SHIPPING = (
    "mutation discountCodeFreeShippingCreate($input: DiscountCodeFreeShippingInput!)"
    " { made: discountCodeFreeShippingCreate(freeShippingCodeDiscount: $input) { " + _FIELDS % "DiscountCodeFreeShipping" + " } }"
)
_FIND = (
    "query codeDiscountNodeByCode($code: String!) { found: codeDiscountNodeByCode(code: $code) { id codeDiscount { __typename"
    " ... on DiscountCodeBasic { title endsAt } ... on DiscountCodeFreeShipping { title endsAt } } } }"
)
_NO_MORE_THAN_ONE = {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False}
_REFUSED = (401, 403)


def make(till: Till, wanted: Wanted) -> Answer:
    """Have a code made; one that is taken may be ours from before (`find`)."""
    said = _ask(till, _SHIPPING if wanted.gives == "shipping" else _BASIC, {"input": _input(wanted)})
    if not isinstance(said, dict):
        return said
    made = said.get("made") or {}
    if errors := made.get("userErrors"):
        if any(error.get("code") == "TAKEN" for error in errors):
            return Taken()
        return Refused("Shopify: " + " ".join(str(error.get("message")) for error in errors))
    return _made(made.get("codeDiscountNode")) or Unknown("Shopify’s answer names no code.")


def find(till: Till, wanted: Wanted) -> Found:
    """Look whether the shop has the code, and whether it is ours."""
    said = _ask(till, _FIND, {"code": wanted.code})
    if not isinstance(said, dict):
        return said if not isinstance(said, Refused) else Later(said.words)
    node = said.get("found")
    if not node:
        return Absent()
    is_ours = wanted.is_known_by((node.get("codeDiscount") or {}).get("title"))
    return (_made(node) if is_ours else None) or Taken()


def _input(wanted: Wanted) -> dict[str, Any]:
    starts, ends = (moment.isoformat(timespec="seconds") for moment in (wanted.starts_at, wanted.ends_at))
    common: dict[str, Any] = {
        "title": wanted.mark, "code": wanted.code, "startsAt": starts, "endsAt": ends, "usageLimit": 1, "appliesOncePerCustomer": True,
        "context": {"all": "ALL"}, "combinesWith": _NO_MORE_THAN_ONE,
    }  # fmt: skip
    if wanted.minimum:
        common["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": wanted.minimum}}
    if wanted.gives == "shipping":
        return {**common, "destination": {"all": True}}
    return {**common, "customerGets": {"value": _value(wanted), "items": _items(wanted)}}


def _value(wanted: Wanted) -> dict[str, Any]:
    """Return what is taken off. A gift is what one of it costs, once: a whole per cent off would give away as many as are in the basket."""
    if wanted.gives == "money" or (wanted.gives == "gift" and wanted.amount):
        return {"discountAmount": {"amount": wanted.amount, "appliesOnEachItem": False}}
    return {"percentage": 1.0 if wanted.gives == "gift" else wanted.percent / 100}


def _items(wanted: Wanted) -> dict[str, Any]:
    if not wanted.products:
        return {"all": True}
    return {"products": {"productsToAdd": [f"gid://shopify/Product/{number}" for number in wanted.products]}}


def _ask(till: Till, query: str, variables: dict[str, Any]) -> dict[str, Any] | Refused | Later | Unknown:
    url = settings.SHOPIFY_ADMIN_URL.format(shop=till.shop) + "graphql.json"
    said = wire.ask("POST", url, body={"query": query, "variables": variables}, headers={"X-Shopify-Access-Token": till.key})
    if not isinstance(said, wire.Said):
        return said
    if said.status in _REFUSED:
        return Later("Shopify refuses the token. It needs the scope write_discounts; make a new one and enter it.", is_shop=True)
    if said.status == 404:
        return Later("Shopify knows no shop of this name.", is_shop=True)
    if said.status != 200 or not isinstance(said.data, dict):
        return Later(f"Shopify answered {said.status}.")
    if errors := said.data.get("errors"):
        return _of_errors(errors)
    data = said.data.get("data")
    return data if isinstance(data, dict) else Unknown("Shopify’s answer holds no data.")


def _of_errors(errors: Any) -> Refused | Later | Unknown:
    """Return what errors of the query itself mean: nothing was made, save where Shopify itself does not know."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {"message": str(errors)}
    kind = (first.get("extensions") or {}).get("code")
    if kind == "THROTTLED":
        return Later("Shopify asks us to come back later.", seconds=2)
    if kind == "INTERNAL_SERVER_ERROR":
        return Unknown("Shopify had a fault of its own.")
    if kind == "SHOP_INACTIVE":
        return Later("Shopify says that the shop is closed.", is_shop=True)
    if kind == "ACCESS_DENIED":
        return Later("Shopify refuses the token. It needs the scope write_discounts; make a new one and enter it.", is_shop=True)
    return Refused(f"Shopify: {first.get('message')}")


def _made(node: Any) -> Made | None:
    if not isinstance(node, dict) or not node.get("id"):
        return None
    ends_at = (node.get("codeDiscount") or {}).get("endsAt")
    return Made(str(node["id"]), datetime.fromisoformat(ends_at).astimezone(UTC) if ends_at else None)
