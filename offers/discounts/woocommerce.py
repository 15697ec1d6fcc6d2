"""Has WooCommerce make codes, by its REST API: POST wp-json/wc/v3/coupons, with the consumer key and secret by Basic authentication.

Documented: a duplicate is refused with 400 and the code woocommerce_rest_coupon_code_already_exists; `date_expires` is by the site's own
clock and `date_expires_gmt` what it amounts to, so the answer's is looked at; codes are kept in lower case, and taken in any.
"""

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from offers.discounts import wire
from offers.discounts.wanted import Absent, Answer, Found, Later, Made, Refused, Taken, Till, Unknown, Wanted

_PATH = "/wp-json/wc/v3/coupons"
_TAKEN = "woocommerce_rest_coupon_code_already_exists"


def make(till: Till, wanted: Wanted) -> Answer:
    """Have a code made; one that is taken may be ours from before (`find`)."""
    if strange := [each for each in wanted.products if not each.isdecimal()]:
        return Refused(f"WooCommerce knows products by their numbers, and “{strange[0]}” is none.")  # without it the code would be for all
    said = _ask(till, "POST", _PATH, _coupon(till, wanted))
    if not isinstance(said, wire.Said):
        return said
    if said.status == 201:
        return _made(said.data) or Unknown("The shop’s answer names no coupon.")
    problem = said.data if isinstance(said.data, dict) else {}
    if problem.get("code") == _TAKEN:
        return Taken()
    return Refused(f"The shop: {problem.get('message') or said.status}")


def find(till: Till, wanted: Wanted) -> Found:
    """Look whether the shop has the code, and whether it is ours."""
    said = _ask(till, "GET", f"{_PATH}?code={quote(wanted.code, safe='')}", None)
    if not isinstance(said, wire.Said):
        return said
    if said.status != 200 or not isinstance(said.data, list):
        return Later(f"The shop answered {said.status}.")
    if not said.data:
        return Absent()
    is_ours = isinstance(said.data[0], dict) and wanted.is_known_by(said.data[0].get("description"))
    return (_made(said.data[0]) if is_ours else None) or Taken()


def _coupon(till: Till, wanted: Wanted) -> dict[str, Any]:
    """Return the coupon: a gift is its product for nothing, once; free shipping takes off nothing else."""
    kinds = {"money": ("fixed_cart", wanted.amount), "share": ("percent", str(wanted.percent)), "gift": ("percent", "100")}
    kind, amount = kinds.get(wanted.gives, ("fixed_cart", "0"))
    ends = wanted.ends_at.astimezone(till.zone).replace(tzinfo=None)
    coupon: dict[str, Any] = {
        "code": wanted.code, "description": wanted.mark, "discount_type": kind, "amount": amount,
        "date_expires": ends.isoformat(timespec="seconds"), "individual_use": True, "usage_limit": 1, "usage_limit_per_user": 1,
        "free_shipping": wanted.gives == "shipping",
    }  # fmt: skip
    if wanted.minimum:
        coupon["minimum_amount"] = wanted.minimum
    if wanted.products:
        coupon["product_ids"] = [int(number) for number in wanted.products]
    if wanted.gives == "gift":
        coupon["limit_usage_to_x_items"] = 1
    return coupon


def _ask(till: Till, method: str, path: str, body: object) -> wire.Said | Later | Unknown:
    key = base64.b64encode(till.key.encode()).decode()
    said = wire.ask(method, till.shop.rstrip("/") + path, body=body, headers={"Authorization": f"Basic {key}"})
    if isinstance(said, wire.Said) and said.status in (401, 403):
        return Later("The shop refuses the key. It needs to be allowed to read and write; make a new one and enter it.", is_shop=True)
    if isinstance(said, wire.Said) and said.status == 404:
        return Later("There is no WooCommerce at this address.", is_shop=True)
    return said


def _made(coupon: Any) -> Made | None:
    if not isinstance(coupon, dict) or not coupon.get("id"):
        return None
    ends_at = coupon.get("date_expires_gmt")
    return Made(str(coupon["id"]), datetime.fromisoformat(ends_at).replace(tzinfo=UTC) if ends_at else None)
