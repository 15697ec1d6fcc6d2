"""A store's settings: its name and zone, who signs its mails, what it promises, and whom it may write to."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import render

from campaigns import flows
from lifecycle.console.answer import see
from lifecycle.console.fields import web_address
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership, Store

#: The form's parts, in order: heading and fields.
PARTS = (
    ("Shop", ("name", "timezone", "website")),
    ("Sender", ("sender_name", "sender_email", "reply_to", "postal_address", "brand_color")),
    ("Promises", ("return_days", "warranty_months", "usual_delivery_days")),
    ("Who gets what", ("soft_opt_in", "strict_service", "is_paused")),
)


class StoreForm(forms.ModelForm):  # type: ignore[type-arg]
    website = web_address("Website")
    brand_color = forms.CharField(
        label="Brand colour",
        help_text="As #rrggbb; mails and the customer's pages use it.",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write the colour as # and six digits, such as #2451a9.")],
        widget=forms.TextInput(attrs={"class": "w-10"}),
    )

    class Meta:
        model = Store
        fields = [name for _, names in PARTS for name in names]
        labels = {
            "timezone": "Time zone", "sender_email": "Sender's address", "reply_to": "Replies go to", "return_days": "Days to return",
            "warranty_months": "Months of warranty", "usual_delivery_days": "Usual days on the way",
            "soft_opt_in": "Write offers to buyers who were never asked",
            "strict_service": "Help mails to subscribers only", "is_paused": "Pause everything",
        }  # fmt: skip
        help_texts = {
            "timezone": "Such as Europe/Berlin. Used where a customer's own zone is not known.",
            "postal_address": "Stands at the foot of every mail; the law asks for it.",
            "soft_opt_in": "Only where the law allows it to those who bought.",
            "is_paused": "Nothing is sent while this is on. Mails wait and are sent later if they are still of use.",
        }
        widgets = {name: forms.NumberInput(attrs={"class": "w-10"}) for name in ("return_days", "warranty_months", "usual_delivery_days")}

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        if zone not in available_timezones():
            raise forms.ValidationError(f"There is no time zone “{zone}”. Write it like Europe/Berlin.")
        return zone


@page(Membership.Role.OWNER)
def show(request: StoreRequest) -> HttpResponse:
    shown = request.store.name
    form = StoreForm(request.POST or None, instance=request.store)
    if request.method == "POST" and form.is_valid():
        form.save()
        if "is_paused" in form.changed_data:
            (flows.pause_store if request.store.is_paused else flows.resume_store)(request.store)
        messages.success(request, "Saved.")
        return see("console:settings", request.store.slug)
    request.store.name = shown if form.errors else request.store.name
    parts: list[tuple[str, list[Any]]] = [(heading, [form[name] for name in names]) for heading, names in PARTS]
    context = {"section": "settings", "now": clock.read(), "form": form, "parts": parts}
    return render(request, "console/settings.html", context, status=422 if form.errors else 200)
