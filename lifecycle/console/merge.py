"""Two customers side by side, who may be one: made one, called two, and parted again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from customers import duplicates, merging
from customers.models import Customer, Duplicate, Merge, Metrics
from lifecycle.console import search
from lifecycle.console.account import person
from lifecycle.console.answer import see
from messaging.models import Message
from stores import clock, money
from stores.access import StoreRequest, page
from stores.models import Membership

SUPPORT = Membership.Role.SUPPORT
WHYS = {"phone": "the same phone number", "name": "the same name and postal code", "email": "one address written two ways"}
_FIELDS = (
    ("Name", "name"), ("E-mail", "email"), ("Phone", "phone"), ("City", "city"), ("Postal code", "postal_code"), ("Country", "country"),
    ("Language", "language"), ("Birthday", "birthday"),
)  # fmt: skip
_MAILS = Message.objects.filter(customer=OuterRef("pk")).order_by().values("customer").annotate(number=Count("*")).values("number")


@dataclass(frozen=True)
class Line:
    """One thing that is known of both."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return self.first != self.second


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return _act(request, pk)
    people = _people(request)
    customer = get_object_or_404(people, pk=pk)
    named, query = request.GET.get("with", ""), request.GET.get("q", "").strip()[:200]
    other = people.exclude(pk=pk).filter(pk=int(named)).first() if named.isdecimal() and len(named) < 19 else None
    pairs = list(duplicates.of(customer))
    context: dict[str, Any] = {
        "section": "customers", "now": clock.read(), "customer": customer, "other": other, "query": query,
        "likely": [(pair.second if pair.first_id == pk else pair.first, why_words(pair.whys)) for pair in pairs],
        "found": search.customers_like(request.store, query).exclude(pk=pk).order_by("-created_at")[:10] if query else [],
    }  # fmt: skip
    if other is not None:
        stays = max((customer, other), key=lambda one: (_figures(one).orders_count, -one.created_at.timestamp()))
        context |= {"lines": _lines(customer, other, request.store.currency), "stays": stays.pk, "whys": _shared(pairs, other)}
    return render(request, "console/merge.html", context)


def _people(request: StoreRequest) -> QuerySet[Customer]:
    return Customer.objects.filter(store=request.store).select_related("metrics").annotate(mails=Coalesce(Subquery(_MAILS), 0))


def why_words(whys: Iterable[str]) -> str:
    """Return in words what two customers share."""
    return ", ".join(WHYS[why] for why in whys if why in WHYS)


def _shared(pairs: list[Duplicate], other: Customer) -> str:
    return next((why_words(pair.whys) for pair in pairs if other.pk in (pair.first_id, pair.second_id)), "")


def _figures(customer: Customer) -> Metrics:
    return getattr(customer, "metrics", None) or Metrics()


def _lines(first: Customer, second: Customer, currency: str) -> list[Line]:
    known = [Line(label, str(getattr(first, name)), str(getattr(second, name))) for label, name in _FIELDS]
    figures = _figures(first), _figures(second)
    return [
        *known,
        Line("Tags", ", ".join(first.tags), ", ".join(second.tags)),
        Line("Marketing", first.get_marketing_display(), second.get_marketing_display()),
        Line("Orders", *(f"{one.orders_count}" for one in figures)),
        Line("Spent", *(money.show(one.total_spent_minor, currency) for one in figures)),
        Line("Mails", str(first.mails), str(second.mails)),  # type: ignore[attr-defined]  # annotated
    ]


def _act(request: StoreRequest, pk: int) -> HttpResponse:
    """Merge the two, or call them two people."""
    customer = get_object_or_404(Customer, store=request.store, pk=pk)
    named = request.POST.get("other", "")
    other = Customer.objects.filter(store=request.store, pk=int(named) if named.isdecimal() and len(named) < 19 else 0).first()
    if other is None:
        messages.error(request, "Choose the other customer first; nothing was changed.")
        return see("console:customer_merge", request.store.slug, pk)
    if request.POST.get("verb") == "apart":
        duplicates.dismiss(customer, other)
        messages.success(request, f"Written down: {customer} and {other} are two people.")
        return see("console:customer", request.store.slug, pk)
    kept, gone = (other, customer) if request.POST.get("keep") == str(other.pk) else (customer, other)
    try:
        merging.merge(kept, gone, by=str(person(request)), now=clock.read())
        messages.success(request, f"{gone} is part of {kept} now. For {merging.UNDO_FOR.days} days they can be parted again, on this page.")
    except merging.NotPossible as why:
        messages.error(request, str(why))
        return see("console:customer", request.store.slug, pk)
    return see("console:customer", request.store.slug, kept.pk)


@require_POST
@page(SUPPORT)
def undo(request: StoreRequest, pk: int) -> HttpResponse:
    """Part two customers who were merged."""
    held = get_object_or_404(Merge, store=request.store, pk=pk)
    try:
        back = merging.undo(held, by=str(person(request)), now=clock.read())
        messages.success(request, f"{back} is a customer of their own again.")
    except merging.NotPossible as why:
        messages.error(request, str(why))
    return see("console:customer", request.store.slug, held.customer_id)
