"""A mail's words as fields, and what a form says back to them: subject, preheader, and a list of blocks of known kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from typing import Any

from campaigns.models import Step
from lifecycle.console.flow_editor import block_fields
from messaging.rendering import Problem, blocks, markup

SUBJECT_BEST = 45
#: Each kind by its name for people, what it shows by itself, and what a new one says.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "heading": ("Heading", "", {"text": "A heading"}),
    "text": ("Text", "", {"text": "A few words."}),
    "button": ("Button", "", {"label": "Have a look round", "url": "{{ shop_url }}"}),
    "order_lines": ("What was ordered", "The items with picture, number and price.", {}),
    "totals": ("What it cost", "The sum of the order.", {}),
    "parcel": ("Where the parcel is", "The stage of the delivery, and the day it comes.", {}),
    "tips": ("Usage tips", "The tips of the products in the order.", {}),
    "pairings": ("Goes well with it", "At most three products, each with its reason.", {"label": "Have a look"}),
    "question": (
        "Question", "Five answers to tap, the best first.",
        {"answers": ["Love it", "Good", "It is all right", "Not great", "Something is wrong"]},
    ),
    "stars": (
        "Stars", "Five stars to tap, the best first.", {"answers": ["Five stars", "Four stars", "Three stars", "Two stars", "One star"]},
    ),
    "offer": ("Offer", "The code, and the day it ends.", {"label": "Use it in the shop"}),
    "referral": ("Bring a friend", "Their link to pass on, and what both get: as long as Offers → Referrals is on.", {}),
    "policy": ("Returns and warranty", "The days until which they can return it, and the warranty runs.", {}),
    "image": ("Picture", "", {}),
    "columns": (
        "Two columns", "Beside each other where there is room, under each other on phones.",
        {"text": "On one side.", "text2": "On the other."},
    ),
    "countdown": ("Days left", "How long it is until a day, in words, as of the mail’s going out.", {}),
    "divider": ("Line", "A thin line across.", {}),
    "spacer": ("Space", "", {"size": "medium"}),
    "social": ("Social networks", "Those with an address stand as links.", {}),
    "html": (
        "HTML", "Your own. Scripts, forms and outside styles are left out; values can be written into it.",
        {"html": "<p>A few words.</p>"},
    ),
    "signature": ("Signature", "Who writes, after these words.", {"text": "All the best,"}),
}  # fmt: skip
#: The kinds as the menu that adds one has them, and those of them that tell of an order.
_MENU = (
    ("Words", ("heading", "text", "button", "signature")),
    ("Their order", ("order_lines", "totals", "parcel", "tips", "policy")),
    ("To sell", ("pairings", "offer", "countdown", "referral")),
    ("To ask", ("question", "stars")),
    ("Looks", ("image", "columns", "divider", "spacer", "social", "html")),
)
_ABOUT_ORDER = frozenset({"order_lines", "totals", "parcel", "tips", "pairings", "policy", "question", "stars"})
#: The choice of those who bought something, whatever it is.
_BOUGHT = "bought"
GATES = (
    ("", "Everybody"), ("only:marketing", "Only those who may get offers"),
    ("order:first", "Only with a first order"), ("order:later", "Only from a second order on"), (_BOUGHT, "By what they bought"),
    ("if:has_parcel", "If there is a parcel"),
    ("if:expected_day", "If the day it comes is known"), ("if:has_arrived", "If it has arrived"),
    ("unless:has_arrived", "Until it has arrived"),
    ("if:tips", "If there are tips"), ("if:pairings", "If something goes well with it"), ("if:offer_value", "If there is an offer"),
    ("if:referral_url", "Where referrals are on"),
)  # fmt: skip
_TESTS = ("only", "order", "if", "unless")


@dataclass(frozen=True)
class Row:
    """One block as it is edited; `more` are controls that are seldom used, `kept` values that have none of their own."""

    number: int
    kind: str
    label: str
    says: str
    fields: Sequence[block_fields.Field]
    more: Sequence[block_fields.Field]
    kept: Sequence[tuple[str, str]]
    gate: str
    gates: Sequence[tuple[str, str]]
    bought: str
    errors: Sequence[str]


def rows(content: Mapping[str, Any], problems: Sequence[Problem]) -> list[Row]:
    """Return the blocks of a content, each with what is wrong with it."""
    return [row(number, block, problems) for number, block in enumerate(content.get("blocks", ()), start=1)]


def row(number: int, block: Mapping[str, Any], problems: Sequence[Problem] = ()) -> Row:
    """Return one block, of that number."""
    wrong = {problem.where: problem.what for problem in problems}
    label, says, _ = KINDS.get(block["kind"], (block["kind"].replace("_", " ").capitalize(), "", {}))
    fields, more = block_fields.of(block, wrong, number)
    kept = [(name, str(block[name])) for name in block_fields.KEPT if block.get(name)]
    gate = _gate_of(block)
    gates = [*GATES, *([(gate, _in_words(gate))] if gate not in dict(GATES) else [])]
    errors = [problem.what for problem in problems if problem.where == f"block {number}"]
    return Row(number, block["kind"], label, says, fields, more, kept, gate, gates, str(block.get("bought") or ""), errors)


def _in_words(gate: str) -> str:
    """Return several tests as one sentence: "Only those who may get offers, and if something goes well with it"."""
    known = dict(GATES)
    said = [known.get(each) or each.replace(":", " ").replace("_", " ").capitalize() for each in gate.split("+")]
    return ", and ".join([said[0], *(f"{words[0].lower()}{words[1:]}" for words in said[1:])])


def _gate_of(block: Mapping[str, Any]) -> str:
    """Return a block's tests as one choice; of two, both: "only:marketing+if:pairings"."""
    return "+".join(f"{name}:{block[name]}" for name in _TESTS if block.get(name)) or (_BOUGHT if block.get("bought") else "")


