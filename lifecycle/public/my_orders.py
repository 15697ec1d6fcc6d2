"""All of a customer's orders on one page, opened by a link that only their own mailbox gets.

A tracker's link may have been passed on, so it opens one order only. The link to all of them is mailed to the customer's address, works
for a day, and no longer once the shop writes to another address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from customers import identity
from customers.models import Customer
from lifecycle.public import drawing, helping, tracker, tracking, tries
from lifecycle.public.days import Calendar
from lifecycle.public.door import SeeOther, find, opened_by, private, unknown
from messaging import asked_for
from messaging.models import Message
from orders.models import Order
from orders.tracked import Tracked
from stores import clock, money, phrases, tokens
from stores.models import Store
from stores.phrases import Phrases, marked

STEP = "my-orders"
_MOST = 200
_CONTENT = {
    "subject": marked("Your orders at {{ brand.name }}"),
    "preheader": marked("The link you asked for. It works for 24 hours."),
    "blocks": [
        {"kind": "heading", "text": marked("All your orders")},
        {
            "kind": "text",
            "text": marked("Here is the link you asked for: each of your orders, where it is, and what it cost. It works for 24 hours."),
        },
        {"kind": "button", "label": marked("See all my orders"), "url": "{{ orders_url }}"},
        {
            "kind": "text",
            "tone": "soft",
            "text": marked(
                "Whoever has this link sees your orders, so keep it to yourself. You did not ask for it? Then nothing has to be done."
            ),
        },
        {"kind": "signature", "text": marked("All the best,")},
    ],
}
_LETTER = asked_for.Letter(STEP, _CONTENT, timedelta(hours=24))


@dataclass(frozen=True)
class Row:
    """One order of the list: the tracker's own answer about it, in a few words."""

    order: Order
    total: str
    answer: tracking.Answer
    at_the_shop: helping.AtTheShop


@require_safe
@private
def page(request: HttpRequest, token: str) -> HttpResponse:
    now = clock.read()
    message = find(Message.objects.filter(step=STEP, use_by__gt=now).select_related("customer", "store"), token)
    if message is None or message.customer.email_key != identity.email_key(message.to_email):
        return unknown(request)
    store = message.store
    words = drawing.words_of(request, message.customer.language, store.language)
    calendar = Calendar(now, ZoneInfo(store.timezone), words)
    context = {
        "calendar": calendar,
        "rows": list(_rows(message.customer, store, calendar)),
        "ask": tracker.ask_link(store, words.say("My orders")),
        "until": message.use_by,
    }
    return drawing.draw(request, "public/my_orders.html", store, words, context)


def _rows(customer: Customer, store: Store, calendar: Calendar) -> Iterator[Row]:
    orders = Order.objects.filter(store=store, customer=customer).prefetch_related("lines", "shipments")
    for order in orders.order_by("-placed_at", "-id")[:_MOST]:
        order.store = store
        found = Tracked(calendar.now, order, list(order.lines.all()), list(order.shipments.all()))
        yield Row(
            order,
            money.show(order.total_minor, order.currency, calendar.words.language),
            tracking.answer(tracker.standing_of(found), calendar),
            helping.at_the_shop(order, is_private=True),
        )


@require_POST
@opened_by(lambda: Order.objects.select_related("store", "customer"))
def ask(request: HttpRequest, order: Order) -> HttpResponse:
    """Mail the link to whoever placed the order, whoever asks; the tracker says so in the same words however often."""
    now = clock.read()
    if not tries.refused_until(request, f"my-orders:{order.customer_id}", now=now):
        send_link(order.store, order.customer, tracker.words_of(request, order), now=now)
    return SeeOther(f"{reverse('public:tracker', args=[order.token])}?mailed#my-orders")


def send_link(store: Store, customer: Customer | None, words: Phrases, *, now: datetime) -> None:
    """Queue the mail, at most one a quarter of an hour; without a customer it is drawn all the same, so that nobody can tell.

    It speaks the customer's language, if that is known, else that of the page it was asked for on.
    """
    token = tokens.public_token()
    language = phrases.pick([customer.language if customer else ""], phrases.LANGUAGES) or words.language
    values = {"orders_url": settings.PUBLIC_URL + reverse("public:my-orders", args=[token])}
    key = f"{customer.pk if customer else ''}:{int(now.timestamp()) // tries.SECONDS}"
    asked_for.send(_LETTER, store, customer, values, language=language, key=key, now=now, token=token)
