"""The stop switch of the installation: `manage.py sending --stop "The provider called"`, `manage.py sending --go`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from stores import clock, stopping


class Command(BaseCommand):
    help = "Stop all mails of all stores at once, or let them go again; without an option, say how it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--stop", metavar="WHY", nargs="?", const="", help="Let no mail out; staff read WHY on every page.")
        either.add_argument("--go", action="store_true", help="Let mails go again: what waited goes if it is still of use.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["go"]:
            stopping.go()
        elif options["stop"] is not None:
            stopping.stop(why=options["stop"], now=clock.read())
        held = stopping.standing()
        if options["json"]:
            self.stdout.write(json.dumps({"stopped_at": held.at.isoformat() if held else None, "why": held.why if held else ""}))
        elif held:
            self.stdout.write(
                f"Stopped since {held.at:%Y-%m-%d %H:%M} UTC{f': {held.why}' if held.why else ''}. Nothing is lost; --go ends it."
            )
        else:
            self.stdout.write("Mails go.")
