"""Run the whole site on this machine: `make up`, or `make demo` with a shop to look at."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lifecycle.localstack import processes, supervisor


class Command(BaseCommand):
    help = "Run PostgreSQL, Valkey, web, worker, beat and a mail catcher until Ctrl-C; the data folder stays."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            supervisor.run()
        except processes.Failed as failure:
            raise CommandError(str(failure)) from None
