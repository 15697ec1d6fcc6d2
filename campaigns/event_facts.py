"""What events bring along that a flow or a wait may ask for: how it is called, which events have it, how a value is read and said. Pure.

A sum is kept in minor units with its currency, and is only compared with sums of that currency (`campaigns.filters`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stores import money

#: How a test of `campaigns.filters` reads.
HOW = (("is", "is"), ("is_one_of", "is one of"), ("at_least", "is at least"), ("at_most", "is at most"))
_TRUTHS: dict[Any, str] = {True: "yes", False: "no"}
_TOPICS: dict[Any, str] = {"marketing": "offers", "service": "help mails"}
_DATES = {
    "birthday": "their birthday",
    "joined": "they became known",
    "first_order": "their first order",
    "last_order": "their latest order",
}


class Unreadable(ValueError):
    """What was typed is no value of that fact; the message says what one looks like."""


@dataclass(frozen=True)
class Fact:
    """A name in an event's data; `kind` is text, number, sum, or `one` of the `choices` (words by value).

    `of` is how the kinds of event begin that have it.
    """

    words: str
    kind: str
    of: tuple[str, ...]
    choices: Mapping[Any, str] = field(default_factory=dict)


FACTS = {
    "amount": Fact("the sum", "sum", ("order.placed", "order.paid", "order.cancelled", "order.refunded", "cart.")),
    "currency": Fact("the currency", "text", ("order.placed", "order.paid", "order.cancelled", "order.refunded", "cart.")),
    "number": Fact("the order’s number", "text", ("order.", "shipment.", "answer.", "review.")),
    "score": Fact("the score", "number", ("answer.", "review.")),
    "survey": Fact("the question’s name", "text", ("answer.",)),
    "checkout": Fact("the checkout was begun", "one", ("cart.",), _TRUTHS),
    "reminds": Fact("a reminder may go", "one", ("cart.",), _TRUTHS),
    "title": Fact("the thing’s name", "text", ("order.out_of_stock", "product.")),
    "topic": Fact("the topic", "one", ("consent.",), _TOPICS),
    "source": Fact("where it was said", "text", ("consent.",)),
    "tag": Fact("the tag", "text", ("customer.tagged",)),
    "date": Fact("the date", "one", ("customer.date",), _DATES),
    "days": Fact("days after it", "number", ("customer.date",)),
    "flow": Fact("the mail’s flow", "text", ("mail.clicked",)),
    "step": Fact("the mail’s step", "text", ("mail.clicked",)),
}


def of(kind: str) -> list[str]:
    """Return the names of the facts that events of a kind bring along."""
    return [name for name, fact in FACTS.items() if kind.startswith(fact.of)]


def written(name: str, how: str, text: str, *, currency: str) -> dict[str, Any]:
    """Return the test that somebody wrote; raise Unreadable."""
    kind = FACTS[name].kind
    if how in ("at_least", "at_most") and kind not in ("number", "sum"):
        raise Unreadable("Only a number can be at least or at most something.")
    parts = text.split(",") if how == "is_one_of" else [text]
    values = [_read(FACTS[name], part.strip(), currency) for part in parts if part.strip()]
    held: Any = values if how == "is_one_of" else values[0]
    return {"name": name, "test": how, "value": held, **({"currency": currency} if kind == "sum" else {})}


def _read(fact: Fact, text: str, currency: str) -> Any:
    if fact.choices:
        found = next((each for each, words in fact.choices.items() if text.lower() in (str(each).lower(), words.lower())), None)
        if found is None:
            raise Unreadable(f"Write one of these: {', '.join(fact.choices.values())}.")
        return found
    if fact.kind == "text":
        return text
    try:
        if fact.kind == "sum":
            return money.to_minor(text.replace(",", "."), currency)
        return int(text) if text.removeprefix("-").isdecimal() else float(text)
    except (ValueError, money.NotMoney) as error:
        raise Unreadable("Write a sum like 49.90." if fact.kind == "sum" else "Write a number.") from error


def value(test: Mapping[str, Any]) -> str:
    """Return a test's value as somebody would write it."""
    return ", ".join(_written(each, test) for each in _several(test))


def _written(each: Any, test: Mapping[str, Any]) -> str:
    choices = FACTS[test["name"]].choices if test["name"] in FACTS else {}
    if each in choices:
        return choices[each]
    return money.to_wire(each, test["currency"]) if test.get("currency") else str(each)


def say(test: Mapping[str, Any]) -> str:
    """Return a test in words: "the score is at least 4"."""
    words = FACTS[test["name"]].words if test["name"] in FACTS else test["name"]
    parts = [money.show(each, test["currency"]) if test.get("currency") else _written(each, test) for each in _several(test)]
    values = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
    return f"{words} {dict(HOW)[test['test']]} {values}"


def _several(test: Mapping[str, Any]) -> list[Any]:
    return test["value"] if isinstance(test["value"], list) else [test["value"]]
