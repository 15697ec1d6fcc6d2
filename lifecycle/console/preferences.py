"""A store's settings: its name and zone, its look, who signs its mails, what it promises, and whom it may write to."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lifecycle.console import changes, learned_times, tabs
from lifecycle.console.answer import see
from lifecycle.console.fields import color, web_address
from lifecycle.console.start import brand
from messaging import writers
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership, Store

_PROMISES = ("return_days", "warranty_months", "usual_delivery_days")
#: The pages of the settings that are one form: the end of the address, the tab, what it is about, and the fields.
PARTS = {
    "": ("General", "The shop's name, zone and promises.", ("name", "timezone", "website", "account_url", "reorder_url", *_PROMISES)),
    "brand": ("Brand", "How mails and your customers' pages look.", ("brand_color", "typeface")),
    "sender": (
        "Sender", "Who signs the mails, and where answers go.",
        ("sender_name", "sender_email", "reply_to", "postal_address", "describes_orders"),
    ),
}  # fmt: skip


class StoreForm(forms.ModelForm):  # type: ignore[type-arg]
    website = web_address("Website")
    account_url = web_address("Page where customers make an account")
    reorder_url = web_address(
        "Page where an order is placed again",
        "{number} becomes the order's number. Trackers lead there where your shop names no page of its own for an order.",
    )
    brand_color = color("Brand colour", "Mails and your customers’ pages use it.")

    class Meta:
        model = Store
        fields = [name for _, _, names in PARTS.values() for name in names]
        labels = {
            "timezone": "Time zone", "sender_email": "Sender's address", "reply_to": "Replies go to", "return_days": "Days to return",
            "warranty_months": "Months of warranty", "usual_delivery_days": "Usual days on the way",
            "describes_orders": "Tell mail programs of orders and parcels", "typeface": "Typeface of the mails",
        }  # fmt: skip
        help_texts = {
            "timezone": "Such as Europe/Berlin. Used where a customer's own zone is not known.",
            "typeface": "Every mail that goes from now on is set in it.",
            "describes_orders": "Gmail and Yandex then show a parcel’s state beside the mail. Google asks senders to register first.",
            "postal_address": "Stands at the foot of every mail; the law asks for it.",
        }
        widgets = {name: forms.NumberInput(attrs={"class": "w-10"}) for name in ("return_days", "warranty_months", "usual_delivery_days")}

    def __init__(self, data: Mapping[str, Any] | None, *, instance: Store, names: Collection[str]) -> None:
        """Keep only the fields of one page: what stands on another page is not touched."""
        super().__init__(data, instance=instance)
        for name in [name for name in self.fields if name not in names]:
            del self.fields[name]

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        if zone not in available_timezones():
            raise forms.ValidationError(f"There is no time zone “{zone}”. Write it like Europe/Berlin.")
        return zone


@page(Membership.Role.OWNER)
def show(request: StoreRequest, part: str = "") -> HttpResponse:
    label, about, names = PARTS[part]
    shown = request.store.name
    form = StoreForm(request.POST if request.method == "POST" else None, instance=request.store, names=names)
    if request.method == "POST" and form.is_valid():
        changes.note_form(request, form)
        form.save()
        messages.success(request, f"Saved. {brand.repair(request.store.brand_color) if part == 'brand' else ''}".strip())
        return see(request.path)
    request.store.name = shown if form.errors else request.store.name
    context = {
        "section": "settings", "now": clock.read(), "form": form, "label": label, "about": about, "has_logo": part == "brand",
        "is_general": not part, "learned": learned_times.rows(request.store) if not part else (),
        "has_writers": part == "sender", "writers": writers.of(request.store), "writer_domains": partial(writers.domains, request.store),
        "tabs": tabs_of(request, f"settings{f'_{part}' if part else ''}"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/settings.html", context, status=422 if form.errors else 200)


def tabs_of(request: StoreRequest, chosen: str) -> list[tabs.Tab]:
    """Return the tabs over those pages of the settings that the person may see."""
    slug = request.store.slug
    found = [
        ("settings_sending", "Sending rules"), ("settings_languages", "Languages"), ("settings_topics", "Topics"),
        ("mail_accounts", "Mail accounts"), ("settings_actions", "Actions"), ("settings_desk", "Desk"), ("settings_log", "Changes"),
    ]  # fmt: skip
    if may(request.membership, Membership.Role.OWNER):
        parts = [(f"settings{f'_{part}' if part else ''}", PARTS[part][0]) for part in PARTS]
        mine = [("settings_domain", "Sending domain"), ("settings_thanks", "Thank-you page"), ("team", "Team"), ("keys", "API keys")]
        found = [*parts, *found, *mine]
    return [(reverse(f"console:{name}", args=[slug]), label, name == chosen) for name, label in found]
