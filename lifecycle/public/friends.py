"""Customers bring friends: their link, a page to share it from, and the page their friends land on. None of them needs a script.

A mail or a tracker leads to `bring`, by a token that is not to be passed on; the link that is stands at an address of its own. The landing
page says the same to everybody: whether somebody is a customer already is nobody's business.
"""

from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from customers import identity
from customers.models import Customer
from lifecycle.public import drawing, offer_days, preferences, tries
from lifecycle.public.days import Calendar
from lifecycle.public.door import SeeOther, find, opened_by, private, unknown
from offers import giving, wording
from offers.models import Advocate, Offer, Program, Referral
from offers.referral import joining, letters
from orders.models import Order
from stores import clock
from stores.models import Store
from stores.phrases import Phrases

#: What a query of rows of a store reads along.
_WITH_PROGRAM = ("store", *(f"store__{name}" for name in joining.PROGRAM))
State = Referral.State


@private
def bring(request: HttpRequest, token: str) -> HttpResponse:
    """Make somebody the link they pass on, or lead to it; the token is the customer's own or that of an order of theirs."""
    customer = _customer(token)
    if customer is None:
        return unknown(request)
    now = clock.read()
    program = joining.program_of(customer.store, now=now)
    words = drawing.words_of(request, customer.language, customer.store.language)
    if program is None:
        return _over(request, customer.store, words)
    held = Advocate.objects.filter(customer=customer, is_current=True).first()
    if request.method == "POST":
        held = joining.advocate(customer, now=now)
    if held:
        return SeeOther(reverse("public:share", args=[held.token]))
    return drawing.draw(request, "public/bring.html", customer.store, words, terms(program, words))


@opened_by(lambda: Advocate.objects.filter(customer__erased_at=None).select_related("customer", *_WITH_PROGRAM))
def share(request: HttpRequest, by: Advocate) -> HttpResponse:
    """Show somebody the link they pass on, and what came of it."""
    store, program = by.store, joining.program_of(by.store, now=clock.read())
    words = drawing.words_of(request, by.customer.language, store.language)
    if program is None:
        return _over(request, store, words)
    link = settings.PUBLIC_URL + reverse("public:friend", args=[by.token])
    counts = Referral.objects.filter(by=by.customer_id).aggregate(
        coming=Count("pk", filter=Q(state=State.ORDERED)), rewarded=Count("pk", filter=Q(state=State.REWARDED))
    )
    context = {**terms(program, words), "link": link, "ways": _ways(program, link, words), **counts}
    return drawing.draw(request, "public/share.html", store, words, context)


@opened_by(lambda: Advocate.objects.filter(customer__erased_at=None).select_related("customer", *_WITH_PROGRAM))
def friend(request: HttpRequest, by: Advocate) -> HttpResponse:
    """Take the address of a friend, who gets a code of their own by mail."""
    store, now = by.store, clock.read()
    program, words = joining.program_of(store, now=now), drawing.words_of(request, store.language)
    offer = program.friend_offer if program else None
    if offer is None or not store.sender_email or not giving.with_code([offer], now=now):
        return _over(request, store, words)
    email, problem = "", ""
    if request.method == "POST":
        email = request.POST.get("email", "").strip()[:320]
        problem = _problem(request, by, email, words)
        if not problem:
            joining.take(by, email, now=now)
            return SeeOther(f"{request.path}?{urlencode({'to': preferences.masked(email)})}")
    context = {
        "token": by.token, "name": letters.called(by.customer), "problem": problem, "email": email,
        "calendar": Calendar(now, ZoneInfo(store.timezone), words), "until": giving.deadline(offer, now=now),
        "launch": giving.launch(offer, now=now), "value": wording.given(offer.value, store.currency, words),
        "terms": wording.terms(giving.terms_of([offer])[offer.pk], words), "sent_to": request.GET.get("to", "")[:320],
    }  # fmt: skip
    return drawing.draw(request, "public/friend.html", store, words, context, status=422 if problem else 200)


@require_safe
@opened_by(lambda: Advocate.objects.filter(customer__erased_at=None).select_related(*_WITH_PROGRAM))
def calendar(request: HttpRequest, by: Advocate) -> HttpResponse:
    """Answer the beginning of what a friend gets, where it is still to come, for a calendar."""
    now = clock.read()
    program = joining.program_of(by.store, now=now)
    offer = program.friend_offer if program else None
    if offer is None or giving.launch(offer, now=now) is None:
        return unknown(request)
    words, promise = drawing.words_of(request, by.store.language), giving.promise(offer, code="", now=now)
    return offer_days.answer(promise, by.store, words, uid=by.token, now=now)


def _customer(token: str) -> Customer | None:
    if customer := find(Customer.objects.filter(erased_at=None).select_related(*_WITH_PROGRAM), token):
        return customer
    order = find(Order.objects.filter(customer__erased_at=None).select_related("customer__store"), token)
    return order.customer if order else None


def terms(program: Program, words: Phrases) -> dict[str, Any]:
    """Return what a template needs to say what there is to get."""
    gives, gets = (_value(offer, program, words) for offer in (program.friend_offer, program.reward_offer))
    return {"gives": gives, "gets": gets, "days": words.say_many(program.wait_days, "{n} day", "{n} days")}


def _value(offer: Offer | None, program: Program, words: Phrases) -> str:
    return wording.given(offer.value, program.store.currency, words) if offer else ""


def _over(request: HttpRequest, store: Store, words: Phrases) -> HttpResponse:
    return drawing.draw(request, "public/friends_over.html", store, words, {})


def _problem(request: HttpRequest, by: Advocate, email: str, words: Phrases) -> str:
    if identity.email_key(email) is None:
        return words.say("Write the whole e-mail address, such as ana@example.com.")
    if tries.refused_until(request, f"friend:{by.pk}", now=clock.read()):
        return words.say("That was too often for now. Try again in a quarter of an hour.")
    return ""


def _ways(program: Program, link: str, words: Phrases) -> dict[str, str]:
    """Return the addresses that open a letter to a friend, and a message, written but for whom it goes to."""
    said: dict[str, Any] = {"value": _value(program.friend_offer, program, words), "shop": program.store.name}
    subject = words.say("{value} for you at {shop}", **said)
    body = words.say("I like what I got at {shop}. This is for your first order there, {value}:", **said) + f"\n\n{link}\n"
    return {"letter": f"mailto:?subject={quote(subject)}&body={quote(body)}", "message": f"https://wa.me/?text={quote(body)}"}
