"""Take in a file of past orders: `manage.py import_orders orders.jsonl --store marlow`."""

import gc
import json
import sys
import zlib
from dataclasses import asdict
from gzip import BadGzipFile
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import imports
from stores import clock
from stores.models import Store

_SHOWN = 20


class Command(BaseCommand):
    help = "Take in past orders from a file, one JSON object a line (- is standard input, .gz is unpacked). They enrol nobody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--store", required=True, help="The store's slug.")
        parser.add_argument("--format", default="jsonl", help="jsonl: the generic order format, one order a line.")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["format"] != "jsonl":
            raise CommandError(f"--format {options['format']!r} is not known. The only format is jsonl.")
        store = Store.objects.filter(slug=options["store"]).first()
        if store is None:
            raise CommandError(f"There is no store {options['store']!r}.")
        gc.freeze()
        gc.set_threshold(100_000)  # a batch is many small records and no cycles
        name = "standard input" if options["file"] == "-" else Path(options["file"]).name
        try:
            with imports.opened(options["file"]) as lines:
                report = imports.take_in(store, lines, now=clock.read(), file_name=name, tell=_progress())
        except (BadGzipFile, zlib.error, EOFError) as error:
            raise CommandError(f"{options['file']} is a broken gzip file: {error}. What stands before the break is in.") from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror or error}.") from error
        self.stdout.write(json.dumps(asdict(report)) if options["json"] else _words(report))


def _progress() -> Any:
    """Return what draws the progress on a terminal; None where nobody looks."""
    if not sys.stderr.isatty():
        return None
    began = monotonic()

    def draw(report: imports.Report) -> None:
        rate = report.read / max(monotonic() - began, 0.001)
        sys.stderr.write(f"\r{report.read:,} read, {report.new:,} new, {len(report.bad):,} bad · {rate:,.0f} a second ")
        sys.stderr.flush()

    return draw


def _words(report: imports.Report) -> str:
    counts = f"{report.new:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged, {len(report.bad):,} bad"
    lines = [f"{report.read:,} read: {counts}."]
    lines += [f"  line {bad['line']}: {bad['reason']}" for bad in report.bad[:_SHOWN]]
    if len(report.bad) > _SHOWN:
        lines.append(f"  and {len(report.bad) - _SHOWN:,} more; --json lists them all.")
    return "\n".join(lines)
