"""Who writes, in which colour, with which promises: the store's brand, with a real mail beside the form."""

import copy
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from lifecycle.console import fields
from lifecycle.console.account import person
from lifecycle.console.answer import see, shown
from lifecycle.console.start import progress
from messaging.rendering import contrast
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

_WHITE, _READABLE = "#ffffff", 4.5
_SENDER = ("sender_name", "sender_email", "reply_to", "postal_address")


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]
    brand_color = fields.color("Colour", "For marks in mails, links and buttons on your customers’ pages.")

    class Meta:
        model = Store
        fields = ["sender_name", "sender_email", "reply_to", "postal_address", "brand_color", "typeface", "return_days", "warranty_months"]
        labels = {
            "sender_name": "Sender", "sender_email": "Sender’s address", "reply_to": "Replies go to", "postal_address": "Postal address",
            "typeface": "Typeface of the mails", "return_days": "Days to return", "warranty_months": "Months of warranty",
        }  # fmt: skip
        help_texts = {
            "sender_name": "A person at the shop, such as Jo at Marlow & Finch. They sign the mails.",
            "sender_email": "An address of your shop’s own domain.",
            "reply_to": "Left empty, replies go to the sender’s address.",
            "postal_address": "Stands at the foot of every mail; the law asks for it.",
            "return_days": "0 means no word about returns.",
            "warranty_months": "0 means no word about a warranty.",
        }
        widgets = {name: forms.NumberInput(attrs={"class": "w-10"}) for name in ("return_days", "warranty_months")}

    def __init__(self, data: Any = None, *, instance: Store, sender: str = "") -> None:
        super().__init__(data, instance=instance)
        self.fields["sender_email"].required = self.fields["postal_address"].required = True
        self.fields["sender_name"].required = True
        if not instance.sender_name:
            self.initial["sender_name"] = f"{sender} at {instance.name}" if sender else instance.name


@page(Membership.Role.OWNER)
def show(request: StoreRequest) -> HttpResponse:
    """Ask for the brand; a saved one leads on to the five mails."""
    held, name = request.store.brand_color, person(request).name
    form = BrandForm(request.POST or None, instance=request.store, sender=name.split()[0] if name.strip() else "")
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Saved. {repair(request.store.brand_color)}".strip())
        return see("console:start_preview", request.store.slug)
    color = request.store.brand_color if not form.errors else held
    context = {
        "section": "home", "now": clock.read(), "stage": "brand", "setup": progress.of(request, progress.flow_of(request.store)),
        "form": form, "sender": [form[field] for field in _SENDER], "color": form["brand_color"], "typeface": form["typeface"],
        "promises": [form["return_days"], form["warranty_months"]],
        "repair": repair(color), "original": color, "repaired": readable(color),
    }  # fmt: skip
    if form.errors:
        return render(request, "console/start/brand.html", context, status=422)
    return shown(request, "console/start/brand.html", context, part="console/start/_brand_mail.html")


def readable(color: str) -> str:
    """Return the colour as text on white may have it."""
    return contrast.repaired(color, _WHITE, at_least=_READABLE, fallback=Store._meta.get_field("brand_color").get_default())


def repair(color: str) -> str:
    """Return the sentence about a colour that text cannot have as it is; empty for one that can."""
    if contrast.ratio(color, _WHITE) >= _READABLE:
        return ""
    return f"{color} is too light to be read on white: text and marks use a darker shade of it, and it stays as it is for decoration."


def tried_on(store: Store, query: QueryDict) -> Store:
    """Return a copy of the store with the brand that a half-filled form says, as far as it can be used; nothing is saved."""
    tried = copy.copy(store)
    form = BrandForm(query, instance=copy.copy(store))
    form.is_valid()
    for name in form.fields:
        if name in query and name not in form.errors and name in form.cleaned_data:
            setattr(tried, name, form.cleaned_data[name])
    return tried
