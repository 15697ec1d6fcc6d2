"""Take in a file of past orders or of customers: `manage.py import_orders orders.jsonl --store marlow`."""

import gc
import io
import json
import sys
import zlib
from dataclasses import asdict
from datetime import datetime
from gzip import BadGzipFile
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers.shop_words import Basis
from integrations import imports
from integrations.files import exports, reading, table
from stores import clock
from stores.models import Store

_SHOWN = 20
_SEEN_AHEAD = 1024 * 1024
#: --format → the export it must be; "csv" is any whose columns are known by their names.
_CSV = {"csv": "", **{f"{name}-csv": f"{name}-orders" for name in ("shopify", "woocommerce")}, **{each: each for each in exports.LABELS}}


class Command(BaseCommand):
    help = "Take in past orders or customers from a file (- is standard input, .gz is unpacked). They are history and enrol nobody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--store", required=True, help="The store's slug.")
        names = ", ".join(_CSV)
        parser.add_argument("--format", default="auto", help=f"jsonl (the generic order format, one order a line), {names}; auto looks.")
        parser.add_argument(
            "--consent", default="", help="Where and in which words those who accept marketing in a CSV said so; else left out."
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["format"] not in ("auto", "jsonl", *_CSV):
            raise CommandError(f"--format {options['format']!r} is not known. There are auto, jsonl, {', '.join(_CSV)}.")
        store = Store.objects.filter(slug=options["store"]).first()
        if store is None:
            raise CommandError(f"There is no store {options['store']!r}.")
        gc.freeze()
        gc.set_threshold(100_000)  # a batch is many small records and no cycles
        name = "standard input" if options["file"] == "-" else Path(options["file"]).name
        try:
            with imports.opened(options["file"]) as file:
                report = _take_in(store, file, name, form=options["format"], consent=options["consent"])
        except table.NotATable as error:
            raise CommandError(str(error)) from error
        except (BadGzipFile, zlib.error, EOFError) as error:
            raise CommandError(f"{options['file']} is a broken gzip file: {error}. What stands before the break is in.") from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror or error}.") from error
        self.stdout.write(json.dumps(asdict(report)) if options["json"] else _words(report))


def _take_in(store: Store, file: BinaryIO, name: str, *, form: str, consent: str) -> imports.Report:
    now = clock.read()
    if form == "jsonl":
        return imports.take_in(store, file, now=now, file_name=name, tell=_progress())
    ahead = io.BufferedReader(cast(io.RawIOBase, file), _SEEN_AHEAD)
    try:
        return _take_in_any(store, ahead, name, form=form, consent=consent, now=now)
    finally:
        ahead.detach()


def _take_in_any(
    store: Store, ahead: "io.BufferedReader[io.RawIOBase]", name: str, *, form: str, consent: str, now: datetime
) -> imports.Report:
    """Take in a file of which the beginning tells what it is."""
    start = ahead.peek(_SEEN_AHEAD)
    if form == "auto" and start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b""):
        return imports.take_in(store, ahead, now=now, file_name=name, tell=_progress())
    how = reading.guess(io.BytesIO(start), store)
    if _CSV.get(form) and how.export != _CSV[form]:
        raise CommandError(f"The file does not look like {exports.LABELS[_CSV[form]]}. Its columns are: {', '.join(how.heads)}.")
    if how.questions:
        raise CommandError(f"{' '.join(how.questions)} Upload the file in the browser, under Imports, to answer.")
    basis = Basis("file", consent) if consent else None
    found = imports.units(ahead, how, now=now)
    return imports.take_units(store, found, now=now, file_name=name, kind="csv", reading=how, basis=basis, tell=_progress())


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
