"""Keep the demo shop alive: orders arrive and parcels move until the process is stopped."""

import random
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations import tasks
from lifecycle import mail
from lifecycle.demo import live, load
from stores import clock
from stores.models import Store

SECONDS = 6


class Command(BaseCommand):
    help = "Let orders arrive in the demo shop and its parcels move, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        if mail.scheme(settings.EMAIL_URL) not in mail.CAUGHT:
            raise CommandError(
                "The demo's people must never be written to: EMAIL_URL must be catcher://, file://, memory:// or console://."
            )
        dice = random.Random()
        while True:
            store = Store.objects.get(slug=load.SLUG)
            live.step(store, dice, now=clock.read())
            tasks.nudge()
            time.sleep(SECONDS)
