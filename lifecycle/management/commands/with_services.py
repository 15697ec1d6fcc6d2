"""Run one command with PostgreSQL and Valkey up: `python manage.py with_services -- pytest`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lifecycle import localstack
from lifecycle.localstack import keeper, migrating, servers


class Command(BaseCommand):
    help = "Run a command with embedded PostgreSQL and Valkey up and migrated, then stop them; its exit status is the command's."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fast", action="store_true", help="do not wait for the disk: for data that is thrown away")
        parser.add_argument("command", nargs="*", help="the command and its words, after --")

    def run_from_argv(self, argv: list[str]) -> None:
        """Leave the words after `--` alone: they are not ours to parse."""
        _, command = localstack.split_command(argv)
        if command:
            sys.exit(self.run_command(command))
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Name the command: manage.py with_services -- COMMAND…")

    def run_command(self, command: list[str]) -> int:
        running = servers.current()
        try:
            migrating.migrate()
            return keeper.run(command)
        finally:
            running.stop()
