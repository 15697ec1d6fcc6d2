"""The form of an offer: what it gives, which codes it has, how long they are good."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Max
from django.forms import BoundField

from catalog.models import Product
from integrations.files.table import NotATable
from lifecycle.console import code_lists
from lifecycle.console.code_lists import CodeList
from lifecycle.console.fields import Amount, Lines, web_address
from offers import pools, wording
from offers.models import Counter, Offer, OfferCode
from stores import money, phrases

_AMOUNTS = ("amount_minor", "minimum_minor", "worth_minor")
_MOMENTS = ("opens_at", "ends_at")
_GROUPS = (
    ("What it gives", ("name", "value", "gives", "amount_minor", "percent", "only_products", "minimum_minor", "worth_minor")),
    ("Its codes", ("kind", "code", "new_codes", "codes_file", "alarm_below", "prefix")),
    ("How long", ("opens_at", "days_valid", "grace_hours", "ends_at", "url")),
)


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]
    amount_minor = Amount(label="Money off", help_text="Of a gift: what one of it costs, if you leave it empty its price.")
    minimum_minor = Amount(label="Basket of at least")
    worth_minor = Amount(
        label="What one used code costs you",
        help_text="For budgets, and for what open codes may still cost. Of money off it is the amount, if you leave it empty.",
    )
    only_products = Lines(
        required=False, rows=3, label="Only for these products", help_text="SKU or the shop’s number, one a line. Of a gift: what is given."
    )
    url = web_address("Where it is used")
    new_codes = Lines(
        required=False, rows=4, label="Add codes to the pool",
        help_text="One a line. Each is given to one customer; those already here are left as they are.",
    )  # fmt: skip
    codes_file = forms.FileField(
        required=False, label="Or a file of codes", help_text="CSV or text, as your shop exports it: the column “code”, else the first.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )  # fmt: skip
    filled: pools.Filled

    class Meta:
        model = Offer
        fields = [
            "name", "kind", "value", "code", "opens_at", "days_valid", "ends_at", "url", "gives", "amount_minor", "percent",
            "minimum_minor", "worth_minor", "only_products", "prefix", "grace_hours", "alarm_below",
        ]  # fmt: skip
        labels = {
            "kind": "Which codes", "value": "In words", "code": "Shared code", "days_valid": "Days valid",
            "opens_at": "Begins", "ends_at": "Ends for good",
            "gives": "What it is", "percent": "Per cent off", "prefix": "Made codes begin with", "grace_hours": "Hours of grace",
            "alarm_below": "Raise the alarm below",
        }  # fmt: skip
        help_texts = {
            "opens_at": "A launch: mails before it say when it begins, and have it for the calendar.",
            "code": "",
            "percent": "",
            "alarm_below": "So many codes left in the pool: the first page and a mail say so.",
        }
        widgets = {
            "kind": forms.Select(attrs={"class": "w-20"}),
            "gives": forms.Select(attrs={"class": "w-20"}),
            "code": forms.TextInput(attrs={"class": "w-20"}),
            "value": forms.TextInput(attrs={"class": "w-20"}),
            "prefix": forms.TextInput(attrs={"class": "w-20"}),
            "percent": forms.NumberInput(attrs={"class": "w-10", "min": 1, "max": 100}),
            "days_valid": forms.NumberInput(attrs={"class": "w-10"}),
            "grace_hours": forms.NumberInput(attrs={"class": "w-10"}),
            "alarm_below": forms.NumberInput(attrs={"class": "w-10"}),
            **{name: forms.DateTimeInput(attrs={"class": "w-20", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M") for name in _MOMENTS},
        }

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None, *, instance: Offer) -> None:
        """The end is typed and shown by the store's wall clock, amounts in the store's currency."""
        instance.currency = instance.currency or instance.store.currency
        super().__init__(data, files, instance=instance)
        for name in (*_MOMENTS, "percent", "gives", "grace_hours", "alarm_below"):
            self.fields[name].required = False
        gives = self.fields["gives"]
        assert isinstance(gives, forms.ChoiceField)
        gives.choices = [("", "Only what its words say"), *Offer.Gives.choices]
        for name in _AMOUNTS:
            field = self.fields[name]
            assert isinstance(field, Amount)
            field.currency = instance.currency
            field.label = f"{field.label}, {instance.currency}"
        url = self.fields["url"]
        url.help_text = "“{code}” in it becomes the code, so that a click fills it in: https://shop.example/discount/{code}."
        self.zone = ZoneInfo(instance.store.timezone)
        for name in _MOMENTS:
            if held := getattr(instance, name):
                self.initial[name] = held.astimezone(self.zone).replace(tzinfo=None)

    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in _GROUPS]

    def clean_opens_at(self) -> datetime | None:
        return self._moment("opens_at")

    def clean_ends_at(self) -> datetime | None:
        return self._moment("ends_at")

    def clean_grace_hours(self) -> int:
        return self._number("grace_hours")

    def clean_alarm_below(self) -> int:
        return self._number("alarm_below")

    def clean_percent(self) -> int | None:
        percent: int | None = self.cleaned_data["percent"]
        if percent is not None and not 1 <= percent <= 100:
            raise forms.ValidationError("Enter 1 to 100.")
        return percent

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Offer.objects.filter(store=self.instance.store, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is an offer of that name already. Give this one another name.")
        return name

    def clean_new_codes(self) -> list[str]:
        typed = code_lists.of_lines(self.cleaned_data["new_codes"])
        if typed.problems:
            raise forms.ValidationError(f"Not every line is a code: {typed.told()}")
        return typed.codes

    def clean_codes_file(self) -> CodeList:
        """Return the codes of the file; lines that hold none are left out, and said afterwards: the rest is none the worse."""
        file = self.cleaned_data["codes_file"]
        if file is None:
            return CodeList()
        if file.size > code_lists.LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 20 MB. Upload it in parts.")
        try:
            found = code_lists.of_file(file)
        except NotATable as error:
            raise forms.ValidationError(str(error)) from error
        if not found.codes:
            raise forms.ValidationError(f"No code was found: {found.told()}" if found.problems else "The file has a head and no codes.")
        return found

    def clean_only_products(self) -> list[str]:
        """Return the shop's ids of what was named by SKU or by id."""
        lines: list[str] = self.cleaned_data["only_products"]
        known: dict[str, str] = {}
        for sku, external_id in Product.objects.filter(store=self.instance.store).values_list("sku", "external_id") if lines else ():
            known |= {sku: external_id} if sku else {}
            known[external_id] = external_id
        if missing := [line for line in lines if line not in known]:
            raise forms.ValidationError(f"No product is called {missing[0]}. Take its SKU or the shop’s number from its page.")
        return list(dict.fromkeys(known[line] for line in lines))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        gives, kind = said.get("gives"), said.get("kind")
        if gives == Offer.Gives.MONEY and "amount_minor" not in self.errors and not said.get("amount_minor"):
            self.add_error("amount_minor", "Say how much it takes off.")
        if gives == Offer.Gives.SHARE and "percent" not in self.errors and not said.get("percent"):
            self.add_error("percent", "Say how many per cent it takes off.")
        if gives == Offer.Gives.GIFT and "only_products" not in self.errors:
            said["amount_minor"] = self._gift(said.get("only_products") or [], said.get("amount_minor"))
        if kind == Offer.Kind.MADE and not gives:
            self.add_error("gives", "Say what it is: the shop makes the code by it.")
        if kind == Offer.Kind.MADE and not Counter.objects.filter(store=self.instance.store).exists():
            self.add_error("kind", "First say where codes are made: “Where codes are made”, above.")
        if gives == Offer.Gives.MONEY and not said.get("worth_minor"):
            said["worth_minor"] = said.get("amount_minor")
        self._check_days(said)
        said["value"] = said.get("value") or self._in_words(said)
        return said

    def save(self, commit: bool = True) -> Offer:
        """Keep the offer and add the new codes (`filled` says what came of them). What the shop refused may be asked anew."""
        offer: Offer = super().save(commit)
        OfferCode.objects.filter(offer=offer, state=OfferCode.State.FAILED).update(due_at=None)  # the shop may take it as it is now
        self.filled = pools.fill(offer, [*self.cleaned_data["new_codes"], *self.cleaned_data["codes_file"].codes])
        return offer

    def came_of_codes(self) -> list[str]:
        """Return in words what came of the new codes: of those that were added, and of each kind that was not."""
        filled, left_out = self.filled, self.cleaned_data["codes_file"]
        told = ((filled.added, "added"), (filled.here, "here already"), (filled.twice, "there twice"),
                (filled.elsewhere, "in another offer’s pool already"))  # fmt: skip
        counted = [f"{number} {'was' if number == 1 else 'were'} {words}" for number, words in told if number]
        return [f"Of the codes {', '.join(counted)}."] * bool(counted) + [f"Left out: {left_out.told()}"] * bool(left_out.problems)

    def _gift(self, given: Collection[str], typed: int | None) -> int | None:
        """Return what is taken off for one gift: what was typed, or what the dearest of them costs."""
        if not given:
            self.add_error("only_products", "Say which product is given.")
        if typed or not given:
            return typed
        found = Product.objects.filter(store=self.instance.store, external_id__in=given, currency=self.instance.currency)
        price: int | None = found.aggregate(most=Max("price_minor"))["most"]
        if price is None:
            self.add_error("amount_minor", "Its price is not known here: say what one of it costs, so that one is free and not every one.")
        return price

    def _check_days(self, said: Mapping[str, Any]) -> None:
        opens_at, ends_at = said.get("opens_at"), said.get("ends_at")
        if opens_at and ends_at and opens_at >= ends_at:
            self.add_error("ends_at", "It would end before it begins.")
        makers = Counter.objects.filter(store=self.instance.store, platform=Counter.Platform.WOOCOMMERCE)
        if opens_at and said.get("kind") == Offer.Kind.MADE and makers.exists():
            self.add_error("opens_at", "WooCommerce takes a code as soon as it is made, so leave this empty.")

    def _in_words(self, said: Mapping[str, Any]) -> str:
        """Return what an offer gives in the words that are said in every language (`offers.wording`), where nobody wrote any."""
        match said.get("gives"):
            case Offer.Gives.MONEY if amount := said.get("amount_minor"):
                return f"{money.show(amount, self.instance.currency, phrases.ENGLISH)} off"
            case Offer.Gives.SHARE if percent := said.get("percent"):
                return f"{percent}% off"
            case Offer.Gives.SHIPPING:
                return wording.FREE_SHIPPING
            case Offer.Gives.GIFT:
                return wording.FREE_GIFT
        return ""

    def _moment(self, name: str) -> datetime | None:
        typed: datetime | None = self.cleaned_data[name]
        return typed.replace(tzinfo=self.zone) if typed else None

    def _number(self, name: str) -> int:
        """Return what was typed, or how it was where nothing was: 0 means something here."""
        typed: int | None = self.cleaned_data[name]
        held: int = getattr(self.instance, name)
        return held if typed is None else typed
