"""Says a rule as one sentence, and what is known of one person beside each of its rows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date

from segments.rules.catalogue import CATALOGUE, What
from segments.rules.tree import Group, Node, Row, When
from stores import money

_ENGLISH = Locale("en")
_JOINED = {"all": "and", "any": "or", "not": "or"}
_COMPARED = {"at_least": "at least {}", "at_most": "at most {}", "exactly": "exactly {}"}
MONTHS = tuple(_ENGLISH.months["format"]["wide"][number] for number in range(1, 13))


@dataclass(frozen=True)
class Names:
    """What the numbers in a rule are called, and the store's currency."""

    currency: str
    products: Mapping[int, str] = field(default_factory=dict)
    segments: Mapping[int, str] = field(default_factory=dict)


def sentence(node: Node, names: Names) -> str:
    """Return the whole rule in words: "Customers who have placed at least 2 orders and who live in Germany."."""
    if isinstance(node, Group) and not node.children:
        return "Everyone."
    text = _said(node, names, is_whole=True)
    return f"Customers who {text}." if not text.startswith("do not: ") else f"Customers of whom this is not true: {text[8:]}."


def _said(node: Node, names: Names, *, is_whole: bool = False) -> str:
    if isinstance(node, Row):
        return row(node, names)
    parts = [_said(child, names) for child in node.children]
    text = f", {_JOINED[node.mode]} ".join(parts) if any(", " in part for part in parts) else f" {_JOINED[node.mode]} ".join(parts)
    if node.mode == "not":
        return f"do not: {text}" if is_whole else f"are not those who {text}"
    return text if is_whole or len(parts) == 1 else f"either {text}" if node.mode == "any" else f"({text})"


def row(one: Row, names: Names) -> str:
    """Return one row as the end of "customers who …"."""
    what = CATALOGUE[one.what]
    words: str = _SAID[what.family](one, what, names)
    return words


def _number(one: Row, what: What, names: Names) -> str:
    if one.op == "top_percent":
        return f"are among the {_plain(one.low)} % who spent most"
    assert one.low is not None
    if one.op == "between":
        assert one.high is not None
        compared = f"{_amount(one.low, what, names)} to {_amount(one.high, what, names)}"
    elif one.low == 0 and one.op != "at_least" and what.many:
        return what.sentence.format(f"no {what.many}")
    else:
        compared = _COMPARED[one.op].format(_amount(one.low, what, names))
    return what.sentence.format(_with_unit(compared, what, one.high or one.low))


def _with_unit(text: str, what: What, amount: Decimal | None) -> str:
    unit = what.one if amount == 1 else what.many
    return f"{text} {unit}" if unit else text


def _amount(value: Decimal, what: What, names: Names) -> str:
    if what.family == "money":
        return money.show(round(value.scaleb(_decimals(names.currency))), names.currency)
    return f"{_plain(value)} %" if what.family == "share" else _plain(value)


def _decimals(currency: str) -> int:
    return len(money.to_wire(0, currency).partition(".")[2])


def _plain(value: Decimal | float | None) -> str:
    number = f"{value or 0:,.2f}"
    return number.rstrip("0").rstrip(".")


def _moment(one: Row, what: What, names: Names) -> str:
    if one.op in ("known", "unknown"):
        return what.some if one.op == "known" else what.none
    days = f"{one.when.days:,} day{'' if one.when.days == 1 else 's'}"
    found = {"in_last": f"in the last {days}", "before_last": f"more than {days} ago", "in_next": f"within the next {days}"}
    return what.sentence.format(found.get(one.op) or _between(one.when))


def _yearly(one: Row, what: What, names: Names) -> str:
    if one.op == "this_month":
        return what.sentence.format("this month")
    if one.op == "in_month":
        return what.sentence.format(f"in {MONTHS[one.month - 1]}")
    days = one.when.days
    return what.sentence.format("today" if days == 0 else f"within the next {days} day{'' if days == 1 else 's'}")


