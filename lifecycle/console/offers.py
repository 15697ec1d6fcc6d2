"""Offers: what mails may promise, and the codes that are left to give."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Offer, OfferCode
from lifecycle.console.answer import see
from lifecycle.console.fields import Lines, web_address
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

MARKETER = Membership.Role.MARKETER


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]
    url = web_address("Where it is used")
    new_codes = Lines(
        required=False, label="Add codes", help_text="One a line. Each is given to one customer; those already here are left as they are."
    )

    class Meta:
        model = Offer
        fields = ["name", "kind", "value", "code", "days_valid", "ends_at", "url"]
        labels = {
            "value": "What it gives",
            "code": "Shared code",
            "days_valid": "Days valid",
            "ends_at": "Ends for good",
            "url": "Where it is used",
        }
        help_texts = {"code": ""}
        widgets = {
            "kind": forms.Select(attrs={"class": "w-20"}),
            "code": forms.TextInput(attrs={"class": "w-20"}),
            "value": forms.TextInput(attrs={"class": "w-20"}),
            "days_valid": forms.NumberInput(attrs={"class": "w-10"}),
            "ends_at": forms.DateTimeInput(attrs={"class": "w-20", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Offer) -> None:
        """The end is typed and shown by the store's wall clock."""
        super().__init__(data, instance=instance)
        self.fields["ends_at"].required = False
        self.zone = ZoneInfo(instance.store.timezone)
        if instance.ends_at:
            self.initial["ends_at"] = instance.ends_at.astimezone(self.zone).replace(tzinfo=None)

    def clean_ends_at(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data["ends_at"]
        return typed.replace(tzinfo=self.zone) if typed else None

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Offer.objects.filter(store=self.instance.store, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is an offer of that name already. Give this one another name.")
        return name

    def clean_new_codes(self) -> list[str]:
        codes: list[str] = self.cleaned_data["new_codes"]
        if any(len(code) > 60 for code in codes):
            raise forms.ValidationError("A code may have 60 characters; one line is longer.")
        return codes

    def save(self, commit: bool = True) -> Offer:
        """Keep the offer and add the new codes; a code that is here already is not added again."""
        offer: Offer = super().save(commit)
        codes = dict.fromkeys(self.cleaned_data["new_codes"])
        OfferCode.objects.bulk_create([OfferCode(store_id=offer.store_id, offer=offer, code=code) for code in codes], ignore_conflicts=True)
        return offer


def with_left(store: Store) -> QuerySet[Offer]:
    """Return a store's offers with how many codes are left and given."""
    left, given = Count("codes", filter=Q(codes__issued_at=None)), Count("codes", filter=Q(codes__issued_at__isnull=False))
    return Offer.objects.filter(store=store).select_related("store").annotate(left=left, given=given).order_by("name", "id")


def without_code(store: Store) -> QuerySet[Offer]:
    """Return the offers that have nothing to give: their step is skipped."""
    return with_left(store).filter(Q(kind=Offer.Kind.POOL, left=0) | Q(kind=Offer.Kind.SHARED, code=""))


@page()
def index(request: StoreRequest) -> HttpResponse:
    """List offers (?show=empty: those without a code); marketers make one."""
    show = "empty" if request.GET.get("show") == "empty" else ""
    form = _saved(request, Offer(store=request.store))
    if isinstance(form, HttpResponse):
        return form
    found = without_code(request.store) if show else with_left(request.store)
    context = {"section": "offers", "now": clock.read(), "offers": list(found), "show": show, "form": form}
    return render(request, "console/offers.html", context, status=422 if form.errors else 200)


@page()
def show(request: StoreRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(with_left(request.store), pk=pk)
    form = _saved(request, offer)
    if isinstance(form, HttpResponse):
        return form
    given = OfferCode.objects.filter(offer=offer, issued_at__isnull=False).select_related("run__customer").order_by("-issued_at")[:20]
    context = {"section": "offers", "now": clock.read(), "offer": offer, "form": form, "given": given}
    return render(request, "console/offer.html", context, status=422 if form.errors else 200)


def _saved(request: StoreRequest, offer: Offer) -> OfferForm | HttpResponse:
    """Return the form to show, or the redirect when it was saved."""
    if request.method != "POST":
        return OfferForm(instance=offer)
    if not may(request.membership, MARKETER):
        raise PermissionDenied
    form = OfferForm(request.POST, instance=offer)
    if not form.is_valid():
        return form
    offer = form.save()
    messages.success(request, f"Saved: {offer}.")
    return see("console:offer", request.store.slug, offer.pk)
