"""Load the demo shop, once; say how to get in."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lifecycle import mail
from lifecycle.demo import load
from stores import clock, tokens
from stores.models import ApiKey, Store


class Command(BaseCommand):
    help = "Load Marlow & Finch: four weeks of orders, mails and answers. A second run keeps what is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print login, password, api_key and store as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if mail.scheme(settings.EMAIL_URL) not in mail.CAUGHT:
            raise CommandError(
                "The demo's people must never be written to: EMAIL_URL must be catcher://, file://, memory:// or console://."
            )
        store = Store.objects.filter(slug=load.SLUG).first() or load.load(now=clock.read())
        facts = {"login": load.LOGIN, "password": load.PASSWORD, "api_key": _key(store), "store": store.slug}
        lines = [f"{name}: {value}" for name, value in facts.items()]
        self.stdout.write(json.dumps(facts) if options["json"] else "\n".join(lines))


def _key(store: Store) -> str:
    """Return the key the last start wrote into demo.json while it still opens the door, else a new one."""
    try:
        key = str(json.loads((settings.DATA_DIR / "demo.json").read_text())["api_key"])
    except (OSError, ValueError, KeyError):
        key = ""
    if key and ApiKey.objects.filter(store=store, digest=tokens.digest(key), revoked_at__isnull=True).exists():
        return key
    return ApiKey.issue(store, name="Demo", now=clock.read())
