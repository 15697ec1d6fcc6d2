"""The tracker: where an order is, opened by the order's token; how to use what comes, and what may be asked of the shop."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from lifecycle.public import drawing, helping, tracking, wishes
from lifecycle.public.days import Calendar
from lifecycle.public.door import may_be, private, unknown
from orders import by_customer, estimates, facts, pickup, progress, tracked
from orders.models import Order, OrderLine, Shipment
from orders.tracked import Tracked
from stores import addresses
from stores.models import Store
from stores.phrases import Phrases
from surveys import answers

Financial = Order.Financial
_MOST_SCANS = 20


@dataclass(frozen=True)
class Scan:
    """What a carrier noted, as strangers may read it: of a delivery no words, for they may name who signed."""

    at: datetime
    words: str
    place: str


@dataclass(frozen=True)
class ParcelCard:
    """One parcel as the page shows it, its scans newest first; `url` is empty unless it is a web address."""

    title: str
    state: str
    shipment: Shipment
    url: str
    source: str = ""
    lines: list[OrderLine] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)


@dataclass(frozen=True)
class Wishing:
    """A wish that could not be sent as it was typed."""

    what: str = ""
    words: str = ""
    problem: str = ""


@private
def page(request: HttpRequest, token: str) -> HttpResponse:
    found = find(token)
    return unknown(request) if found is None else draw(request, found)


def find(token: str) -> Tracked | None:
    return tracked.by_token(token) if may_be(token) else None


def draw(request: HttpRequest, found: Tracked, *, wishing: Wishing | None = None) -> HttpResponse:
    """Draw an order's tracker; with `wishing`, what was wrong with a wish stands beside it."""
    order, store = found.order, found.order.store
    standing, words = standing_of(found), words_of(request, order)
    calendar = Calendar(found.now, ZoneInfo(store.timezone), words)
    answer = tracking.answer(standing, calendar)
    asks = standing.moments.received is not None and not standing.is_off
    beside = helping.beside(found, asks=asks, suggests=answer.tone in ("good", "plain"))
    context = {
        "here": addresses.to("public:tracker", order.token),
        "calendar": calendar,
        "order": order,
        "answer": answer,
        "stops": tracking.stops(standing, words),
        "standing": standing,
        "lines": found.lines,
        "parcels": parcels_of(found, words),
        "said_arrived_at": order.received_at if order.received_by == by_customer.SAID_BY else None,
        "at_the_shop": helping.at_the_shop(order, is_private=False),
        "beside": beside,
        "choices": answers.WORDS.items() if asks and not beside.has_answered else (),
        "wishing": wishing or Wishing(),
        "reasons": [(what, wishes.REASONS[what].label) for what in may_wish(standing)],
        "may_ask": bool(order.customer.email_key and order.customer.erased_at is None),
        "asked": request.GET.get("asked", ""),
        "ask": ask_link(store, words.say("Order {number}", number=order)),
        "may_mail": bool(store.sender_email and order.customer.email_key),
        "said": next((said for said in ("mailed", "arrived", "not-yet", "often") if said in request.GET), ""),
    }
    return drawing.draw(request, "public/tracker.html", store, words, context, status=422 if wishing else 200)


def words_of(request: HttpRequest, order: Order) -> Phrases:
    """Return the words of the language an order's pages speak: chosen there, or the customer's, the order's, the shop's."""
    return drawing.words_of(request, order.customer.language, order.language, order.store.language)


def standing_of(found: Tracked) -> tracking.Standing:
    """Return what the rules need of an order."""
    order = found.order
    under_way = [p for p in found.parcels if not p.is_cancelled and p.delivered_at is None and p.status != Shipment.Status.RETURNED]
    return tracking.Standing(
        facts=facts.facts_from(order, found.lines, found.parcels),
        is_refunded=order.financial_status == Financial.REFUNDED,
        is_partly_refunded=order.financial_status == Financial.PARTIALLY_REFUNDED,
        is_cancelled=order.cancelled_at is not None or order.financial_status == Financial.VOIDED,
        cancelled_at=order.cancelled_at,
        is_unpaid=order.financial_status == Financial.PENDING,
        promised_at=_latest(under_way),
        usual=facts.usual_of(order, order.store, found.parcels),
        heard_at=min((datetime.fromisoformat(p.scans[-1][0]) for p in under_way if facts.silent_since(p)), default=None),
        pickup=pickup.of(found.parcels),
        town=str(order.shipping_address.get("city") or "").strip()[:80],
    )


def may_wish(standing: tracking.Standing) -> tuple[str, ...]:
    stage = progress.Stage.DELIVERED if standing.moments.received else progress.stage(standing.facts)
    return wishes.offered(stage, is_off=standing.is_off, has_parcels=standing.has_parcels)


def _latest(parcels: list[Shipment]) -> datetime | None:
    return max((p.first_expected_at for p in parcels if p.first_expected_at), default=None)


def parcels_of(found: Tracked, words: Phrases) -> list[ParcelCard]:
    """Return the cards of the parcels that were not called off, each with its items where the shop said which."""
    parcels = [parcel for parcel in found.parcels if not parcel.is_cancelled]
    lines = {line.external_id: line for line in found.lines}
    return [
        ParcelCard(
            title=words.say("Your package") if len(parcels) == 1 else words.say("Package {n} of {all}", n=number, all=len(parcels)),
            state=_state(Shipment.Status.DELIVERED if parcel.delivered_at or found.order.received_at else parcel.status, words),
            shipment=parcel,
            url=parcel.tracking_url if urlsplit(parcel.tracking_url).scheme in ("http", "https") else "",
            source=estimates.source(parcel.said),
            lines=[lines[key] for key in parcel.lines if key in lines],
            scans=_scans(parcel, words),
        )
        for number, parcel in enumerate(parcels, start=1)
    ]


def _state(status: str, words: Phrases) -> str:
    return {
        Shipment.Status.PENDING.value: words.say("Label made"),
        Shipment.Status.IN_TRANSIT.value: words.say("On its way"),
        Shipment.Status.OUT_FOR_DELIVERY.value: words.say("Out for delivery"),
        Shipment.Status.READY.value: words.say("Ready to be picked up"),
        Shipment.Status.DELIVERED.value: words.say("Delivered"),
        Shipment.Status.FAILURE.value: words.say("Delivery failed"),
        Shipment.Status.RETURNED.value: words.say("Returned"),
    }[status]


def _scans(parcel: Shipment, words: Phrases) -> list[Scan]:
    newest = parcel.scans[: -_MOST_SCANS - 1 : -1]
    return [
        Scan(
            datetime.fromisoformat(at), words.say("Delivered") if status == Shipment.Status.DELIVERED else text or words.say("Seen"), place
        )
        for at, status, text, place in newest
        if text or place
    ]


def ask_link(store: Store, subject: str) -> str:
    """Return a mailto link to the shop, or nothing when it has no address."""
    address = store.reply_to or store.sender_email
    return f"mailto:{quote(address, safe='@+')}?subject={quote(subject, safe='')}" if address else ""