def _listed(one: Row, what: What, names: Names) -> str:
    said = listed([_called(value, what) for value in one.values])
    text = what.sentence.format(said)
    if one.op == "any":
        return text
    verb, _, rest = text.partition(" ")
    return (
        f"are not {rest}"
        if verb == "are"
        else f"do not {verb} {rest}"
        if verb in ("live", "speak", "have")
        else f"did not {_base(verb)} {rest}"
    )


def _base(verb: str) -> str:
    return {"came": "come", "bought": "buy"}.get(verb, verb)


def _called(value: str, what: What) -> str:
    if what.key == "country":
        return str(_ENGLISH.territories.get(value, value))
    if what.key == "language":
        return str(_ENGLISH.languages.get(value, value))
    return dict(what.options).get(value, value) if what.options else f"“{value}”"


def listed(words: Sequence[str], joint: str = "or") -> str:
    """Return words as people list them, the first ten of many."""
    shown, rest = list(words[:10]), len(words) - 10
    if rest > 0:
        return f"{', '.join(shown)} {joint} {rest} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def _products(one: Row, what: What, names: Names) -> str:
    titles = listed([names.products.get(int(value), "a product that is gone") for value in one.values])
    text = what.sentence.format(titles)
    return text if one.op == "any" else f"did not buy {titles} first"


def _bought(one: Row, what: What, names: Names) -> str:
    if what.key == "bought":
        titles = [names.products.get(int(value), "a product that is gone") for value in one.values]
        things = f"{listed(titles, 'and')} together" if one.op == "did_together" else listed(titles)
    else:
        things = listed([f"“{value}”" for value in one.values])
    said = what.sentence.format(things)
    if one.op == "did_not":
        return _not_so_often(f"did not buy{said.removeprefix('bought')}", one, names)
    return f"{said}{_times(one)}{_when(one.when, names)}"


def _ordered(one: Row, what: What, names: Names) -> str:
    if one.op == "did_not":
        return _not_so_often("have not ordered", one, names)
    return f"have ordered{_times(one)}{_when(one.when, names)}"


def _did(one: Row, what: What, names: Names) -> str:
    words = [f"“{value}”" if what.family == "action" else _called(value, what) for value in one.values]
    said = f"done {listed(words)}" if what.family == "action" else listed(words)
    if one.op == "did_not":
        return _not_so_often(f"have not {said}", one, names)
    return f"have {said}{_times(one)}{_when(one.when, names)}"


def _answer(one: Row, what: What, names: Names) -> str:
    if one.op == "did_not":
        return _not_so_often("have answered nothing" if one.times == 1 else "have not answered", one, names)
    return f"answered {_COMPARED[one.op].format(_plain(one.low))} of 5{_times(one)}{_when(one.when, names)}"


def _not_so_often(said: str, one: Row, names: Names) -> str:
    often = f" {one.times:,} times or more" if one.times > 1 else ""
    return f"{said}{often}{_when(one.when, names)}"


def _times(one: Row) -> str:
    return f" at least {one.times:,} times" if one.times > 1 else ""


def _when(when: When, names: Names) -> str:
    if when.kind == "in_last":
        return f" in the last {when.days:,} day{'' if when.days == 1 else 's'}"
    if when.kind == "since_segment":
        return f" since they entered “{names.segments.get(when.segment, 'a segment that is gone')}”"
    return f" {_between(when)}" if when.kind == "between" else ""


def _between(when: When) -> str:
    if when.start and when.end:
        return f"on {_day(when.start)}" if when.start == when.end else f"from {_day(when.start)} to {_day(when.end)}"
    return f"since {_day(when.start)}" if when.start else f"up to {_day(when.end)}"


def _day(day: date | None) -> str:
    return str(format_date(day, "d MMM y", locale=_ENGLISH)) if day else ""


def _interest(one: Row, what: What, names: Names) -> str:
    topics = listed([f"“{value}”" for value in one.values])
    return f"are{'' if one.op == 'any' else ' not'} interested in {topics}"