def read(data: Mapping[str, str]) -> dict[str, Any]:
    """Return the content that a form says, as it stands there, good or not."""
    numbers = takewhile(lambda number: f"b{number}.kind" in data, range(1, blocks.MOST_BLOCKS + 2))
    return {
        "subject": markup.one_line(data.get("subject", "")), "preheader": markup.one_line(data.get("preheader", "")),
        "blocks": [_block(data, number) for number in numbers],
    }  # fmt: skip


def first_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Return the number of the first block that is another than it was, 0 where none is."""
    pairs = enumerate(zip_longest(before.get("blocks", ()), after.get("blocks", ())), start=1)
    return next((number for number, (old, new) in pairs if old != new), 0)


def _block(data: Mapping[str, str], number: int) -> dict[str, Any]:
    kind = data.get(f"b{number}.kind", "")
    block: dict[str, Any] = {"kind": kind if kind in blocks.KINDS else "text"}
    for name in block_fields.names_of(block["kind"]):
        if name == "answers":
            block["answers"] = [markup.one_line(data.get(f"b{number}.answer{place}", "")) for place in range(1, blocks.ANSWERS + 1)]
        elif text := data.get(f"b{number}.{name}", "").replace("\r\n", "\n").strip():
            block[name] = text
    if (level := data.get(f"b{number}.level", "")) in ("1", "2") and block["kind"] == "heading":
        block["level"] = int(level)
    if data.get(f"b{number}.tone") == "soft" and block["kind"] == "text":
        block["tone"] = "soft"
    return block | _audience(data, number)


def _audience(data: Mapping[str, str], number: int) -> dict[str, str]:
    """Return whom a block is drawn for: what its choice tests, and what they must have bought; everybody means everybody."""
    gate = data.get(f"b{number}.gate", "")
    said = dict(test.split(":", 1) for test in gate.split("+") if ":" in test)
    tests = {name: value for name, value in said.items() if name in _TESTS and value}
    bought = markup.one_line(data.get(f"b{number}.bought", "")) if gate else ""
    return tests | ({"bought": bought} if bought else {})


def acted(content: dict[str, Any], act: str) -> tuple[dict[str, Any], int]:
    """Do to the blocks what a button says ("up:2", "down:2", "copy:2", "remove:2", "add:text"); return them and the number to stand at."""
    verb, _, given = act.partition(":")
    if verb == "add":
        return with_block(content, {"kind": given, **KINDS[given][2]}) if given in KINDS else (content, 0)
    found, at = list(content["blocks"]), int(given) - 1 if given.isdecimal() and len(given) < 4 else -1
    if not 0 <= at < len(found):
        return content, 0
    if verb == "copy":
        return with_block(content, found[at], after=at + 1)
    if verb == "remove":
        found.pop(at)
    elif verb in ("up", "down"):
        to = max(0, min(len(found) - 1, at + (1 if verb == "down" else -1)))
        found.insert(to, found.pop(at))
        at = to
    return {**content, "blocks": found}, min(at + 1, len(found))


def with_block(content: dict[str, Any], block: Mapping[str, Any], *, after: int | None = None) -> tuple[dict[str, Any], int]:
    """Put a block into a mail, at its end (before its signature) or after that number; return its number, 0 where the mail is full."""
    found = list(content["blocks"])
    if len(found) >= blocks.MOST_BLOCKS:
        return content, 0
    at = len(found) - (1 if found and found[-1]["kind"] == "signature" else 0) if after is None else after
    found.insert(at, dict(block))
    return {**content, "blocks": found}, at + 1


def menu_of(step: Step) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds that may be added to a step's mail, by group; what tells of an order only where there is one."""
    without = frozenset() if step.version.is_about_order else _ABOUT_ORDER
    groups = [(name, [(kind, KINDS[kind][0]) for kind in kinds if kind not in without]) for name, kinds in _MENU]
    return [(name, kinds) for name, kinds in groups if kinds]
