"""Open a door for a shop's hooks: `manage.py connect --store marlow --platform shopify`."""

import json
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import connections
from integrations.models import Connection
from stores import clock
from stores.models import Store


class Command(BaseCommand):
    help = "Make a connection: the path a shop posts to and the secret it signs with (shown this once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", required=True, help="The store's slug.")
        parser.add_argument("--platform", required=True, help=f"One of: {', '.join(Connection.Platform.values)}.")
        parser.add_argument("--secret", help="The signing secret, where the platform chooses it; otherwise a random one.")
        parser.add_argument("--live-since", help="Orders placed before it are history. A date or RFC 3339; default: now.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        store = Store.objects.filter(slug=options["store"]).first()
        if store is None:
            raise CommandError(f"There is no store {options['store']!r}.")
        if options["platform"] not in Connection.Platform.values:
            raise CommandError(f"--platform {options['platform']!r} is not known. Choose one of: {', '.join(Connection.Platform.values)}.")
        if options["secret"] is not None and not options["secret"].strip():
            raise CommandError("--secret is empty; leave it out for a random one.")
        since = _moment(options["live_since"], ZoneInfo(store.timezone)) if options["live_since"] else None
        connection, secret = connections.create(
            store, platform=options["platform"], now=clock.read(), secret=options["secret"], live_since=since
        )
        if options["json"]:
            self.stdout.write(json.dumps({"path": connection.path, "secret": secret}))
        else:
            self.stdout.write(f"Post to {settings.PUBLIC_URL}{connection.path}\nSecret (shown this once): {secret}")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        if len(text) <= len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text), time.min, zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--live-since {text!r} is neither a date (2026-01-31) nor a time (2026-01-31T09:00:00Z).") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
