"""What customers asked: the lists of conversations, how soon they are answered, and what recurs."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from enquiries import doors, figures
from enquiries.models import Attachment, Enquiry
from lifecycle.console import paging, tabs
from lifecycle.console.account import person
from lifecycle.console.answer import shown
from orders.models import OrderLine
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store, User

State = Enquiry.State
#: The tabs: ?view=, the label, how the list is ordered, and what an empty one says.
VIEWS: Mapping[str, tuple[str, str, str, str]] = {
    "": ("Open", "due_at", "Everybody has an answer", "What customers write stands here, the most urgent first."),
    "mine": ("Mine", "due_at", "Nothing waits for you", "What is given to you, or what you answered first, stands here."),
    "unassigned": ("Unassigned", "due_at", "Everything is given to somebody", "What nobody has taken on stands here."),
    "waiting": ("Waiting", "-last_at", "No customer is asked back", "Who was answered stands here for a week, then it is closed."),
    "snoozed": ("Snoozed", "snooze_until", "Nothing is put off", "What comes back by itself stands here."),
    "closed": ("Closed", "-last_at", "None closed yet", "What is done stands here, and what machines wrote."),
}
_COUNTED = ("", "mine", "unassigned", "waiting", "snoozed")


def of_view(view: str, user: User) -> Q:
    """Return the condition of a tab."""
    match view:
        case "mine":
            return Q(state=State.OPEN, assignee=user)
        case "unassigned":
            return Q(state=State.OPEN, assignee=None)
        case "waiting" | "snoozed" | "closed":
            return Q(state=view)
    return Q(state=State.OPEN)


@page()
def index(request: StoreRequest) -> HttpResponse:
    view = request.GET.get("view", "")
    view = view if view in VIEWS else ""
    query, now = request.GET.get("q", "").strip()[:200], clock.read()
    theirs = _found(request.store, query, request.GET.get("product", ""), now=now)
    found = theirs.filter(of_view(view, person(request)))
    label, by, title, text = VIEWS[view]
    counts = _counts(request.store, person(request))
    count = paging.counted(found)
    files = Attachment.objects.filter(message__enquiry=OuterRef("pk"))
    listed = found.select_related("customer", "order", "assignee", "offered").annotate(has_files=Exists(files))
    context = {
        "section": "inbox", "now": now, "page": paging.page(listed, request, by=by), "count": count,
        "heard": paging.heard(count, "conversation"), "clear": tabs.without(request, "q", "product"), "view": view, "label": label,
        "query": query, "empty_title": title, "empty_text": text,
        "tabs": tabs.of(request, "view", [(key, _label(key, counts)) for key in VIEWS], view), "tabs_label": "Conversations",
        "figures": SimpleLazyObject(lambda: figures.of(request.store, now=now)), "days": figures.DAYS,
        "recurring": SimpleLazyObject(lambda: figures.recurring(request.store, now=now)), "desk": doors.of(request.store),
    }  # fmt: skip
    return shown(request, "console/inbox/index.html", context, part="console/inbox/_index.html")


def _label(view: str, counts: Mapping[str, int]) -> str:
    return f"{VIEWS[view][0]} {paging.in_words(counts[view])}" if view in counts else VIEWS[view][0]


def _counts(store: Store, user: User) -> dict[str, int]:
    held = Enquiry.objects.filter(store=store)
    rows = Store.objects.filter(pk=store.pk).values_list(*(paging.number_of(held.filter(of_view(view, user))) for view in _COUNTED))
    return dict(zip(_COUNTED, rows.get(), strict=True))


def _found(store: Store, query: str, product: str, *, now: datetime) -> QuerySet[Enquiry]:
    """Return a store's conversations by words and by the product they were about."""
    found = Enquiry.objects.filter(store=store)
    if query:
        people = Q(customer__name__icontains=query) | Q(customer__email__icontains=query) | Q(from_email__icontains=query)
        found = found.filter(people | Q(subject__icontains=query) | Q(order__number=query.lstrip("#")))
    if product.isdecimal() and len(product) < 19:
        lines = OrderLine.objects.filter(store=store, product=int(product), order=OuterRef("order"))
        found = found.filter(Exists(lines), opened_at__gte=now - timedelta(days=figures.DAYS))
    return found
