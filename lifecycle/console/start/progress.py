"""How far a store's set-up is: five steps, each with its state in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from campaigns.models import Flow
from campaigns.recipes import post_purchase
from integrations.models import Connection
from lifecycle.console.start import memory
from orders.models import Order
from stores.access import StoreRequest, may
from stores.models import Membership, Store

OWNER, MARKETER = Membership.Role.OWNER, Membership.Role.MARKETER


@dataclass(frozen=True)
class Stage:
    """One step of the set-up: `says` is its state in a sentence, `action` what its button does; `is_next` is the first undone one."""

    key: str
    name: str
    says: str
    action: str
    address: str
    is_done: bool
    is_open: bool
    is_next: bool = False


@dataclass(frozen=True)
class Progress:
    """All steps in order."""

    stages: tuple[Stage, ...]

    @property
    def done(self) -> int:
        return sum(stage.is_done for stage in self.stages)

    @property
    def upcoming(self) -> Stage | None:
        return next((stage for stage in self.stages if stage.is_next), None)


def card(request: StoreRequest, flows: Iterable[Flow], *, now: datetime) -> Progress | None:
    """Return the progress for the home page's card: none for those who cannot set up, once the flow is live, or until tomorrow."""
    if not may(request.membership, MARKETER) or memory.is_put_off(request, now=now):
        return None
    flow = next((each for each in flows if each.key == post_purchase.KEY), None)
    return None if flow and flow.state != Flow.State.DRAFT else of(request, flow)


def flow_of(store: Store) -> Flow | None:
    return Flow.objects.select_related("version").filter(store=store, key=post_purchase.KEY).first()


def of(request: StoreRequest, flow: Flow | None, *, has_orders: bool = False) -> Progress:
    """Return how far the request's store is; `flow` is its post-purchase flow, `has_orders` what is known of orders already."""
    store, known = request.store, memory.recall(request)
    has_orders = has_orders or Order.objects.filter(store=store).exists()
    connection = None if has_orders else Connection.objects.filter(store=store, uninstalled_at=None).order_by("-last_event_at").first()
    has_test = bool(known.get("test_at"))
    is_live = flow is not None and flow.state != Flow.State.DRAFT
    seen = bool(known.get("seen")) or has_test or is_live
    activate = _at("activate", store) if flow else ""
    rows = (
        ("source", "Source", _source_words(has_orders, connection), "Choose a source", _at("source", store), has_orders, OWNER),
        ("brand", "Brand", _brand_words(store), "Fill in the brand", _at("brand", store), is_branded(store), OWNER),
        ("mails", "The five mails", _mails_words(flow, seen), "Look at the five mails", _at("preview", store), seen, MARKETER),
        ("test", "Test", _test_words(has_test), "Send yourself a test", _at("test", store), has_test, MARKETER),
        ("activate", "Activate", _live_words(flow), "Review and activate", activate, is_live, MARKETER),
    )
    upcoming = next((row[0] for row in rows if not row[5] and may(request.membership, row[6])), "")
    return Progress(
        tuple(Stage(*row[:6], is_open=bool(row[4]) and may(request.membership, row[6]), is_next=row[0] == upcoming) for row in rows)
    )


def is_branded(store: Store) -> bool:
    return bool(store.sender_email and store.postal_address)


def _at(name: str, store: Store) -> str:
    return reverse(f"console:start_{name}", args=[store.slug])


def _source_words(has_orders: bool, connection: Connection | None) -> str:
    if has_orders:
        return "Orders are here."
    if connection is None:
        return "Connect your shop, upload a file, or try it with demo data."
    return "Connected; no order yet." if connection.last_event_at else "Connected; waiting for the first delivery."


def _brand_words(store: Store) -> str:
    if not store.sender_email:
        return "Who writes, from which address, in which colour."
    return f"Mails come from {store.sender_name or store.name}." if store.postal_address else "The postal address is missing."


def _mails_words(flow: Flow | None, seen: bool) -> str:
    if flow is None:
        return "Five mails from the order to the thank-you, ready to go."
    return "You have looked at them." if seen else "See what a customer gets, with a real order."


def _test_words(has_test: bool) -> str:
    return "You have sent yourself the five mails." if has_test else "All five to you now. It counts nothing."


def _live_words(flow: Flow | None) -> str:
    if flow is not None and flow.state == Flow.State.WATCHING:
        return "It only watches: no customer gets a mail."
    return "The mails go out." if flow is not None and flow.state != Flow.State.DRAFT else "See whom each mail reaches, then switch it on."
