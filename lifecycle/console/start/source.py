"""Where orders come from: a connection of one's own, Shopify, a file, or demo data to try it with."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from integrations import connections, trying
from integrations.models import Connection, InboxItem
from integrations.shopify import topics
from integrations.woocommerce import topics as woo_topics
from lifecycle import mail
from lifecycle.console.answer import see
from lifecycle.console.start import progress
from lifecycle.demo import into
from orders.models import Order
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

OWNER = Membership.Role.OWNER
Platform = Connection.Platform


@page(OWNER)
def show(request: StoreRequest) -> HttpResponse:
    """Offer the ways in, side by side, and demo data to those who only look."""
    is_caught = mail.scheme(settings.EMAIL_URL) in mail.CAUGHT
    return _page(request, "source", {"section": "home", "now": clock.read(), "is_caught": is_caught})


@page(OWNER)
def connect(request: StoreRequest) -> HttpResponse:
    """Show the generic connection and its last delivery; POST makes it, or gives it a new secret, which is shown on that answer alone."""
    context = _opened(request, Platform.GENERIC)
    if connection := context["connection"]:
        context["command"] = trying.command(connection, address=context["address"])
    return _page(request, "connect", context)


@page(OWNER)
def woocommerce(request: StoreRequest) -> HttpResponse:
    """Show the address and secret that WooCommerce's webhooks need, and which of them to make."""
    return _page(request, "woocommerce", {**_opened(request, Platform.WOOCOMMERCE), "topics": woo_topics.WORDS})


def _opened(request: StoreRequest, platform: str) -> dict[str, Any]:
    """Return a connection with its address and last delivery; POST makes it, or renews its secret, which stands there that once."""
    now, secret = clock.read(), ""
    connection = _connection(request, platform)
    if request.method == "POST" and connection is None:
        connection, secret = connections.create(request.store, platform=platform, now=now)
    elif request.method == "POST" and connection is not None and "renew" in request.POST:
        secret = connections.rotate(connection)
    address = settings.PUBLIC_URL + connection.path if connection else ""
    return {"section": "home", "now": now, "connection": connection, "secret": secret, "last": _last(connection), "address": address}


@page(OWNER)
def shopify(request: StoreRequest) -> HttpResponse:
    """Take the secret that Shopify shows, and say which of its webhooks to point here."""
    now, problem = clock.read(), ""
    connection = _connection(request, Platform.SHOPIFY)
    if request.method == "POST":
        given = request.POST.get("secret", "").strip()
        problem = "" if given else "Paste the secret that Shopify shows beside its webhooks."
        if given and connection is None:
            connections.create(request.store, platform=Platform.SHOPIFY, now=now, secret=given)
        elif given and connection is not None:
            connections.rotate(connection, secret=given)
        if given:
            messages.success(request, "The secret is kept. Now point Shopify’s webhooks at the address below.")
            return see("console:start_shopify", request.store.slug)
    context = {
        "section": "home", "now": now, "connection": connection, "problem": problem, "topics": topics.WORDS, "last": _last(connection),
        "address": settings.PUBLIC_URL + connection.path if connection else "",
    }  # fmt: skip
    return _page(request, "shopify", context, status=422 if problem else 200)


@require_POST
@page(OWNER)
def try_connection(request: StoreRequest) -> HttpResponse:
    connection = _connection(request, Platform.GENERIC)
    if connection is None:
        messages.error(request, "There is no connection yet. Make one, then send a test order.")
        return see("console:start_source", request.store.slug)
    trying.send_order(connection, now=clock.read())
    messages.success(request, "A test order is on its way through the same door your shop uses.")
    return see("console:start_connect", request.store.slug)


@require_POST
@page(OWNER)
def load_demo(request: StoreRequest) -> HttpResponse:
    """Fill an empty store with demo products and orders; a store with orders of its own is left alone."""
    if Order.objects.filter(store=request.store).exists():
        messages.error(request, "This store has orders already. Demo data goes into empty stores only.")
        return see("console:start_source", request.store.slug)
    is_caught = mail.scheme(settings.EMAIL_URL) in mail.CAUGHT
    count = into.fill(request.store, now=clock.read(), as_history=not is_caught)
    messages.success(request, f"{count} demo orders are here, with their products, tips and parcels.")
    return see("console:start_brand", request.store.slug)


def _connection(request: StoreRequest, platform: str) -> Connection | None:
    """Return the store's newest connection to a platform."""
    found = Connection.objects.select_related("store").filter(store=request.store, platform=platform, uninstalled_at=None)
    return found.order_by("-id").first()


def _last(connection: Connection | None) -> InboxItem | None:
    return InboxItem.objects.filter(connection=connection).order_by("-id").first() if connection else None


def _page(request: StoreRequest, name: str, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    """Draw one of the source's pages, the steps of the set-up above it."""
    setup = progress.of(request, progress.flow_of(request.store))
    return render(request, f"console/start/{name}.html", {**context, "setup": setup, "stage": "source"}, status=status)
