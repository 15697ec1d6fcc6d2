"""A new store, made by anyone who can sign in (sign-up is closed); they become its owner."""

from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify

from campaigns import recipes
from campaigns.recipes import post_purchase
from lifecycle.console.account import person
from lifecycle.console.answer import see
from stores import clock, languages, money, walltime
from stores.models import STRICT_COUNTRIES, Membership, Store, User

_ENGLISH = Locale("en")
_REGIONS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
_SLUG = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "Use small letters, digits and single hyphens, such as my-shop.")


def _countries() -> list[tuple[str, str]]:
    known = set(get_global("territory_zones")) & set(_ENGLISH.territories)
    return sorted(((code, _ENGLISH.territories[code]) for code in known if len(code) == 2 and code.isalpha()), key=lambda pair: pair[1])


def _zones() -> list[tuple[str, str]]:
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if zone.startswith(_REGIONS))]


def _currencies(countries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    in_use = {code for country, _ in countries for code in get_territory_currencies(country)}
    return [(code, f"{code} · {_ENGLISH.currencies.get(code, code)}") for code in sorted(in_use) if money.is_currency(code)]


COUNTRIES = _countries()
ZONES = _zones()
CURRENCIES = _currencies(COUNTRIES)


class StoreForm(forms.Form):
    """Name and country; the rest follows from them unless it is said."""

    name = forms.CharField(label="Name", max_length=120, help_text="As your customers know the shop.")
    country = forms.ChoiceField(label="Country", choices=[("", "Choose a country"), *COUNTRIES], help_text="Where the shop is at home.")
    slug = forms.CharField(
        label="Short name",
        required=False,
        max_length=60,
        validators=[_SLUG],
        help_text="Stands in the addresses of these pages. Left empty, it is made from the name.",
        widget=forms.TextInput(attrs={"class": "w-20", "autocapitalize": "none", "spellcheck": "false"}),
    )
    currency = forms.ChoiceField(label="Currency", required=False, choices=[("", "The country’s own"), *CURRENCIES])
    timezone = forms.ChoiceField(label="Time zone", required=False, choices=[("", "The country’s own"), *ZONES])
    language = forms.ChoiceField(
        label="Language of your mails", required=False, choices=[("", "The country’s own"), *languages.NAMES],
        help_text="Where we have no words of your country’s, they begin in English. More can be offered beside it under Settings.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Fill in what was left to the country and the name; say what they cannot tell."""
        super().clean()
        given = self.cleaned_data
        country = given.get("country", "")
        if country and not given.get("currency"):
            given["currency"] = next(iter(get_territory_currencies(country)), "")
            self._need("currency", f"{_ENGLISH.territories[country]} has no currency of its own. Choose one.")
        if country and not given.get("timezone"):
            given["timezone"] = walltime.only_zone_of(country)
            self._need("timezone", f"{_ENGLISH.territories[country]} has several time zones. Choose one.")
        if country and not given.get("language"):
            given["language"] = languages.of_country(country)
        if "slug" not in self.errors and given.get("name"):
            self._name_it(given)
        return given

    def _need(self, field: str, words: str) -> None:
        if not self.cleaned_data.get(field):
            self.add_error(field, words)

    def _name_it(self, given: dict[str, Any]) -> None:
        proposed = given.get("slug") or slugify(given["name"])[:60].strip("-").replace("_", "-")
        if not proposed:
            self.add_error("slug", "The name has no letters for an address. Write a short name, such as my-shop.")
        elif not given.get("slug"):
            given["slug"] = _free(proposed)
        elif Store.objects.filter(slug=proposed).exists():
            self.add_error("slug", f"There is a store “{proposed}” already. Try “{_free(proposed)}”.")


def _free(proposed: str) -> str:
    """Return the first of name, name-2, name-3 … that no store has."""
    taken = set(Store.objects.filter(slug__startswith=proposed[:56]).values_list("slug", flat=True))
    names = (proposed if number == 1 else f"{proposed[:56]}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def show(request: HttpRequest) -> HttpResponse:
    """Ask for what only the merchant knows, and open the store with its five mails as a draft."""
    form = StoreForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            store = _open(form.cleaned_data, person(request))
        except IntegrityError:
            form.add_error("slug", "Someone took this short name just now. Choose another.")
        else:
            strict = " Help mails go to subscribers only, as German law wants; Settings can change that." if store.strict_service else ""
            messages.success(request, f"{store.name} is open.{strict}")
            return see("console:start_source", store.slug)
    return render(request, "console/start/new_store.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def _open(given: dict[str, Any], owner: User) -> Store:
    now = clock.read()
    store = Store.objects.create(
        slug=given["slug"], name=given["name"], country=given["country"], currency=given["currency"], timezone=given["timezone"],
        language=given["language"], strict_service=given["country"] in STRICT_COUNTRIES, created_at=now,
    )  # fmt: skip
    Membership.objects.create(store=store, user=owner, role=Membership.Role.OWNER)
    recipes.install(store, post_purchase.KEY, now=now)
    return store
