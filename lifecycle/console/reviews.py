"""Reviews as they come in: read, then shown or hidden for a reason, and answered in public. Whatever is decided can be decided anew."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.models import Product
from lifecycle.console import paging, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import back, shown
from stores import clock, pictures
from stores.access import StoreRequest, page
from stores.models import Membership
from surveys import published, reviews
from surveys.models import Review, ReviewPhoto

State = Review.State
#: The tabs of the list: ?state=, the label, and what an empty tab says.
STATES: dict[str, tuple[str, str, str]] = {
    "": ("Waiting", "No review waits", "It is asked for a week after the parcel. What comes in stands here until somebody has read it."),
    "shown": ("Shown", "None is shown yet", "What you show stands here, on the pages you put them on, and under /api/v1/reviews."),
    "hidden": ("Hidden", "None is hidden", "Only what breaks a rule is hidden. Few stars are no reason."),
}  # fmt: skip


@page()
def index(request: StoreRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    found = Review.objects.filter(store=request.store, given_at__isnull=False, state=state or State.WAITING)
    photos = Prefetch("photos", ReviewPhoto.objects.defer("content"))
    listed = paging.page(found.select_related("customer", "order", "product").prefetch_related(photos), request, by="-given_at", size=20)
    count = paging.counted(found)
    _, nothing, why = STATES[state]
    context = {
        "section": "reviews", "now": clock.read(), "page": listed, "count": count, "heard": paging.heard(count, "review"), "state": state,
        "tabs": tabs.of(request, "state", [(key, label) for key, (label, *_) in STATES.items()], state), "tabs_label": "Reviews by state",
        "nothing": nothing, "why": why, "reasons": Review.Hidden.choices,
    }  # fmt: skip
    return shown(request, "console/reviews.html", context, part="console/_reviews.html")


@require_POST
@page(Membership.Role.SUPPORT)
def act(request: StoreRequest, pk: int, verb: str) -> HttpResponse:
    """Show, hide, put back or answer one review."""
    review = get_object_or_404(Review.objects.select_related("order"), store=request.store, pk=pk, given_at__isnull=False)
    match verb:
        case "show":
            reviews.show(review)
            messages.success(request, f"Shown: the review of {review.title or review.order}.")
        case "hide" if (because := request.POST.get("because", "")) in Review.Hidden.values:
            reviews.hide(review, because=because)
            messages.success(request, f"Hidden, because {review.reason}.")
        case "hide":
            messages.error(request, "Choose why it is hidden. Few stars are no reason.")
        case "wait":
            reviews.wait(review)
            messages.success(request, "It waits again.")
        case "answer":
            text = request.POST.get("text", "").strip()[:4000]
            reviews.answer(review, text=text, by=person(request), now=clock.read())
            messages.success(request, "Your answer stands under the review." if text else "The answer is gone.")
        case _:
            raise Http404
    return back(request, "console:reviews", request.store.slug)


@page()
def photo(request: StoreRequest, pk: int, photo: int) -> HttpResponse:
    """Answer a picture that stands beside a review, shown or not."""
    found = get_object_or_404(ReviewPhoto, store=request.store, review=pk, pk=photo)
    return HttpResponse(bytes(found.content), content_type=pictures.TYPES[found.kind], headers={"Cache-Control": "private, no-store"})


@page(Membership.Role.MARKETER)
def pages(request: StoreRequest) -> HttpResponse:
    """Say how a shop puts its reviews on its own pages, with the product that has the most as the example."""
    shown_ones = Count("reviews", filter=Q(reviews__state=State.SHOWN))
    most = Product.objects.filter(store=request.store).annotate(shown=shown_ones).order_by("-shown", "pk").first()
    address = settings.PUBLIC_URL + reverse("public:reviews", args=[request.store.slug])
    own = most.external_id if most else "PRODUCT ID"
    context = {
        "section": "reviews", "now": clock.read(), "address": address, "product": most, "own": own,
        "count": published.standing(request.store).count,
        "script": f'<script src="{address}kit.js" data-product="{own}" async></script>',
        "frame": f'<iframe src="{address}?framed=1&product={own}" title="Reviews"></iframe>',
    }  # fmt: skip
    return render(request, "console/review_pages.html", context)
