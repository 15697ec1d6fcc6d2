"""Being reminded of a cart later: a day to pick, and nothing else. The page itself changes nothing; the button does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lifecycle.public import brand
from lifecycle.public.door import SeeOther, opened_by
from orders import remembering
from orders.models import Cart
from stores import clock


@opened_by(lambda: Cart.objects.select_related("store", "customer"))
def page(request: HttpRequest, cart: Cart) -> HttpResponse:
    if request.method == "POST":
        return _take(request, cart)
    return _shown(request, cart)


def _take(request: HttpRequest, cart: Cart) -> HttpResponse:
    said = request.POST.get("days", "")
    days = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else -1
    if days and days not in remembering.CHOICES:
        return _shown(request, cart, error="Choose one of the three days.")
    remembering.later(cart, days=days, now=clock.read())
    return SeeOther(reverse("public:later", args=[cart.token]))


def _shown(request: HttpRequest, cart: Cart, *, error: str = "") -> HttpResponse:
    store = cart.store
    context = {
        "store": store, "brand": brand.name(store.brand_color), "cart": cart, "choices": remembering.CHOICES.items(), "error": error,
        "is_bought": bool(cart.completed_at or cart.recovered_at), "zone": remembering.zone_of(cart),
    }  # fmt: skip
    return render(request, "public/later.html", context, status=422 if error else 200)
