"""Finding an order by its number and the address it was placed with; and a link to all of them by mail.

Nobody learns from it whether an order or an address exists: what does not match as a pair is one answer, after the same questions to the
database, and the mail is promised alike to every address.
"""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from customers import identity
from customers.models import Customer
from lifecycle.public import drawing, my_orders, tracker, tries
from lifecycle.public.days import Calendar
from lifecycle.public.door import SeeOther, private, unknown
from orders.models import Order
from stores import clock
from stores.models import Store
from stores.phrases import Phrases

_LONGEST = 320


@dataclass
class Asked:
    """What was typed, what is wrong with it by field, and when to try again if that is not now."""

    words: Phrases
    number: str = ""
    email: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    again_at: datetime | None = None

    @property
    def status(self) -> int:
        return 429 if self.again_at else 422 if self.errors else 200


@private
def page(request: HttpRequest, store: str) -> HttpResponse:
    shop = Store.objects.filter(slug=store).first()
    if shop is None:
        return unknown(request)
    words = drawing.words_of(request, shop.language)
    asked = Asked(words)
    if request.method == "POST":
        number, email = (request.POST.get(name, "").strip()[:_LONGEST] for name in ("number", "email"))
        asked = Asked(words, number, email)
        is_by_mail = "by_mail" in request.POST and bool(shop.sender_email)
        leads_to = _by_mail(request, shop, asked) if is_by_mail else _to_tracker(request, shop, asked)
        if leads_to:
            return SeeOther(leads_to)
    response = drawing.draw(request, "public/lookup.html", shop, words, _context(request, shop, asked), status=asked.status)
    if asked.again_at:
        response["Retry-After"] = str(tries.SECONDS)
    return response


def _to_tracker(request: HttpRequest, store: Store, asked: Asked) -> str:
    """Return the address of the order's tracker, or nothing."""
    key = _key_of(asked)
    if not asked.number:
        asked.errors["number"] = asked.words.say("Write the order number. It stands in the shop’s mails about the order.")
    if asked.errors or _is_too_often(request, store, key, asked):
        return ""
    bare = asked.number.lstrip("#").strip()
    names = [bare, f"#{bare}", bare.upper(), f"#{bare.upper()}"]
    named = Q(number__in=names) | Q(number="", external_id__in=names)
    found = Order.objects.filter(named, store=store, customer__email_key=key).order_by("-placed_at").first()
    if found is None:
        asked.errors["pair"] = asked.words.say(
            "We found no order with this number and this e-mail address together. Check both for a slip."
        )
        return ""
    return reverse("public:tracker", args=[found.token])


def _by_mail(request: HttpRequest, store: Store, asked: Asked) -> str:
    """Mail the link to all orders, if there is anybody to mail it to; return the address that says so."""
    key = _key_of(asked)
    if asked.errors or _is_too_often(request, store, key, asked):
        return ""
    customer = Customer.objects.filter(store=store, email_key=key, erased_at=None).first()
    my_orders.send_link(store, customer, asked.words, now=clock.read())
    return f"{reverse('public:lookup', args=[store.slug])}?mailed"


def _key_of(asked: Asked) -> str:
    key = identity.email_key(asked.email) if asked.email else None
    if key is None:
        asked.errors["email"] = asked.words.say("Write the whole e-mail address, such as ana@example.com.")
    return key or ""


def _is_too_often(request: HttpRequest, store: Store, key: str, asked: Asked) -> bool:
    asked.again_at = tries.refused_until(request, f"lookup:{store.pk}:{key}", now=clock.read())
    return asked.again_at is not None


def _context(request: HttpRequest, store: Store, asked: Asked) -> dict[str, object]:
    return {
        "asked": asked,
        "again_at": asked.again_at,
        "calendar": asked.again_at and Calendar(asked.again_at, ZoneInfo(store.timezone), asked.words),
        "ask": tracker.ask_link(store, asked.words.say("Where is my order?")),
        "is_mailed": "mailed" in request.GET and request.method != "POST",
        "by_mail": "by_mail" in request.POST,
        "may_mail": bool(store.sender_email),
    }
