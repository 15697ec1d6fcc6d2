"""A rule as a form sends it: names are places in the tree (`r.0.1.value`), buttons say what to add or take away.

r.mode = all · r.0.what = orders_count · r.0.op = at_least · r.0.value = 2 · r.1.mode = any · r.1.0.what = …
"""

from typing import Any

from babel import Locale
from django.db.models import Q
from django.http import QueryDict

from catalog.models import Product
from segments.rules.catalogue import CATALOGUE
from segments.rules.parsing import MOST_VALUES
from stores.models import Store

Rule = dict[str, Any]
ROOT = "r"
MODES = ("all", "any", "not")
#: What a new row asks, until one says otherwise.
NEW_ROW: Rule = {"what": "orders_count", "op": "at_least", "value": "1"}
_PLAIN = ("what", "op", "value", "upper", "times", "when", "days", "start", "end", "segment", "month", "draw")
_ENGLISH = Locale("en")
_CODES = {
    "country": {str(name).casefold(): code for code, name in _ENGLISH.territories.items() if len(code) == 2},
    "language": {str(name).casefold(): code for code, name in _ENGLISH.languages.items() if "_" not in code},
}


def rule_of(data: QueryDict, store: Store) -> Rule:
    """Return the rule that a form holds, as it was typed; products named by SKU become their numbers."""
    rule = _group(data, ROOT)
    _find_products(rule, store)
    return rule


def _group(data: QueryDict, path: str) -> Rule:
    mode = data.get(f"{path}.mode", "all")
    children, index = [], 0
    while index < 100:
        inner = f"{path}.{index}"
        if f"{inner}.mode" in data and path.count(".") < 4:
            children.append(_group(data, inner))
        elif f"{inner}.what" in data:
            children.append(_row(data, inner))
        else:
            break
        index += 1
    return {mode if mode in MODES else "all": children}


def _row(data: QueryDict, path: str) -> Rule:
    row: Rule = {name: value for name in _PLAIN if (value := data.get(f"{path}.{name}", "").strip()[:200])}
    what = CATALOGUE.get(row.get("what", ""))
    chosen = [value for value in data.getlist(f"{path}.values") if value][: MOST_VALUES + 1]
    if what and what.family in ("text", "category", "action", "interest"):
        chosen = _typed(what.key, ",".join(chosen))
    if chosen:
        row["values"] = chosen
    if more := data.get(f"{path}.skus", "").strip():
        row["skus"] = [sku.strip() for sku in more.split(",") if sku.strip()][:MOST_VALUES]
    return row


def _typed(key: str, text: str) -> list[str]:
    """Return the values of a list typed with commas; countries and languages may be named in full."""
    codes = _CODES.get(key, {})
    words = [codes.get(word.casefold(), word) for part in text.split(",") if (word := part.strip())]
    return [word.upper() for word in words] if key == "country" else words


def _find_products(rule: Rule, store: Store) -> None:
    wanting = [row for row in rows_in(rule) if row.get("skus")]
    if not wanting:
        return
    named = {sku for row in wanting for sku in row["skus"]}
    found: dict[str, str] = {}
    for product in Product.objects.filter(Q(sku__in=named) | Q(title__in=named), store=store).order_by("-pk"):
        found[product.sku] = found[product.title] = str(product.pk)
    for row in wanting:
        known = [found[sku] for sku in row["skus"] if sku in found]
        row["values"] = list(dict.fromkeys([*row.get("values", []), *known]))
        row["skus"] = [sku for sku in row["skus"] if sku not in found]


def rows_in(rule: Rule) -> list[Rule]:
    """Return the rows of a rule, read or not, in reading order."""
    mode = mode_of(rule)
    return [rule] if mode is None else [row for child in rule[mode] for row in rows_in(child)]


def mode_of(rule: Rule) -> str | None:
    """Return how a group is joined; None for a row."""
    return next((mode for mode in MODES if isinstance(rule.get(mode), list)), None)


def acted(rule: Rule, act: str) -> str:
    """Do what a button says ("row:r.0", "group:r", "remove:r.0.1") to a rule; return the path that is looked at next."""
    verb, _, path = act.partition(":")
    if verb not in ("row", "group", "remove"):
        return ""
    steps = [int(step) for step in path.split(".")[1:] if step.isdigit()]
    if verb == "remove":
        return _removed(rule, steps)
    group = _at(rule, steps)
    mode = mode_of(group) if group is not None else None
    if group is None or mode is None:
        return ""
    group[mode].append(dict(NEW_ROW) if verb == "row" else {"any": [dict(NEW_ROW)]})
    return f"{path}.{len(group[mode]) - 1}" + (".0" if verb == "group" else "")


def _removed(rule: Rule, steps: list[int]) -> str:
    """Take a row or a group out, and the groups that are empty without it; the outermost stays."""
    while steps:
        *above, index = steps
        group = _at(rule, above)
        mode = mode_of(group) if group is not None else None
        if group is None or mode is None or index >= len(group[mode]):
            return ""
        del group[mode][index]
        if group[mode] or not above:
            return ".".join([ROOT, *map(str, above)])
        steps = above
    return ""


def _at(rule: Rule, steps: list[int]) -> Rule | None:
    """Return the group at a place."""
    for index in steps:
        mode = mode_of(rule)
        if mode is None or index >= len(rule[mode]):
            return None
        rule = rule[mode][index]
    return rule
