"""The preference page: which kinds of mail a customer wants, whether to go on, and their birthday; opened by the customer's token."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from campaigns.occasions import listening
from customers import consent, events, traits
from customers.models import Customer
from lifecycle.public import brand
from lifecycle.public.door import SeeOther, opened_by
from stores import clock
from stores.models import Store

_SOURCE = "preference page"
_RENEWED = "Yes, keep writing"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORDING = {
    consent.Topic.MARKETING.value: "Offers and news: what goes with what you bought, a thank-you now and then",
    consent.Topic.SERVICE.value: "Help with what you bought: tips before it arrives, and one question after",
}


@opened_by(lambda: Customer.objects.filter(erased_at=None).select_related("store"))
def page(request: HttpRequest, customer: Customer) -> HttpResponse:
    held = chosen(customer, customer.store)
    if request.method == "POST" and "renew" in request.POST:
        consent.renew(customer, source=_SOURCE, wording=_RENEWED, now=clock.read())
        return SeeOther(reverse("public:preferences", args=[customer.token]) + "?saved=1")
    asks_birthday = listening.stores(events.Kind.CUSTOMER_BIRTHDAY).filter(pk=customer.store_id).exists()
    if request.method == "POST":
        if asks_birthday and not _take_birthday(request, customer):
            error = "There is no such day. Choose both a day and a month, or neither."
            return render(request, "public/preferences.html", _context(request, customer, held, error=error), status=422)
        _change(customer, held=held, wanted={topic: request.POST.get(topic) == "on" for topic in held})
        return SeeOther(reverse("public:preferences", args=[customer.token]) + "?saved=1")
    return render(request, "public/preferences.html", _context(request, customer, held, asks_birthday=asks_birthday))


def _context(
    request: HttpRequest, customer: Customer, held: dict[str, bool], *, asks_birthday: bool = True, error: str = ""
) -> dict[str, object]:
    typed = request.POST if error else {"birth_day": customer.birth_day, "birth_month": customer.birth_month}
    return {
        "store": customer.store, "brand": brand.name(customer.store.brand_color), "customer_token": customer.token,
        "address": masked(customer.email), "is_saved": "saved" in request.GET, **held,
        "asks_to_renew": "renew" in request.GET and customer.marketing == Customer.Marketing.SUBSCRIBED,
        "asks_birthday": asks_birthday, "error": error, "days": range(1, 32), "months": list(enumerate(_MONTHS, start=1)),
        "birth_day": str(typed.get("birth_day") or ""), "birth_month": str(typed.get("birth_month") or ""),
    }  # fmt: skip


def _take_birthday(request: HttpRequest, customer: Customer) -> bool:
    """Keep the day and month that were chosen, or that none is; return False for no day of the calendar. The year is not asked."""
    day, month = request.POST.get("birth_day"), request.POST.get("birth_month")
    if day is None or month is None:
        return True
    try:
        found = traits.birthday(f"--{int(month):02d}-{int(day):02d}") if day or month else None
    except ValueError:
        return False
    chosen = found[1:] if found else (None, None)
    if chosen != (customer.birth_month, customer.birth_day):
        customer.birth_year, (customer.birth_month, customer.birth_day) = None, chosen
        customer.save(update_fields=["birth_year", "birth_month", "birth_day"])
    return True


def chosen(customer: Customer, store: Store) -> dict[str, bool]:
    """Say of each topic whether its mails go to the customer as things stand."""
    never_asked = customer.marketing == Customer.Marketing.NEVER
    return {
        consent.Topic.MARKETING.value: customer.marketing == Customer.Marketing.SUBSCRIBED or (never_asked and store.soft_opt_in),
        consent.Topic.SERVICE.value: customer.objected_to_service_at is None,
    }


def _change(customer: Customer, *, held: dict[str, bool], wanted: dict[str, bool]) -> None:
    """Write down what differs; a box left as it was says nothing new."""
    now = clock.read()
    for topic, is_wanted in wanted.items():
        if is_wanted != held[topic]:
            say = consent.grant if is_wanted else consent.withdraw
            say(customer, topic=topic, source=_SOURCE, wording=_WORDING[topic], now=now)


def masked(email: str) -> str:
    """Return an address that its owner knows again and nobody else learns: a•••@e•••.com."""
    name, _, domain = email.rpartition("@")
    ending = domain.rpartition(".")[2]
    return f"{name[:1]}•••@{domain[:1]}•••.{ending}" if name and domain else ""
