"""The page after the order, for any shop: linked to, or in a frame on the shop's own page.

The shop names the order and signs its number with the store's key, for the page may come before the order does. Without a signature
it says nothing of any order. No session and no cookie is read, which browsers keep from frames: the signature is all the authority.
"""

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from customers import events, identity
from customers.models import Customer, Event
from lifecycle.public import days, drawing, embedding, friends, preferences, sign_up, tries
from lifecycle.public.door import SeeOther, private, unknown
from offers.referral import joining
from orders import facts, ingest
from orders.incoming import CustomerData
from orders.models import Order
from stores import clock, tokens
from stores.models import Store
from stores.phrases import Phrases, marked

QUESTION = marked("What made you buy today?")
ANSWERS = {
    "before": marked("I have bought here before"),
    "friend": marked("A friend told me"),
    "search": marked("I looked for it and found you"),
    "social": marked("I saw it online"),
    "mail": marked("A mail from you"),
    "gift": marked("I needed a gift"),
    "other": marked("Something else"),
}
_SURVEY = "why-bought"


@dataclass(frozen=True)
class Visit:
    """Who looks at the page: their order, if its number is signed and it has come."""

    store: Store
    number: str
    is_signed: bool
    order: Order | None

    def address(self, said: str, asked: QueryDict) -> str:
        query = {name: asked[name] for name in ("order", "key", "framed", drawing.CHOICE) if name in asked} | {"said": said}
        return f"{reverse('public:thanks', args=[self.store.slug])}?{urlencode(query)}"


@csrf_exempt
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@private
def page(request: HttpRequest, store: str) -> HttpResponse:
    visit = _visit(request, store)
    if visit is None:
        return unknown(request)
    order, shop = visit.order, visit.store
    words = drawing.words_of(request, *((order.customer.language, order.language) if order else ()), shop.language)
    if request.method == "POST":
        return SeeOther(visit.address(_take(request, visit, words), request.GET))
    context: dict[str, Any] = {
        "order": order,
        "number": visit.number if visit.is_signed else "",
        "is_awaited": visit.is_signed and order is None,
        "usual": days.usually(facts.usual_of(order, shop, order.shipments.all()), words) if order else "",
        "address": preferences.masked(order.customer.email) if order else "",
        "question": QUESTION,
        "answers": ANSWERS.items() if order and not _has_answered(order) else (),
        "gets": sign_up.wording(shop, words),
        "may_sign_up": bool(shop.sender_email) and not (order and order.customer.marketing == "subscribed"),
        "program": (program := joining.program_of(shop, now=clock.read()) if order else None),
        **(friends.terms(program, words) if program else {}),
        "said": request.GET.get("said", ""),
        "query": request.GET.urlencode(),
    }
    return drawing.draw(request, "public/thanks.html", shop, words, context)


@require_safe
def kit(request: HttpRequest, store: str) -> HttpResponse:
    """Answer the script that puts the page into a frame where it stands in the shop's page."""
    if not Store.objects.filter(slug=store).exists():
        return unknown(request)
    return embedding.script(
        reverse("public:thanks", args=[store]), ("order", "key", drawing.CHOICE), title="Thank you for your order", height="40rem"
    )


def _visit(request: HttpRequest, slug: str) -> Visit | None:
    store = Store.objects.select_related(*joining.PROGRAM).filter(slug=slug).first()
    if store is None:
        return None
    number, key = (request.GET.get(name, "").strip()[:120] for name in ("order", "key"))
    is_signed = bool(number) and hmac.compare_digest(tokens.signature(store.thanks_key, number).encode(), key.lower().encode())
    named = Q(number__in=[number, f"#{number}"]) | Q(external_id=number)
    orders = Order.objects.filter(named, store=store, customer__erased_at=None).select_related("customer")
    order = orders.order_by("-placed_at").first() if is_signed else None
    if order:
        order.store = store
    return Visit(store, number, is_signed, order)


def _take(request: HttpRequest, visit: Visit, words: Phrases) -> str:
    """Take an answer or a wish for mails; return the word for what became of it."""
    now, said = clock.read(), request.POST.get("answer", "")
    if tries.refused_until(request, f"thanks:{visit.store.pk}:{visit.number or request.POST.get('email', '')}", now=now):
        return "often"
    if visit.order and said in ANSWERS:
        order = visit.order
        data = {"order": order.pk, "number": str(order), "survey": _SURVEY, "question": QUESTION, "words": ANSWERS[said]}
        events.record(order.customer, Event.Kind.ANSWER_GIVEN, at=now, key=_answer_key(order), now=now, data=data)
        return "answered"
    if "sign_up" not in request.POST:
        return ""
    if visit.order:
        sign_up.ask(visit.store, visit.order.customer, words, now=now)
        return "asked"
    email = request.POST.get("email", "").strip()[:320]
    if identity.email_key(email) is None:
        return "no-address"
    ingest.upsert_customer(visit.store, CustomerData(email=email), now=now)
    customer = Customer.objects.filter(store=visit.store, email_key=identity.email_key(email), erased_at=None).first()
    if customer:
        sign_up.ask(visit.store, customer, words, now=now)
    return "asked"


def _answer_key(order: Order) -> str:
    return f"{Event.Kind.ANSWER_GIVEN}:{_SURVEY}:{order.pk}"


def _has_answered(order: Order) -> bool:
    return Event.objects.filter(store_id=order.store_id, key=_answer_key(order)).exists()
