"""Being reminded of a cart later: a day to pick, and nothing else. The page itself changes nothing; the button does."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from lifecycle.public import drawing
from lifecycle.public.days import Calendar
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
        return _shown(request, cart, is_wrong=True)
    remembering.later(cart, days=days, now=clock.read())
    return SeeOther(reverse("public:later", args=[cart.token]))


def _shown(request: HttpRequest, cart: Cart, *, is_wrong: bool = False) -> HttpResponse:
    words = drawing.words_of(request, cart.customer.language if cart.customer else "", cart.store.language)
    context = {
        "cart": cart, "choices": remembering.CHOICES.items(), "is_wrong": is_wrong,
        "is_bought": bool(cart.completed_at or cart.recovered_at),
        "calendar": Calendar(clock.read(), remembering.zone_of(cart), words),
    }  # fmt: skip
    return drawing.draw(request, "public/later.html", cart.store, words, context, status=422 if is_wrong else 200)
