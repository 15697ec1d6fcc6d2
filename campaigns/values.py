"""The values a mail may speak of: facts already loaded, turned into words ready to be read. No queries, no clock.

`VARIABLES` is the allow-list, with a sample of each: what is not in it does not exist for a template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from campaigns import addressed, learning, things, wording
from campaigns.subjects import NOTHING, Subject
from campaigns.variables import VARIABLES
from catalog import promises
from catalog.models import Pairing, Product, ProductGuide
from customers import names
from customers.models import Customer
from offers import wording as offer_words
from offers.giving import Promise
from offers.models import Program
from orders import pickup, progress, sums
from orders.facts import facts_from, silent_since
from orders.models import Order, OrderLine, Shipment
from stores import dates, money, phrases
from stores.models import Store
from stores.phrases import Phrases

ENGLISH = phrases.of(phrases.ENGLISH)
MOST_TIPS = 2
MOST_PAIRINGS = 3


@dataclass(frozen=True)
class MailFacts:
    """Everything a mail may draw on, loaded. `lines` are those not given back, with `.product` and its `.guide`.

    Without an order there is neither line nor parcel, and what the order would say stays unsaid.
    """

    store: Store
    customer: Customer
    order: Order | None
    lines: Sequence[OrderLine]
    milestones: progress.Milestones | None
    parcels: Sequence[Shipment]
    pairings: Sequence[Pairing]
    may_get_marketing: bool
    offer: Promise | None
    check_in_token: str
    message_token: str
    public_url: str
    now: datetime
    zone: ZoneInfo
    last_item: str = ""
    known: frozenset[int] = frozenset()
    review_token: str = ""
    subject: Subject = NOTHING
    has_subscribed: bool = False
    words: Phrases = ENGLISH
    refunded_minor: int | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    order_place: int = 0
    sender_name: str = ""
    program: Program | None = None

    @property
    def has_parcel(self) -> bool:
        return bool(self.parcels) or any(line.kind == Product.Kind.PHYSICAL for line in self.lines)

    @property
    def received_at(self) -> datetime | None:
        """Return when it arrived, if that has happened."""
        received = self.milestones.received if self.milestones else None
        return received if received and received <= self.now else None


def values(facts: MailFacts) -> dict[str, Any]:
    """Return the values of a mail, by the names of VARIABLES; what is unknown is None, "" or an empty list."""
    order, milestones = facts.order, facts.milestones
    about = _UNSAID if order is None or milestones is None else {
        **_order(facts, order),
        **_arrival(facts, order, milestones),
        **_promises(facts, milestones),
    }  # fmt: skip
    things_said = things.values(
        facts.subject, shop_url=facts.store.website, base=_base(facts), now=facts.now, zone=facts.zone, words=facts.words
    )
    asked = addressed.values(
        facts.content, facts.lines, facts.offer, place=facts.order_place, now=facts.now, zone=facts.zone, words=facts.words
    )
    taught = {**_tips(facts), **learning.values(facts.lines)}
    return {**_people(facts), **_bringing(facts), **about, **things_said, **_links(facts), **taught, **_selling(facts), **asked}


#: What only an order can say, where there is none.
_UNSAID: dict[str, Any] = {
    **dict.fromkeys(
        (
            "order_number", "placed_words", "first_item", "bought_words", "total", "refunded", "expected_day", "expected_words",
            "promised_words", "silent_words", "landing_words", "stage", "stage_words", "carrier", "tracking_url", "ship_to",
            "pickup_place", "pickup_until", "return_until", "warranty_until",
        ),
        "",
    ),
    **dict.fromkeys(("has_pictures", "has_arrived", "has_parcel", "is_moved", "was_fetched"), False),
    "items": [], "sums": [], "tax_in_total": "", "item_count": 0, "parcel_count": 0, "stage_index": None,
}  # fmt: skip


def _people(facts: MailFacts) -> dict[str, Any]:
    store, customer = facts.store, facts.customer
    order = facts.order
    language = customer.language or (order.language if order else "")
    country = str((order.shipping_address.get("country") if order else "") or customer.country)
    sender = facts.sender_name or store.sender_name or store.name
    return {
        "first_name": wording.given_name(customer.first_name or names.sure_given_name(customer.name, language=language, country=country)),
        "store_name": store.name,
        "sender_name": sender,
        "sender_first": wording.given_part(sender),
        "shop_url": store.website,
        "last_item": wording.short_title(facts.last_item) if facts.last_item else "",
        "because": _because(facts),
        "may_get_marketing": facts.may_get_marketing,
    }


def _bringing(facts: MailFacts) -> dict[str, str]:
    """Say where they get the link that brings a friend, and what there is to get; nothing while the store has none of it."""
    program = facts.program
    friend, reward = (program.friend_offer, program.reward_offer) if program else (None, None)
    return {
        "referral_url": f"{_base(facts)}/b/{facts.customer.token}/" if program else "",
        "referral_gives": offer_words.given(friend.value, facts.store.currency, facts.words) if friend else "",
        "referral_gets": offer_words.given(reward.value, facts.store.currency, facts.words) if reward else "",
    }


def _because(facts: MailFacts) -> str:
    """Return why they get a mail that no order is the reason of, truly: somebody who never bought is no customer."""
    shop, words = facts.store.name, facts.words
    if facts.subject.said.get("asked"):
        return words.say("You get this because you asked to be reminded.")
    if facts.last_item:
        return words.say("You get this because you are a customer of {shop}.", shop=shop)
    if facts.has_subscribed:
        return words.say("You get this because you asked to hear from {shop}.", shop=shop)
    if facts.subject.cart:
        return words.say("You get this because you began an order at {shop}.", shop=shop)
    return words.say("You get this because you gave {shop} your address.", shop=shop)


def _order(facts: MailFacts, order: Order) -> dict[str, Any]:
    by_cost = sorted(facts.lines, key=lambda line: -line.unit_price_minor)
    first = wording.short_title(by_cost[0].name) if by_cost else ""
    others = len(facts.lines) - 1
    items, words = [_item(line, order.currency, facts.words) for line in facts.lines], facts.words
    bought = words.say("{first} and {others}", first=first, others=words.say_many(others, "{n} other thing", "{n} other things"))
    return {
        "order_number": order.number,
        "placed_words": dates.month_day(order.placed_at, facts.zone, words),
        "items": items,
        "has_pictures": any(item["picture"] for item in items),
        "item_count": sum(_kept(line) for line in facts.lines),
        "first_item": first,
        "bought_words": bought if first and others > 0 else first,
        "total": _amount(order.total_minor, order.currency, words),
        **_sums(facts, order),
        "refunded": _amount(given, order.currency, words) if (given := _given_back(facts, order)) else "",
    }


def _sums(facts: MailFacts, order: Order) -> dict[str, Any]:
    """Return what the total is made of, line by line, and the tax that stands in it; nothing where it is not known or does not add up."""
    words, prices = facts.words, [line.unit_price_minor * _kept(line) for line in facts.lines]
    made_of = sums.of(order.total_minor, prices, discount=order.discount_minor, shipping=order.shipping_minor, tax=order.tax_minor)
    if made_of is None:
        return {"sums": [], "tax_in_total": ""}
    on_top = 0 if made_of.is_tax_included else made_of.tax
    parts = [
        (words.say("Discount"), -made_of.discount),
        (words.say("Shipping"), made_of.shipping),
        (words.say("Tax"), on_top),
    ]
    said = [{"label": label, "amount": _amount(part, order.currency, words)} for label, part in parts if part]
    whole = {"label": words.say("Items"), "amount": _amount(made_of.subtotal, order.currency, words)}
    inside = made_of.tax if made_of.is_tax_included else 0
    return {"sums": [whole, *said] if said else [], "tax_in_total": _amount(inside, order.currency, words) if inside else ""}


def _given_back(facts: MailFacts, order: Order) -> int:
    """Return what a mail says was given back: what it is about, else all of it."""
    return order.refunded_minor if facts.refunded_minor is None else facts.refunded_minor


def _item(line: OrderLine, currency: str, words: Phrases) -> dict[str, Any]:
    product = line.product
    return {
        "name": line.name[:160],
        "quantity": _kept(line),
        "unit_price": _amount(line.unit_price_minor, currency, words),
        "price": _amount(line.unit_price_minor * _kept(line), currency, words),
        "picture": product.image_url if product else "",
        "url": product.url if product else "",
    }


def _kept(line: OrderLine) -> int:
    return line.quantity - line.refunded_quantity


def _amount(minor: int, currency: str, words: Phrases) -> str:
    return money.show(minor, currency, words.language)


def _arrival(facts: MailFacts, order: Order, milestones: progress.Milestones) -> dict[str, Any]:
    known = facts_from(order, facts.lines, facts.parcels)
    stage = progress.stage(known) if facts.has_parcel else None
    is_ready = stage == progress.Stage.OUT_FOR_DELIVERY and progress.is_ready(known)
    parcel = next((parcel for parcel in facts.parcels if not parcel.is_cancelled and parcel.delivered_at is None), None)
    parcel = parcel or next(iter(facts.parcels), None)
    arriving, waits = _arriving(facts, milestones, is_ready=is_ready), pickup.of(facts.parcels)
    words, expected = facts.words, arriving["expected_day"]
    landing = words.say("Ready to be picked up") if is_ready else words.say("On its way")
    landing = words.say("Landing {day}", day=expected) if expected else landing
    return {
        **arriving,
        "has_arrived": facts.received_at is not None,
        "was_fetched": pickup.was_fetched(facts.parcels),
        "has_parcel": facts.has_parcel,
        "landing_words": words.say("Now that it is here") if facts.received_at else landing,
        "stage": str(stage) if stage else "",
        "stage_index": list(progress.Stage).index(stage) + 1 if stage else None,
        "stage_words": wording.stage_words(stage, words, is_ready=is_ready) if stage else "",
        "carrier": parcel.carrier if parcel else "",
        "tracking_url": parcel.tracking_url if parcel else "",
        "parcel_count": len(facts.parcels),
        "pickup_place": waits.place,
        "pickup_until": _day(waits.until, facts) if waits.until else "",
        "ship_to": _address(order.shipping_address) if facts.has_parcel else "",
        "promised_words": _day(milestones.promised, facts) if milestones.promised else "",
        "silent_words": _silent(facts),
        "is_moved": bool(milestones.promised and milestones.expected and milestones.expected > milestones.promised),
    }


def _silent(facts: MailFacts) -> str:
    """Return the day of the last news of a parcel that has gone silent."""
    heard = [datetime.fromisoformat(parcel.scans[-1][0]) for parcel in facts.parcels if not parcel.delivered_at and silent_since(parcel)]
    return _day(min(heard), facts) if heard else ""


def _arriving(facts: MailFacts, milestones: progress.Milestones, *, is_ready: bool) -> dict[str, str]:
    """Word the day it arrives by the customer's wall clock now; none that has passed, nor of what is there or to be fetched."""
    sure, now, zone = milestones.expected, facts.now, facts.zone
    moment = sure or milestones.received_forecast
    is_past = moment.astimezone(zone).date() < now.astimezone(zone).date()
    if facts.received_at or is_ready or not facts.has_parcel or is_past:
        return {"expected_day": "", "expected_words": ""}
    near, whole = dates.near_day(moment, now=now, zone=zone, words=facts.words), _day(moment, facts)
    if near in (facts.words.say("today"), facts.words.say("tomorrow")):
        whole = facts.words.say("{day}, {time}", day=near, time=whole)
    if not sure:
        near, whole = (facts.words.say("around {day}", day=day) for day in (near, whole))
    return {"expected_day": near, "expected_words": whole}


