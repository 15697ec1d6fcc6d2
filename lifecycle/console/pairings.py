"""What goes well with what: learned from the shop's baskets, chosen, or blocked. A person's word stands over what is learned."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from catalog.models import Pairing
from lifecycle.console import paging, tabs
from lifecycle.console.answer import back, shown
from predictions.models import Fit
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

MARKETER = Membership.Role.MARKETER
SHOWS = (("", "Suggested"), ("learned", "Learned"), ("said", "Chosen"), ("blocked", "Blocked"))


@page()
def index(request: StoreRequest) -> HttpResponse:
    """List a store's pairings, those of most buyers first."""
    query = request.GET.get("q", "").strip()[:200]
    show = request.GET.get("show", "")
    of_store = Pairing.objects.filter(store=request.store)
    found = of_store.filter(is_blocked=show == "blocked").filter(Q(product__title__icontains=query) | Q(suggested__title__icontains=query))
    found = found.filter(origin=show) if show in Pairing.Origin.values else found
    count = paging.counted(found)
    ahead = Q(rank__lt=OuterRef("rank")) | Q(rank=OuterRef("rank"), pk__lt=OuterRef("pk"))
    ahead_of = Pairing.objects.filter(ahead, product=OuterRef("product"), is_blocked=False)
    rows = found.select_related("product", "suggested").annotate(is_first=~Exists(ahead_of))
    context = {
        "section": "products", "now": clock.read(), "page": paging.page(rows, request, by="-buyers"), "count": count,
        "heard": paging.heard(count, "pairing"), "query": query, "show": show, "clear": tabs.without(request, "q", "show"),
        "chips": tabs.of(request, "show", SHOWS, show if show in dict(SHOWS) else ""), "chips_label": "Pairings by where they come from",
        "learning": Fit.objects.filter(store=request.store, kind=Fit.Kind.BASKETS).first(),
    }  # fmt: skip
    return shown(request, "console/pairings.html", context, part="console/_pairings.html")


@require_POST
@page(MARKETER)
def choose(request: StoreRequest, pk: int) -> HttpResponse:
    """Make a pairing the shop's own, ahead of whatever else its product suggests."""
    with transaction.atomic():
        pairing = _one(request, pk)
        Pairing.objects.filter(product=pairing.product, origin=Pairing.Origin.SAID).update(rank=F("rank") + 1)
        pairing.origin, pairing.rank, pairing.is_blocked = Pairing.Origin.SAID, 1, False
        pairing.save(update_fields=["origin", "rank", "is_blocked"])
    messages.success(request, f"{pairing.suggested} comes first now for who buys {pairing.product}, whatever is learned.")
    return back(request, "console:pairings", request.store.slug)


@require_POST
@page(MARKETER)
def block(request: StoreRequest, pk: int) -> HttpResponse:
    """Never suggest it, or suggest it again."""
    pairing = _one(request, pk)
    pairing.is_blocked = "again" not in request.POST
    pairing.save(update_fields=["is_blocked"])
    words = "is not suggested any more" if pairing.is_blocked else "is suggested again"
    messages.success(request, f"{pairing.suggested} {words} with {pairing.product}.")
    return back(request, "console:pairings", request.store.slug)


def _one(request: StoreRequest, pk: int) -> Pairing:
    return get_object_or_404(Pairing.objects.select_related("product", "suggested"), store=request.store, pk=pk)
