"""Referrals: what friends get and who brought them, and what came of it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import render

from lifecycle.console import changes, paging
from lifecycle.console.answer import see
from offers import giving
from offers.models import Advocate, Offer, Program, Referral
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER
State = Referral.State


class ProgramForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Program
        fields = ["is_on", "friend_offer", "reward_offer", "wait_days"]
        labels = {
            "is_on": "Customers may bring friends", "friend_offer": "The friend gets", "reward_offer": "Who brought them gets",
            "wait_days": "Days the friend’s order must stand",
        }  # fmt: skip
        help_texts = {
            "is_on": "The block “Bring a friend” and the thank-you page lead to it.",
            "wait_days": "An order that is cancelled, or all given back, until then brings no reward.",
        }
        widgets = {"wait_days": forms.NumberInput(attrs={"class": "w-10", "max": 365})}

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Program) -> None:
        super().__init__(data, instance=instance)
        own = Offer.objects.filter(store=instance.store).order_by("name")
        for name in ("friend_offer", "reward_offer"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.empty_label, field.required = own, "None yet", False

    def clean_wait_days(self) -> int:
        days: int = self.cleaned_data["wait_days"]
        if days > 365:
            raise forms.ValidationError("Enter 365 or less.")
        return days

    def clean(self) -> dict[str, Any]:
        """A program that is on has two offers, each with words, and codes that not everybody can pass on."""
        said = super().clean() or {}
        if not said.get("is_on"):
            return said
        for name in ("friend_offer", "reward_offer"):
            offer: Offer | None = said.get(name)
            if name in self.errors:
                continue
            if offer is None:
                self.add_error(name, "Choose an offer, or make one first under Offers.")
            elif not offer.value:
                self.add_error(name, f"“{offer}” does not say in words what it gives.")
            elif offer.kind == Offer.Kind.SHARED:
                self.add_error(name, f"“{offer}” has one code for all, for anybody to pass on. Take a pool, or codes made at the shop.")
            elif not giving.with_code([offer], now=clock.read()):
                self.add_error(name, f"“{offer}” has no code to give.")
        return said


@page()
def show(request: StoreRequest) -> HttpResponse:
    """Show what came of referrals, the newest first; marketers say what there is to get."""
    store, now = request.store, clock.read()
    form = ProgramForm(request.POST if request.method == "POST" else None, instance=_program(store))
    if request.method == "POST":
        if not may(request.membership, MARKETER):
            raise PermissionDenied
        if form.is_valid():
            changes.note_form(request, form, about="Referrals")
            form.save()
            what = "Customers may bring friends." if form.instance.is_on else "Nobody can bring friends now."
            messages.success(request, f"Saved. {what}")
            return see("console:referrals", store.slug)
    found = Referral.objects.filter(store=store)
    context = {
        "section": "offers", "now": now, "form": form, "program": _program(store), "figures": _figures(store),
        "page": paging.page(found.select_related("by", "friend", "order"), request, by="-id"),
    }  # fmt: skip
    return render(request, "console/referrals.html", context, status=422 if form.errors else 200)


def _program(store: Store) -> Program:
    return Program.objects.filter(store=store).first() or Program(store=store)


def _figures(store: Store) -> dict[str, Any]:
    """Count what came of it; the revenue is of first orders that count, in the store's currency, net of refunds."""
    counted = {
        "asked": Count("pk"),
        "ordered": Count("pk", filter=Q(state__in=[State.ORDERED, State.REWARDED])),
        "rewarded": Count("pk", filter=Q(state=State.REWARDED)),
        "fallen": Count("pk", filter=Q(state__in=[State.REFUSED, State.REVOKED])),
    }
    stands = Q(state__in=[State.ORDERED, State.REWARDED], order__shop_currency=store.currency)
    total = Sum("order__shop_total_minor", filter=stands, default=0) - Sum("order__shop_refunded_minor", filter=stands, default=0)
    figures: dict[str, Any] = Referral.objects.filter(store=store).aggregate(**counted, revenue=total)
    return {"sharing": Advocate.objects.filter(store=store, is_current=True).count(), **figures}