def _address(address: dict[str, Any]) -> str:
    """Return where it goes in one line, from whichever of the usual keys are there."""
    city = " ".join(str(address[key]) for key in ("zip", "postal_code", "city") if address.get(key))
    street = address.get("address1") or address.get("line1") or address.get("street")
    parts = [address.get("name"), street, address.get("address2") or address.get("line2"), city]
    return ", ".join(str(part).strip() for part in parts if part) if street and city else ""


def _links(facts: MailFacts) -> dict[str, str]:
    base = _base(facts)
    return {
        "tracker_url": f"{base}/t/{facts.order.token}/" if facts.order else "",
        "check_in_url": f"{base}/q/{facts.check_in_token}/" if facts.check_in_token else "",
        "review_url": f"{base}/r/{facts.review_token}/" if facts.review_token else "",
        "unsubscribe_url": f"{base}/u/{facts.message_token}/",
        "preferences_url": f"{base}/p/{facts.customer.token}/",
        "account_url": _account(facts),
        "renew_url": f"{base}/p/{facts.customer.token}/?renew=1",
        "browser_url": f"{base}/m/{facts.message_token}/",
        "calendar_url": f"{base}/i/{facts.message_token}/" if facts.offer else "",
    }


def _base(facts: MailFacts) -> str:
    return facts.public_url.rstrip("/")


