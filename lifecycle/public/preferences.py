"""The preference page: which kinds of mail a customer wants, opened by the customer's token."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from customers import consent
from customers.models import Customer
from lifecycle.public import brand
from lifecycle.public.door import SeeOther, opened_by
from stores import clock
from stores.models import Store

_SOURCE = "preference page"
_WORDING = {
    consent.Topic.MARKETING.value: "Offers and news: what goes with what you bought, a thank-you now and then",
    consent.Topic.SERVICE.value: "Help with what you bought: tips before it arrives, and one question after",
}


@opened_by(lambda: Customer.objects.filter(erased_at=None).select_related("store"))
def page(request: HttpRequest, customer: Customer) -> HttpResponse:
    held = chosen(customer, customer.store)
    if request.method == "POST":
        _change(customer, held=held, wanted={topic: request.POST.get(topic) == "on" for topic in held})
        return SeeOther(reverse("public:preferences", args=[customer.token]) + "?saved=1")
    context = {
        "store": customer.store,
        "brand": brand.name(customer.store.brand_color),
        "customer_token": customer.token,
        "address": masked(customer.email),
        "is_saved": "saved" in request.GET,
        **held,
    }
    return render(request, "public/preferences.html", context)


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
