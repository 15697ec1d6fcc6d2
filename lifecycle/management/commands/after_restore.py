"""What to run on a database that was put back from a backup, before any worker does: `manage.py after_restore --taken-at TIMESTAMP`."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import restored
from stores import clock


class Command(BaseCommand):
    help = "Stop sending, and put aside everything that may have gone since the backup was taken, so that nobody gets it twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--taken-at", required=True, metavar="TIMESTAMP", help="When the backup was taken, such as 2026-12-01T03:00Z.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.read()
        try:
            taken_at = datetime.fromisoformat(options["taken_at"])
        except ValueError as error:
            raise CommandError(f"--taken-at {options['taken_at']!r} is not a time. Write it like 2026-12-01T03:00Z.") from error
        taken_at = taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=UTC)
        if taken_at > now:
            raise CommandError("--taken-at lies in the future.")
        aside = restored.put_aside(taken_at=taken_at, now=now)
        if options["json"]:
            self.stdout.write(json.dumps({"steps": aside.steps, "mails": aside.mails}))
        else:
            self.stdout.write(
                f"Sending is stopped. {aside.steps} steps were skipped and {aside.mails} mails called unknown: they may have gone since the"
                " backup. Look at them under Messages, then let mails go: manage.py sending --go"
            )
