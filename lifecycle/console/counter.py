"""Where codes are made: the shop whose checkout takes them, asked once when it is entered, and what was wrong with it last."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from integrations.asking import CannotAsk, Client
from integrations.shopify import admin_api
from integrations.woocommerce import rest_api
from lifecycle.console import changes
from lifecycle.console.answer import see
from offers import making
from offers.discounts.wanted import Till
from offers.models import Counter, Offer
from stores import clock, tokens
from stores.access import StoreRequest, page
from stores.models import Membership, Store

OWNER = Membership.Role.OWNER
_CLIENTS: dict[str | None, Client] = {Counter.Platform.SHOPIFY: admin_api, Counter.Platform.WOOCOMMERCE: rest_api}


class CounterForm(forms.ModelForm):  # type: ignore[type-arg]
    key = forms.CharField(
        label="Key", required=False, max_length=300, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Shopify: the Admin API access token of an app that may write discounts (write_discounts)."
        " WooCommerce: the consumer key, a colon, and the consumer secret of a REST key that may read and write.",
    )  # fmt: skip

    class Meta:
        model = Counter
        fields = ["platform", "shop"]
        labels = {"platform": "The shop runs on", "shop": "Its address"}
        help_texts = {"shop": "Such as my-shop.myshopify.com; for WooCommerce, https://shop.example."}
        widgets = {"platform": forms.Select(attrs={"class": "w-20"}), "shop": forms.TextInput(attrs={"autocomplete": "off"})}

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Counter) -> None:
        super().__init__(data, instance=instance)
        if instance.sealed_key:
            self.fields["key"].help_text = "Kept, and never shown. Leave it empty to keep it; a new one takes its place."

    def clean(self) -> dict[str, Any]:
        """Bring the address into its one form, and ask the shop whether it answers."""
        said = super().clean() or {}
        platform, typed = said.get("platform"), str(said.get("shop", "")).strip().rstrip("/")
        if client := _CLIENTS.get(platform):
            self._take(said, "shop", lambda: client.named(typed))
            if said.get("key"):
                self._take(said, "key", lambda: client.keyed(said["key"]))
        if not said.get("key") and not self.instance.sealed_key:
            self.add_error("key", "Enter the key that lets codes be made.")
        if not self.errors:
            self._ask(said)
        return said

    def _take(self, said: dict[str, Any], field: str, read: Callable[[], str]) -> None:
        try:
            said[field] = read()
        except CannotAsk as problem:
            self.add_error(field, str(problem))

    def save(self, commit: bool = True) -> Counter:
        if self.cleaned_data["key"]:
            self.instance.sealed_key = tokens.seal(self.cleaned_data["key"])
        self.instance.problem = ""
        made: Counter = super().save(commit)
        return made

    def _ask(self, said: dict[str, Any]) -> None:
        key = said["key"] or tokens.unseal(self.instance.sealed_key)
        till = Till(said["shop"], key, ZoneInfo(self.instance.store.timezone))
        if problem := making.check(till, said["platform"], now=clock.read()):
            self.add_error("shop", problem)


@page(OWNER)
def show(request: StoreRequest) -> HttpResponse:
    """Name the shop that makes codes, or have it make none any more."""
    held = Counter.objects.filter(store=request.store).first()
    if request.method == "POST" and request.POST.get("verb") == "stop":
        Counter.objects.filter(store=request.store).delete()
        changes.note(request, "Where codes are made", str(held or ""), "nowhere")
        messages.success(request, "The shop makes no codes any more, and its key is forgotten.")
        return see("console:offers", request.store.slug)
    form = CounterForm(request.POST if request.method == "POST" else None, instance=held or Counter(store=request.store))
    if request.method == "POST" and form.is_valid():
        changes.note_form(request, form, about="Where codes are made")
        form.save()
        messages.success(request, f"{form.instance} answers. Codes of offers that are made at the shop are made there from now on.")
        return see("console:offers", request.store.slug)
    context = {"section": "offers", "now": clock.read(), "counter": held, "form": form, "made": _made(request.store)}
    return render(request, "console/offer_counter.html", context, status=422 if form.errors else 200)


def _made(store: Store) -> list[Offer]:
    return list(Offer.objects.filter(store=store, kind=Offer.Kind.MADE).order_by("name"))