def _account(facts: MailFacts) -> str:
    """Return the shop's page for a new account, with the address filled in; "" where the shop has none."""
    page = facts.store.account_url
    return f"{page}{'&' if '?' in page else '?'}{urlencode({'email': facts.customer.email})}" if page else ""


def _promises(facts: MailFacts, milestones: progress.Milestones) -> dict[str, str]:
    """Word the last days of return and warranty: the shortest of the products' own, counted from the arrival or its forecast."""
    if not facts.has_parcel:
        return {"return_until": "", "warranty_until": ""}
    start = milestones.received or milestones.expected or milestones.received_forecast
    guides = (guide for _, guide in _guided(facts.lines))
    last = promises.last_days(guides, facts.store, since=start.astimezone(facts.zone))
    return {
        "return_until": _day(last.returns, facts) if last.returns else "",
        "warranty_until": _day(last.warranty, facts) if last.warranty else "",
    }


def _day(moment: datetime, facts: MailFacts) -> str:
    return dates.day(moment, now=facts.now, zone=facts.zone, words=facts.words)


def _tips(facts: MailFacts) -> dict[str, Any]:
    """Return the tips of the most costly products that have any, but of none they had before."""
    fresh = [line for line in facts.lines if line.product_id not in facts.known]
    lines = sorted(fresh, key=lambda line: -line.unit_price_minor)
    guided = [(product, guide) for product, guide in _guided(lines) if guide.tips][:MOST_TIPS]
    if not guided:
        return {"tips": [], "tips_item": "", "tips_title": ""}
    product, guide = guided[0]
    item = wording.short_title(product.title)
    title = _steps_to(guide, facts.words) or facts.words.say("{steps} for your {item}", steps=_steps(guide, facts.words), item=item)
    return {"tips": [_tip(*pair, facts.words) for pair in guided], "tips_item": item, "tips_title": title}


