"""The one registry of screens to go to and keys to press: the palette, the keyboard and its help page all read it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from stores.access import StoreRequest, may
from stores.models import Membership

OWNER, MARKETER, VIEWER = Membership.Role.OWNER, Membership.Role.MARKETER, Membership.Role.VIEWER


@dataclass(frozen=True)
class Screen:
    """A page of a store; `keys` are pressed one after the other, `also` are words it is found by."""

    name: str
    label: str
    keys: str = ""
    also: str = ""
    role: str = VIEWER


SCREENS = (
    Screen("home", "Home", "g h"),
    Screen("flows", "Flows", "g f", "automation journey timeline"),
    Screen("campaigns", "Campaigns", "g a", "newsletter broadcast one-off news launch"),
    Screen("calendar", "Calendar", "g l", "month plan fatigue"),
    Screen("customers", "Customers", "g c", "people contacts"),
    Screen("orders", "Orders", "g o", "parcels"),
    Screen("segments", "Segments", "g s", "groups lists audience champions vip lost"),
    Screen("answers", "Answers", "g v", "surveys check-in scores"),
    Screen("carts", "Carts", "", "abandoned checkout recovered"),
    Screen("reviews", "Reviews", "g r", "stars moderation"),
    Screen("inbox", "Inbox", "g i", "conversations enquiries questions replies support mail"),
    Screen("tasks", "Tasks", "g t", "to do"),
    Screen("messages", "Messages", "g m", "mails sent log"),
    Screen("groups", "Groups", "g g", "rfm recency frequency champions loyal at risk stages"),
    Screen("engagement", "Engagement", "g e", "actions value impact quadrant map advocates score"),
    Screen("deliverability", "Deliverability", "g d", "bounces complaints spam unsubscribed clicks"),
    Screen("products", "Products", "g p", "tips guides warranty returns"),
    Screen("pairings", "Pairings", "", "bought together related cross-sell goes well suggestions"),
    Screen("offers", "Offers", "", "codes coupons"),
    Screen("connections", "Connections", "", "webhooks shopify shop", OWNER),
    Screen("inputs", "What came in", "", "inputs failed webhooks", OWNER),
    Screen("keys", "API keys", "", "token api", OWNER),
    Screen("settings_desk", "Desk: hours and canned answers", "", "office hours macros inbound mail coupon limits", MARKETER),
    Screen("settings_domain", "Sending domain", "", "dns spf dkim dmarc", OWNER),
    Screen("settings", "Settings", "", "brand colour zone", OWNER),
)

#: What else the keyboard does, on every page of a store.
ACTS = (
    ("Ctrl K", "Find anything, or go to a screen (on a Mac: Cmd K)"),
    ("/", "Search in this list"),
    ("j", "Next row"),
    ("k", "Row before"),
    ("Enter", "Open the row"),
    ("r", "In a conversation: write the answer"),
    ("m", "In a conversation: give it to me"),
    ("e", "In a conversation: close it"),
    ("t", "On a step’s page: send me a test"),
    ("Ctrl Z", "In a flow’s editor: undo the last change (with Shift: do it again)"),
    ("Esc", "Close what is open"),
    ("?", "This list"),
)


def screens_like(request: StoreRequest, query: str) -> list[tuple[str, str, str]]:
    """Return address, label and keys of the screens a member may open, those found by the words."""
    words = query.lower()
    return [
        (reverse(f"console:{one.name}", args=[request.store.slug]), one.label, one.keys)
        for one in SCREENS
        if may(request.membership, one.role) and (words in one.label.lower() or (len(words) > 2 and words in one.also))
    ]


def show(request: HttpRequest) -> HttpResponse:
    """List the keys."""
    screens = [(one.keys, one.label) for one in SCREENS if one.keys]
    return render(request, "console/shortcuts.html", {"acts": ACTS, "screens": screens})
