"""What a rehearsal came to, for its page: rows of steps, mails a day as bars, and twenty people with what each would have got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from campaigns.models import Flow, RehearsalRun
from customers.models import Customer
from messaging.reasons import Reason
from orders.models import Order
from stores import money
from stores.models import Store

WIDTH, HEIGHT, _TOP = 720, 120, 4
#: More days than these are drawn week by week.
_MOST_BARS = 120
#: How many mails a person gets, from and to, as they are counted together.
_SPANS = (*((number, number) for number in range(7)), (7, 9), (10, 14), (15, 19), (20, None))
Reasons = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Row:
    """One step: its mails, who is left out or gets it later, with reasons in words; `cost` if all its codes are used."""

    name: str
    key: str
    sent: int
    waiting: int
    left_out: int
    reasons: Reasons
    later: Reasons
    cost: str


@dataclass(frozen=True)
class Bar:
    """One day, or the week from it on, in the picture's own units: the flow's mails below, the others' on top of them."""

    day: date
    mails: int
    others: int
    x: float
    width: float
    y: float
    height: float
    others_y: float
    others_height: float


@dataclass(frozen=True)
class Curve:
    bars: Sequence[Bar]
    most: int
    is_weekly: bool
    has_others: bool
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Fate:
    """What becomes of one step for one person; `words` say why it does not go."""

    name: str
    key: str
    at: datetime | None
    words: str


@dataclass(frozen=True)
class Person:
    """Somebody of the sample; `shown_as` is the order by which their mails are shown."""

    customer: Customer
    number: str
    began_at: datetime
    shown_as: int | None
    fates: Sequence[Fate]

    @property
    def is_complete(self) -> bool:
        return all(fate.at for fate in self.fates)


@dataclass(frozen=True)
class Rehearsed:
    """The whole of a finished run; `clashing` are the other flows by name with the days, `busiest` who gets most."""

    begun: int
    customers: int
    mails: int
    left_out: int
    waiting: int
    rows: Sequence[Row]
    curve: Curve
    loads: Sequence[tuple[str, int]]
    most: int
    busiest: Customer | None
    clash_days: int
    clash_people: int
    clashing: Sequence[tuple[str, int]]
    cost: str
    people: Sequence[Person]


def of(run: RehearsalRun) -> Rehearsed:
    """Return what a finished run came to; four queries."""
    result, store = run.result, run.flow.store
    rows = [_row(step, store) for step in result["steps"]]
    most, clashes = result["most_per_person"], result["collisions"]
    costs = [step["cost_minor"] for step in result["steps"] if step["cost_minor"]]
    persons = Customer.objects.filter(store=store, pk__in=[most["customer"] or 0, *(each["customer"] for each in result["sample"])])
    known = {person.pk: person for person in persons}
    names = dict(Flow.objects.filter(store=store, key__in=clashes["with"]).values_list("key", "name"))
    return Rehearsed(
        begun=result["begun"],
        customers=result["customers"],
        mails=result["mails"],
        left_out=sum(row.left_out for row in rows),
        waiting=sum(row.waiting for row in rows),
        rows=rows,
        curve=_curve(result["days"]),
        loads=_loads(result["people_by_mails"]),
        most=most["mails"],
        busiest=known.get(most["customer"] or 0),
        clash_days=clashes["days"],
        clash_people=clashes["customers"],
        clashing=sorted(((names.get(key, key), days) for key, days in clashes["with"].items()), key=lambda pair: -pair[1]),
        cost=money.show(sum(costs), store.currency) if costs else "",
        people=_people(result, store, known),
    )


def _row(step: Mapping[str, Any], store: Store) -> Row:
    return Row(
        name=step["name"],
        key=step["step"],
        sent=step["would_send"],
        waiting=step["waiting"],
        left_out=sum(step["skipped"].values()),
        reasons=_words(step["skipped"]),
        later=_words(step["held"]),
        cost=money.show(step["cost_minor"], store.currency) if step["cost_minor"] else "",
    )


def _words(counted: Mapping[str, int]) -> Reasons:
    return [(_label(reason), number) for reason, number in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]


def _loads(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return how many people get how many mails, the many in spans."""
    found = []
    for low, high in _SPANS:
        people = sum(number for mails, number in counted.items() if low <= int(mails) and (high is None or int(mails) <= high))
        if people:
            words = f"{low} mail{'s' * (low != 1)}" if low == high else f"{low} to {high} mails" if high else f"{low} mails or more"
            found.append((words, people))
    return found


def _label(reason: str) -> str:
    return Reason(reason).label if reason in Reason.values else reason


def _curve(days: Mapping[str, Mapping[str, int]]) -> Curve:
    """Draw mails a day from the first to the last, or a week where there are many."""
    counts = {date.fromisoformat(day): (each["mails"], each["others"]) for day, each in days.items()}
    if not counts:
        return Curve((), 0, is_weekly=False, has_others=False)
    first, last = min(counts), max(counts)
    is_weekly = (last - first).days >= _MOST_BARS
    span = 7 if is_weekly else 1
    first -= timedelta(days=first.weekday()) if is_weekly else timedelta()
    number = (last - first).days // span + 1
    sums = [[0, 0] for _ in range(number)]
    for day, pair in counts.items():
        for place, value in enumerate(pair):
            sums[(day - first).days // span][place] += value
    most, wide = max(map(sum, sums)) or 1, WIDTH / number
    bars = []
    for place, (mails, others) in enumerate(sums):
        high, on_top = mails / most * (HEIGHT - _TOP), others / most * (HEIGHT - _TOP)
        x = place * wide + min(1, wide * 0.1)
        top = HEIGHT - high
        bars.append(
            Bar(first + timedelta(days=place * span), mails, others, x, wide - 2 * min(1, wide * 0.1), top, high, top - on_top, on_top)
        )
    return Curve(bars, most, is_weekly, any(bar.others for bar in bars))


def _people(result: Mapping[str, Any], store: Store, known: Mapping[int, Customer]) -> list[Person]:
    """Return the sample, without whoever is gone by now."""
    sample = [each for each in result["sample"] if each["customer"] in known]
    names = {step["step"]: step["name"] for step in result["steps"]}
    numbers = {
        order.pk: str(order) for order in Order.objects.filter(store=store, pk__in=[each["order"] for each in sample if each["order"]])
    }
    alone = [each["customer"] for each in sample if not each["order"]]
    newest = (
        Order.objects.filter(store=store, customer__in=alone, is_test=False).order_by("customer_id", "-placed_at").distinct("customer_id")
    )
    last = dict(newest.values_list("customer_id", "pk")) if alone else {}
    return [
        Person(
            customer=known[each["customer"]],
            number=numbers.get(each["order"], ""),
            began_at=datetime.fromisoformat(each["began_at"]),
            shown_as=each["order"] if each["order"] in numbers else last.get(each["customer"]),
            fates=[_fate(step, names) for step in each["steps"]],
        )
        for each in sample
    ]


def _fate(step: Mapping[str, str], names: Mapping[str, str]) -> Fate:
    goes = step["fate"] == "would_send"
    words = "" if goes else _label(step["reason"]) if step["reason"] else "Waits for something that has not happened"
    return Fate(names.get(step["step"], step["step"]), step["step"], datetime.fromisoformat(step["at"]) if goes else None, words)
