"""Make a store with its owner and an API key: `manage.py create_store --slug marlow --name "Marlow & Finch" …`."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError, transaction

from campaigns import flows, recipes
from offers.models import Offer
from stores import clock, money
from stores.models import STRICT_COUNTRIES, ApiKey, Membership, Store, User


class Command(BaseCommand):
    help = "Make a store, its owner and an API key (shown this once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, help="The name in addresses: lower-case letters, digits, hyphens.")
        parser.add_argument("--name", required=True)
        parser.add_argument("--timezone", default="UTC", help="An IANA zone, such as Europe/Berlin.")
        parser.add_argument("--currency", default="EUR", help="An ISO 4217 code.")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="Who owns it; the user is made if there is none.")
        parser.add_argument("--password", help="The password of a new user; of one who is there already it is left alone.")
        parser.add_argument(
            "--country", default="", help="Two letters, such as DE. Where its law is strict, help mails go to subscribers only."
        )
        parser.add_argument("--language", default="en")
        parser.add_argument("--sender-email", help="Whom the mails come from. Default: SLUG@mail.invalid, which cannot be answered.")
        parser.add_argument("--sender-name", default="", help="Default: the store's name.")
        parser.add_argument(
            "--postal-address", default="", help="Stands in every mail; without it nothing is sold by mails that leave this machine."
        )
        parser.add_argument("--soft-opt-in", action="store_true", help="Buyers who were never asked may get offers.")
        parser.add_argument("--activate", metavar="RECIPE", help="Install this recipe and switch it on, such as post-purchase.")
        parser.add_argument("--offer-code", help="A shared discount code for the recipe's offer.")
        parser.add_argument("--offer-value", default="", help="As the customer reads it, such as '10%% off'.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        try:
            with transaction.atomic():
                store = _store(options)
                _owner(store, options)
                key = ApiKey.issue(store, name="first key", now=clock.read())
                _flow(store, options)
        except flows.CannotActivate as error:
            raise CommandError(f"{error} Here: --postal-address and --sender-email.") from error
        except IntegrityError as error:
            raise CommandError(f"There is a store {options['slug']!r} already. Choose another --slug.") from error
        if options["json"]:
            self.stdout.write(json.dumps({"store": store.slug, "api_key": key}))
        else:
            self.stdout.write(f"Made {store.name} ({store.slug}).\nAPI key (shown this once): {key}")


def _check(options: dict[str, Any]) -> None:
    """Refuse what cannot be right, before anything is written."""
    try:
        validate_slug(options["slug"])
    except ValidationError as error:
        raise CommandError(f"--slug {options['slug']!r} may have letters, digits, hyphens and underscores only.") from error
    if len(options["slug"]) > 60 or not options["name"].strip():
        raise CommandError("--slug may have 60 letters at most, and --name must not be empty.")
    if Store.objects.filter(slug=options["slug"]).exists():
        raise CommandError(f"There is a store {options['slug']!r} already. Choose another --slug.")
    try:
        ZoneInfo(options["timezone"])
    except (KeyError, ValueError, OSError) as error:
        raise CommandError(f"--timezone {options['timezone']!r} is not an IANA time zone, such as Europe/Berlin.") from error
    if not money.is_currency(options["currency"].upper()):
        raise CommandError(f"--currency {options['currency']!r} is not an ISO 4217 currency, such as EUR.")
    _check_people(options)


def _check_people(options: dict[str, Any]) -> None:
    for name in ("owner", "sender_email"):
        try:
            if options[name]:
                validate_email(options[name])
        except ValidationError as error:
            raise CommandError(f"--{name.replace('_', '-')} {options[name]!r} is not an e-mail address.") from error
    is_known = User.objects.filter(email__iexact=options["owner"].strip()).exists()
    if not is_known and not options["password"]:
        raise CommandError(f"There is no user {options['owner']} yet: give --password for the new one.")
    if options["country"] and (len(options["country"]) != 2 or not options["country"].isalpha()):
        raise CommandError(f"--country {options['country']!r} must be two letters, such as DE.")


def _store(options: dict[str, Any]) -> Store:
    return Store.objects.create(
        slug=options["slug"],
        name=options["name"].strip(),
        timezone=options["timezone"],
        currency=options["currency"].upper(),
        country=options["country"].upper(),
        language=options["language"],
        sender_name=options["sender_name"] or options["name"].strip(),
        sender_email=options["sender_email"] or f"{options['slug']}@mail.invalid",
        postal_address=options["postal_address"].strip()[:250],
        soft_opt_in=options["soft_opt_in"],
        strict_service=options["country"].upper() in STRICT_COUNTRIES,
        created_at=clock.read(),
    )


def _owner(store: Store, options: dict[str, Any]) -> None:
    owner = User.objects.filter(email__iexact=options["owner"].strip()).first()
    owner = owner or User.objects.create_user(options["owner"], options["password"])
    Membership.objects.create(store=store, user=owner, role=Membership.Role.OWNER)


def _flow(store: Store, options: dict[str, Any]) -> None:
    """Install the recipe: a draft unless it is asked for by --activate."""
    now = clock.read()
    try:
        flow = recipes.install(store, options["activate"] or "post-purchase", now=now)
    except recipes.UnknownRecipe as error:
        raise CommandError(str(error)) from error
    if options["offer_code"]:
        offer = Offer.objects.filter(store=store).order_by("id").first() or Offer(store=store, name="Thank you")
        offer.code, offer.value = options["offer_code"], options["offer_value"] or offer.value
        offer.save()
    if options["activate"]:
        flows.activate(flow, now=now)
