"""Tell what a flow would have done with what has been: `manage.py rehearse FLOW --store SLUG --from 2026-01-01 --to 2026-03-31`."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.models import Flow, FlowVersion
from campaigns.rehearsal import past, script, sharing, staging, tally
from campaigns.rehearsal.playing import Outcome
from messaging.reasons import Reason
from orders.models import Order
from stores import clock
from stores.models import Store


class Command(BaseCommand):
    help = "Play a flow over the orders of some days by the live rules; nothing is written or sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("flow", help="The flow's key, such as post-purchase.")
        parser.add_argument("--store", required=True, help="The store's slug.")
        parser.add_argument("--from", required=True, metavar="DATE", dest="first", help="The first day, by the store's clock.")
        parser.add_argument("--to", required=True, metavar="DATE", dest="last", help="The last day, which is played too.")
        parser.add_argument("--draft", action="store_true", help="The draft that is edited beside the version people enter.")
        parser.add_argument("--beside", action="store_true", help="Beside the other active flows, with caps, quiet hours and days.")
        parser.add_argument("--orders", action="store_true", help="Also tell when each order's steps go.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON (README, Rehearsal).")

    def handle(self, *args: Any, **options: Any) -> None:
        store = Store.objects.filter(slug=options["store"]).first()
        if store is None:
            raise CommandError(f"There is no store {options['store']!r}.")
        flow, version = _found(store, options["flow"], is_draft=options["draft"])
        first, last = _day("--from", options["first"]), _day("--to", options["last"])
        if last < first:
            raise CommandError(f"--to {last} lies before --from {first}.")
        zone = ZoneInfo(store.timezone)
        since, until = (datetime.combine(day, time(), tzinfo=zone) for day in (first, last + timedelta(days=1)))
        played = script.write(flow, version, since=since, until=until, now=clock.read(), is_beside=options["beside"])
        told = {
            "store": store.slug, "flow": flow.key, "version": version.number, "from": str(first), "to": str(last),
            "beside": options["beside"],
        }  # fmt: skip
        if options["json"]:
            self._print_json(told, played, with_orders=options["orders"])
        else:
            self._print_words(told, played, with_orders=options["orders"])

    def _print_json(self, told: dict[str, Any], played: script.Script, *, with_orders: bool) -> None:
        """Print one JSON object; orders are written as they are played, so that no number of them has to fit into memory."""
        counted = tally.Tally() if with_orders else sharing.count(played)
        self.stdout.write("{", ending="")
        if with_orders:
            self.stdout.write('"orders": [', ending="")
            for number, order in enumerate(_each(played, counted)):
                self.stdout.write(f"{',' if number else ''}\n{json.dumps(order)}", ending="")
            self.stdout.write("],\n", ending="")
        self.stdout.write(json.dumps({**told, **staging.result(played, counted)})[1:])

    def _print_words(self, told: dict[str, Any], played: script.Script, *, with_orders: bool) -> None:
        counted = tally.Tally() if with_orders else sharing.count(played)
        for order in _each(played, counted) if with_orders else ():
            self.stdout.write(f"{order['order'] or order['customer']}, {order['began_at']:.16}")
            for step, its in order["steps"].items():
                self.stdout.write(f"  {its['planned_at']:.16}  {step}: {' '.join(filter(None, [its['fate'], its['reason']]))}")
        found = staging.result(played, counted)
        self.stdout.write(f"{told['flow']}, {told['from']} to {told['to']}: {found['begun']:,} begun, {found['mails']:,} mails.")
        for step in found["steps"]:
            reasons = [f"{Reason(reason).label.lower()} {number:,}" for reason, number in step["skipped"].items()]
            waiting = [f"{step['waiting']:,} wait"] if step["waiting"] else []
            self.stdout.write(f"  {step['step']}: {step['would_send']:,}{''.join(f', {words}' for words in [*reasons, *waiting])}")


def _found(store: Store, key: str, *, is_draft: bool) -> tuple[Flow, FlowVersion]:
    """Return a store's flow with the version to play; raise CommandError."""
    flow = Flow.objects.filter(store=store, key=key).select_related("version__audience", "draft__audience", "store").first()
    if flow is None:
        known = ", ".join(Flow.objects.filter(store=store).order_by("key").values_list("key", flat=True)) or "none yet"
        raise CommandError(f"{store.slug} has no flow {key!r}; there are: {known}.")
    if is_draft and flow.draft is None:
        raise CommandError(f"{flow.key} has no draft beside its version.")
    version = flow.draft if is_draft else flow.version or flow.draft
    if version is None:
        raise CommandError(f"{flow.key} has no steps yet.")
    return flow, version


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text!r} is not a date such as 2026-01-31.") from error


def _each(played: script.Script, counted: tally.Tally) -> Iterator[dict[str, Any]]:
    """Yield what becomes of each passage's steps, by customer, counting on the way."""
    zone, play = ZoneInfo(played.store.timezone), played.scenes[0].play
    for ids in staging.lots_of_people(past.people(played)):
        people = list(staging.played(played, ids))
        orders = [each.passage.order for outcomes in people for each in outcomes if each.passage.play is play]
        names = {pk: (number or name, name) for pk, number, name in Order.objects.filter(pk__in=orders).values_list(
            "pk", "number", "external_id")}  # fmt: skip
        for outcomes in people:
            counted.add(outcomes, play=play, zone=zone)
            by_passage: dict[int, list[Outcome]] = {}
            for each in outcomes:
                if each.passage.play is play:
                    by_passage.setdefault(id(each.passage), []).append(each)
            for its in by_passage.values():
                yield _passage(its, names)


def _passage(outcomes: list[Outcome], names: dict[int, tuple[str, str]]) -> dict[str, Any]:
    passage = outcomes[0].passage
    number, external_id = names.get(passage.order or 0, (None, None))
    return {
        "order": number, "external_id": external_id, "customer": passage.person.number, "began_at": passage.began_at.isoformat(),
        "steps": {
            each.part.key: {
                "fate": each.fate.value, "planned_at": each.due_at.isoformat(), "at": each.at.isoformat(),
                "reason": each.reason.value if each.reason else "", "held": [reason.value for reason in each.held],
            }
            for each in sorted(outcomes, key=lambda each: each.part.place)
        },
    }  # fmt: skip
