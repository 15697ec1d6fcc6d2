"""Whose word on a parcel's day counts: the carrier's before the shop's promise. Pure.

Each source has a history of its own, [time, value] pairs in order, so that a shop which repeats its promise with every update never
covers what the carrier has said since. The first promise stays the one by which a parcel is late.
"""

from typing import Any

#: The histories, as `Shipment.said` holds them.
SHOP, CARRIER = "estimates", "carrier estimates"


def counted(said: dict[str, Any]) -> list[list[str]]:
    """Return the history that counts: the first promise and what the carrier told, or the shop's where no carrier tells."""
    promised, told = said.get(SHOP, []), said.get(CARRIER, [])
    return [*promised[:1], *told] if told else promised


def source(said: dict[str, Any]) -> str:
    """Return who named the day that counts: carrier or shop, "" where nobody did."""
    return "carrier" if said.get(CARRIER) else "shop" if said.get(SHOP) else ""
