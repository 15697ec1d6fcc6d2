"""Sweep by hand: everything that is due, or weeks of it by a clock that jumps from due time to due time."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from lifecycle import mail
from messaging.models import Message
from stores import clock


class Command(BaseCommand):
    help = (
        "Send everything that is due. --until moves the clock from due time to due time and leaves it there; --real goes back to real time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until", metavar="TIMESTAMP", help="RFC 3339, such as 2026-12-01T10:00:00Z; without an offset it is UTC.")
        parser.add_argument("--real", action="store_true", help="Reset the clock to real time first.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        until = _moment(options["until"]) if options["until"] else None
        if until and mail.scheme(settings.EMAIL_URL) not in mail.CAUGHT:
            raise CommandError(
                "The clock can be moved only while mails are caught: set EMAIL_URL to catcher://, memory://, file:// or console://."
            )
        if options["real"]:
            clock.reset()
        sent_before = Message.objects.filter(state=Message.State.SENT).count()
        if until:
            travel_to(until)
        else:
            sweep_until_quiet()
        sent = Message.objects.filter(state=Message.State.SENT).count() - sent_before
        now = clock.read()
        if options["json"]:
            self.stdout.write(json.dumps({"now": now.isoformat(), "sent": sent}))
        else:
            self.stdout.write(f"{sent} mails sent. The clock reads {now:%Y-%m-%d %H:%M:%S} UTC{' (moved)' if clock.is_shifted() else ''}.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--until {text!r} is not a time. Write it like 2026-12-01T10:00:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