def _tip(product: Product, guide: ProductGuide, words: Phrases) -> dict[str, Any]:
    return {
        "title": wording.short_title(product.title, 80),
        "headline": _steps_to(guide, words),
        "steps": [str(step) for step in guide.tips],
        "mistake": guide.mistake,
        "care": guide.care,
        "video_url": guide.video_url,
    }


def _steps_to(guide: ProductGuide, words: Phrases) -> str:
    """Return "4 steps to a first brew", or nothing where it is not said what they lead to."""
    return words.say("{steps} to {what}", steps=_steps(guide, words), what=guide.headline) if guide.headline else ""


def _steps(guide: ProductGuide, words: Phrases) -> str:
    return words.say_many(len(guide.tips), "{n} step", "{n} steps")


def _guided(lines: Sequence[OrderLine]) -> list[tuple[Product, ProductGuide]]:
    """Return the lines' products that have a guide, each once, in the order of the lines."""
    products = {line.product_id or id(line.product): line.product for line in lines if line.product}
    guides = [(product, getattr(product, "guide", None)) for product in products.values()]
    return [(product, guide) for product, guide in guides if guide is not None]


def _selling(facts: MailFacts) -> dict[str, Any]:
    pairings, words = [_pairing(pairing, facts.words) for pairing in facts.pairings[:MOST_PAIRINGS]], facts.words
    several = wording.in_words(words.say_many(len(pairings), "{n} small thing", "{n} small things"), words)
    offer = facts.offer
    ends_at = offer.ends_at if offer else None
    return {
        "pairings": pairings,
        "pairings_title": several if pairings else "",
        "offer_value": offer_words.given(offer.value, facts.store.currency, words) if offer else "",
        "offer_code": offer.code if offer else "",
        "offer_url": offer.url if offer else "",
        "offer_from": dates.deadline(offer.opens_at, now=facts.now, zone=facts.zone, words=words) if offer and offer.opens_at else "",
        "offer_until": dates.deadline(ends_at, now=facts.now, zone=facts.zone, words=words) if ends_at else "",
        "offer_day": _day(ends_at, facts) if ends_at else "",
        "offer_terms": offer_words.terms(offer.terms, words) if offer else "",
    }


def _pairing(pairing: Pairing, words: Phrases) -> dict[str, Any]:
    product = pairing.suggested
    has_price = product.price_minor is not None and product.currency
    return {
        "name": wording.short_title(product.title, 80),
        "reason": pairing.reason or wording.taken_too(pairing.share or 0, wording.short_title(pairing.product.title), words),
        "price": _amount(product.price_minor or 0, product.currency, words) if has_price else "",
        "picture": product.image_url,
        "url": product.url,
    }


__all__ = ["VARIABLES", "MailFacts", "values"]
