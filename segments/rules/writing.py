"""Writes a tree as the JSON that `parsing` reads: what is stored holds no more than the rule. Pure."""

from decimal import Decimal
from typing import Any

from segments.rules.tree import Node, Row


def as_json(node: Node) -> dict[str, Any]:
    """Return a tree as plain JSON values."""
    if isinstance(node, Row):
        return _row(node)
    return {node.mode: [as_json(child) for child in node.children]} if node.children else {"everyone": True}


def _row(row: Row) -> dict[str, Any]:
    said: dict[str, Any] = {"what": row.what, "op": row.op}
    said |= {"value": _plain(row.low)} if row.low is not None else {}
    said |= {"upper": _plain(row.high)} if row.high is not None else {}
    said |= {"values": list(row.values)} if row.values else {}
    said |= {"times": row.times} if row.times > 1 else {}
    said |= {"when": row.when.kind} if row.when.kind != "ever" else {}
    said |= {"days": row.when.days} if row.when.kind == "in_last" else {}
    said |= {"start": row.when.start.isoformat()} if row.when.start else {}
    said |= {"end": row.when.end.isoformat()} if row.when.end else {}
    said |= {"segment": row.segment or row.when.segment} if row.segment or row.when.segment else {}
    said |= {"month": row.month} if row.month else {}
    return said | ({"draw": row.draw} if row.draw else {})


def _plain(value: Decimal) -> str:
    return f"{value:f}"
