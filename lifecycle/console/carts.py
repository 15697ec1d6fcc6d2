"""Carts: what lies in them, what they are worth, whether a mail went, and which were bought after all."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.http import HttpResponse

from campaigns.models import Flow, StepRun
from campaigns.occasions import carts
from customers.models import Event
from lifecycle.console import paging, tabs
from lifecycle.console.answer import shown
from orders.models import Cart
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store

#: The tabs of the list: ?state=, the label, the condition.
STATES: dict[str, tuple[str, Q]] = {
    "": ("Open", Q(completed_at=None, recovered_at=None)),
    "left": ("Left behind", Q(completed_at=None, recovered_at=None, abandoned_at__isnull=False)),
    "back": ("Bought after all", Q(recovered_at__isnull=False)),
}
_LATELY = timedelta(days=30)


@page()
def index(request: StoreRequest) -> HttpResponse:
    state, now, store = request.GET.get("state", ""), clock.read(), request.store
    state = state if state in STATES else ""
    every = Cart.objects.filter(store=store, updated_at__gt=now - _LATELY)
    found = every.filter(STATES[state][1])
    listed = paging.page(found.select_related("customer"), request, by="-updated_at")
    count = paging.counted(found)
    context = {
        "section": "flows", "now": now, "page": listed, "count": count, "heard": paging.heard(count, "cart"), "state": state,
        "rows": list(zip(listed.rows, _mails(listed.rows, store), strict=True)),
        "tabs": tabs.of(request, "state", [(key, label) for key, (label, _) in STATES.items()], state), "tabs_label": "Carts by state",
        "figures": every.aggregate(
            open=Count("pk", filter=STATES[""][1]),
            left=Count("pk", filter=Q(abandoned_at__isnull=False)),
            back=Count("pk", filter=STATES["back"][1]),
            worth=Sum("total_minor", filter=STATES[""][1] & Q(currency=store.currency)),
            brought=Sum("total_minor", filter=STATES["back"][1] & Q(currency=store.currency)),
        ),
        "currency": store.currency, "hours": store.cart_quiet_hours, "credited": carts.CREDITED.days,
        "has_flow": Flow.objects.filter(store=store, version__trigger=Event.Kind.CART_ABANDONED).exclude(state=Flow.State.DRAFT).exists(),
    }  # fmt: skip
    return shown(request, "console/carts.html", context, part="console/_carts.html")


def _mails(rows: Sequence[Cart], store: Store) -> list[StepRun | None]:
    """Return the latest step about each cart; it hangs on the passage that the cart's event began."""
    ids = [cart.pk for cart in rows]
    began = dict(
        Event.objects.filter(store=store, kind=Event.Kind.CART_ABANDONED, customer__in=[c.customer_id for c in rows], data__cart__in=ids)
        .order_by("pk")
        .values_list("pk", "data__cart")
    )
    keys = {f"event:{pk}": cart for pk, cart in began.items()}
    runs = StepRun.objects.filter(store=store, enrollment__entry_key__in=keys).select_related("enrollment", "message").order_by("pk")
    latest = {keys[run.enrollment.entry_key]: run for run in runs}
    return [latest.get(pk) for pk in ids]
