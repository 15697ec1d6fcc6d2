"""Lots that are drawn once and stay drawn: who is in a flow's comparison group, and who gets which wording of a mail. Pure.

A lot is the first 8 bytes of a SHA-256 of what it is drawn for and of whom, as a fraction: the same for ever, evenly spread, and of one
flow or step independent of those of another. Whoever is among the first 5 per cent stays among the first 10.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any


def lot(purpose: str, customer: int) -> float:
    """Return a customer's place from 0 to below 1 for this purpose."""
    digest = sha256(f"{purpose}:{customer}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def is_held_out(flow: int, customer: int, *, percent: int) -> bool | None:
    """Say whether a customer is in a flow's comparison group; None where there is none."""
    return lot(f"holdout:{flow}", customer) * 100 < percent if percent else None


def variant(flow: int, step_key: str, variants: Sequence[Mapping[str, Any]], customer: int) -> str:
    """Return the key of the wording a customer gets; "" is the step's own, which takes what the shares of the others leave."""
    place, end = lot(f"variant:{flow}:{step_key}", customer) * 100, 0.0
    for each in variants:
        end += each["share"]
        if place < end:
            return str(each["key"])
    return ""
