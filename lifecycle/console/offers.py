"""Offers: what mails may promise, the codes that are left to give, and what those given may still cost."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from lifecycle.console.answer import see
from lifecycle.console.fields import Amount
from lifecycle.console.offer_form import OfferForm
from offers import figures
from offers.models import Counter, Offer, OfferCode, OfferRules
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
State = OfferCode.State


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What one customer may have, over all offers."""

    quarter_budget_minor = Amount(label="Discounts a customer may have in a quarter", help_text="Empty means as many as there are offers.")

    class Meta:
        model = OfferRules
        fields = ["quarter_budget_minor", "may_stack"]
        labels = {"may_stack": "Somebody with an open code may get one of another offer"}
        help_texts = {"may_stack": ""}

    def __init__(self, data: Any = None, *, store: Store) -> None:
        super().__init__(data, instance=OfferRules.objects.filter(store=store).first() or OfferRules(store=store))
        budget = self.fields["quarter_budget_minor"]
        assert isinstance(budget, Amount)
        budget.currency, budget.label = store.currency, f"{budget.label}, {store.currency}"


def with_left(store: Store) -> QuerySet[Offer]:
    """Return a store's offers with how many codes are left, given and used."""
    return _offers(store).annotate(
        left=_codes(State.FREE), given=_codes(*OfferCode.OUT), used=_codes(State.USED), failed=_codes(State.FAILED)
    )


def without_code(store: Store) -> QuerySet[Offer]:
    """Return the offers that have nothing to give: their step is skipped."""
    has_free = Exists(OfferCode.objects.filter(offer=OuterRef("pk"), state=State.FREE))
    empty = Q(kind=Offer.Kind.POOL, has_free=False) | Q(kind=Offer.Kind.SHARED, code="") | Q(kind=Offer.Kind.MADE, has_counter=False)
    return with_left(store).annotate(has_free=has_free).filter(empty)


def running_low(store: Store) -> QuerySet[Offer]:
    """Return the pools that are not empty yet, but soon will be."""
    return _offers(store).annotate(left=_codes(State.FREE)).filter(Q(left__gt=0, left__lt=F("alarm_below")), kind=Offer.Kind.POOL)


def _offers(store: Store) -> QuerySet[Offer]:
    has_counter = Exists(Counter.objects.filter(store=OuterRef("store")))
    return Offer.objects.filter(store=store).select_related("store").annotate(has_counter=has_counter).order_by("name", "id")


def _codes(*states: str) -> Coalesce:
    """Count the codes of an offer in these states by themselves, so that a list that does not ask for them does not read them."""
    found = OfferCode.objects.filter(offer=OuterRef("pk"), state__in=states).order_by().values("offer")
    return Coalesce(Subquery(found.annotate(number=Count("pk")).values("number")), 0)


@page()
def index(request: StoreRequest) -> HttpResponse:
    """List offers (?show=empty: those without a code), and what one customer may have."""
    return _list(request, RulesForm(store=request.store), show="empty" if request.GET.get("show") == "empty" else "")


@page(MARKETER)
def new(request: StoreRequest) -> HttpResponse:
    form = _saved(request, Offer(store=request.store))
    if isinstance(form, HttpResponse):
        return form
    context = {"section": "offers", "now": clock.read(), "form": form}
    return render(request, "console/offer_new.html", context, status=422 if form.errors else 200)


@require_POST
@page(MARKETER)
def rules(request: StoreRequest) -> HttpResponse:
    """Take what one customer may have."""
    form = RulesForm(request.POST, store=request.store)
    if not form.is_valid():
        return _list(request, form)
    form.save()
    messages.success(request, "Saved. The next mails go by it.")
    return see("console:offers", request.store.slug)


def _list(request: StoreRequest, rules: RulesForm, *, show: str = "") -> HttpResponse:
    now = clock.read()
    found = without_code(request.store) if show else with_left(request.store)
    context = {
        "section": "offers", "now": now, "offers": list(found), "show": show, "rules": rules,
        "liabilities": figures.liabilities(figures.tallies(request.store.pk, now=now)),
    }  # fmt: skip
    return render(request, "console/offers.html", context, status=422 if rules.errors else 200)


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    now = clock.read()
    offer = get_object_or_404(with_left(request.store), pk=pk)
    form = _saved(request, offer)
    if isinstance(form, HttpResponse):
        return form
    given = OfferCode.objects.filter(offer=offer, state__in=OfferCode.OUT).select_related("customer", "order").order_by("-issued_at", "-id")
    context = {
        "section": "offers", "now": now, "offer": offer, "form": form, "given": given[:20],
        "tallies": [each for each in figures.tallies(request.store.pk, now=now) if each.offer == pk and each.given],
        "troubled": OfferCode.objects.filter(offer=offer).exclude(problem="").exclude(state__in=OfferCode.OUT).order_by("-id")[:5],
    }  # fmt: skip
    return render(request, "console/offer.html", context, status=422 if form.errors else 200)


def _saved(request: StoreRequest, offer: Offer) -> OfferForm | HttpResponse:
    """Return the form to show, or the redirect when it was saved."""
    if request.method != "POST":
        return OfferForm(instance=offer)
    if not may(request.membership, MARKETER):
        raise PermissionDenied
    form = OfferForm(request.POST, request.FILES, instance=offer)
    if not form.is_valid():
        return form
    offer = form.save()
    messages.success(request, " ".join([f"Saved: {offer}.", *form.came_of_codes()]))
    return see("console:offer", request.store.slug, offer.pk)