def _segment(one: Row, what: What, names: Names) -> str:
    return f"are{'' if one.op == 'any' else ' not'} in “{names.segments.get(one.segment, 'a segment that is gone')}”"


def _sample(one: Row, what: What, names: Names) -> str:
    drawn = f" (draw {one.draw})" if one.draw else ""
    return what.sentence.format(f"{_plain(one.low)} %") + drawn


_SAID: dict[str, Any] = {
    "number": _number, "money": _number, "share": _number, "moment": _moment, "yearly": _yearly, "choice": _listed, "text": _listed,
    "product": _products, "bought": _bought, "category": _bought, "ordered": _ordered, "event": _did, "action": _did, "answer": _answer,
    "interest": _interest, "segment": _segment, "sample": _sample,
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What is known of a person for one row: a value of its column, or how often it happened, and when last."""

    holds: bool
    value: Any = None
    last: datetime | None = None


def fact(one: Row, seen: Seen, names: Names, *, now: datetime) -> str:
    """Return what is known of a person for one row: "3 orders", "last order 120 days ago", "never"."""
    what = CATALOGUE[one.what]
    if what.family == "interest":
        return "interested" if seen.value else "not interested"
    if what.family in ("segment", "sample"):
        return "in it" if bool(seen.value) else "not in it"
    if what.family in ("bought", "category", "ordered", "event", "action", "answer"):
        count = int(seen.value or 0)
        often = "never" if not count else "once" if count == 1 else f"{count:,} times"
        said = f"{_happening(one, what)}: {often}"
        return f"{said}, last {ago(seen.last, now)}" if seen.last and count else said
    if seen.value in (None, "", []):
        return f"{_name(what)}: not known"
    words: str = _FACTS.get(what.family, _as_text)(one, what, seen.value, names, now)
    return words


def _happening(one: Row, what: What) -> str:
    """Return what it is that somebody did, in a word or two."""
    if what.family in ("event", "action"):
        return listed([_called(value, what) if what.options else f"“{value}”" for value in one.values])
    return {"ordered": "ordered", "answer": "answered"}.get(what.family, "bought")


def ago(moment: datetime, now: datetime) -> str:
    days = (now - moment).days
    if days < 0:
        return "today" if days == -1 else f"in {-days} days"
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days:,} days ago"


def _number_fact(one: Row, what: What, value: Any, names: Names, now: datetime) -> str:
    number = Decimal(str(value))
    if what.family == "money":
        shown = money.show(round(number), names.currency)
    else:
        shown = f"{_plain(number * 100)} %" if what.family == "share" else _plain(number)
    unit = what.one if number == 1 else what.many
    return f"{shown} {unit}" if what.key == "orders_count" else f"{_name(what)} {shown}"


def _moment_fact(one: Row, what: What, value: Any, names: Names, now: datetime) -> str:
    return f"{_name(what)} {ago(value, now)}"


def _name(what: What) -> str:
    return what.label.split(",")[0].removesuffix(" (RFM)").lower()


def _yearly_fact(one: Row, what: What, value: Any, names: Names, now: datetime) -> str:
    month, day = divmod(int(value), 100)
    return f"{'birthday' if what.key == 'birthday' else 'first order'} on {day} {MONTHS[month - 1]}"


def _product_fact(one: Row, what: What, value: Any, names: Names, now: datetime) -> str:
    return f"first product {names.products.get(int(value), 'another')}"


def _as_text(one: Row, what: What, value: Any, names: Names, now: datetime) -> str:
    values = value if isinstance(value, list) else [value]
    return f"{_name(what)} {listed([_called(str(each), what) for each in values], 'and')}"


_FACTS: dict[str, Any] = {
    "number": _number_fact, "money": _number_fact, "share": _number_fact, "moment": _moment_fact, "yearly": _yearly_fact,
    "product": _product_fact,
}  # fmt: skip
