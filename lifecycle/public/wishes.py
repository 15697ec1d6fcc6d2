"""What a customer asks of the shop on the tracker: each a task for the staff, and "asked" on the page until the shop's own data shows it.

A task's key holds what the shop's data said of the matter when it was asked: once that has changed, the same may be asked anew.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers import tasks_for_staff
from customers.models import Task
from orders.models import Order
from orders.progress import Stage
from stores.phrases import Phrases, marked

KIND = "wish"
LONGEST = 1000


@dataclass(frozen=True)
class Reason:
    """Something that may be asked: what the customer chooses, the task's title, and what they must write with it ("" for nothing)."""

    label: str
    title: str
    needs: str = ""


REASONS = {
    "address": Reason(marked("Send it to another address"), "Asks for another address", marked("Write the whole new address.")),
    "cancel": Reason(marked("Cancel the order"), "Asks to cancel"),
    "change": Reason(marked("Change or add an item"), "Asks to change the items", marked("Write what you would like instead.")),
    "late": Reason(marked("It takes too long"), "Finds that it takes too long"),
    "not_here": Reason(marked("It is not here"), "Says that it is not there"),
    "broken": Reason(
        marked("Something is broken, wrong or missing"), "Something is broken, wrong or missing", marked("Write what is wrong.")
    ),
    "return": Reason(marked("Send something back"), "Asks to send something back", marked("Write what goes back, and why if you like.")),
    "money": Reason(marked("My money is not back yet"), "Misses the money"),
}
_BEFORE = ("address", "cancel", "change")
_UNDER_WAY = ("late", "address")
_THERE = ("not_here", "broken", "return")
_WITHOUT_PARCEL = ("broken", "cancel")
_OFF = ("money",)
#: What can only be done before the parcel leaves is looked at sooner.
_SOON, _LATER = timedelta(hours=4), timedelta(hours=24)


@dataclass(frozen=True)
class Wish:
    """One thing that was asked: when, and when the shop was done with it."""

    reason: Reason
    at: datetime
    done_at: datetime | None


def offered(stage: Stage, *, is_off: bool, has_parcels: bool) -> tuple[str, ...]:
    """Return what may be asked of an order at this stop."""
    if is_off:
        return _OFF
    if not has_parcels:
        return _WITHOUT_PARCEL
    return _THERE if stage == Stage.DELIVERED else _BEFORE if stage in (Stage.ORDERED, Stage.PACKED) else _UNDER_WAY


def keys(order: Order) -> dict[str, Reason]:
    """Return the keys of the tasks of what may have been asked and is not settled by the shop's data."""
    return {_key(order, what): REASONS[what] for what in REASONS if not (what == "cancel" and order.cancelled_at)}


def read(reasons: Mapping[str, Reason], tasks: Iterable[tuple[str, str, str | None]]) -> list[Wish]:
    """Return what has been asked, of the key, opening and closing of each task (ISO 8601)."""
    return [
        Wish(reasons[key], datetime.fromisoformat(opened), datetime.fromisoformat(closed) if closed else None)
        for key, opened, closed in tasks
    ]


def take(order: Order, what: str, *, words: str, now: datetime) -> None:
    """Have a task open for what a customer asks, with their latest words."""
    reason = REASONS[what]
    due_at = now + (_SOON if what in ("address", "cancel", "change") else _LATER)
    task = tasks_for_staff.open_task(
        order.customer, kind=KIND, key=_key(order, what), title=reason.title, detail=words, order_number=str(order), due_at=due_at, now=now
    )
    if task.state == Task.State.CLOSED:
        tasks_for_staff.reopen(task, now=now)
    if task.state == Task.State.CLOSED or task.detail != words:
        Task.objects.filter(pk=task.pk).update(detail=words or task.detail, opened_at=now, due_at=due_at)


def problem(what: str, text: str, options: Sequence[str], words: Phrases) -> str:
    """Return what is missing of a wish, in words."""
    if what not in options:
        return words.say("Choose what it is about.")
    return "" if text or not REASONS[what].needs else words.say(REASONS[what].needs)


def _key(order: Order, what: str) -> str:
    facts = {
        "address": repr(sorted(order.shipping_address.items())), "change": f"{order.total_minor}", "return": f"{order.refunded_minor}",
        "broken": f"{order.refunded_minor}", "money": f"{order.refunded_minor}",
    }.get(what, "")  # fmt: skip
    return f"{KIND}:{what}:{order.pk}:{hashlib.blake2b(facts.encode(errors='replace'), digest_size=6).hexdigest()}"
