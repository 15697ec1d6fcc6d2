"""What every platform whose shops can be asked for their orders has (`reconciling`)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol


class CannotAsk(Exception):
    """The shop did not answer as it should, or cannot be asked so; the text says why, in words for its owner."""


class Client(Protocol):
    """Asks shops of one platform; `TOPIC` is what its orders are taken in as."""

    TOPIC: str

    def named(self, typed: str) -> str:
        """Return a shop's name in its one form; raise CannotAsk for one that is none."""

    def keyed(self, typed: str) -> str:
        """Return a shop's token; raise CannotAsk for what can be none."""

    def changed_orders(self, shop: str, token: str, *, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Yield the orders that changed from `since` to `until`, of any state; raise CannotAsk."""

    def changed_at(self, order: Mapping[str, Any]) -> str:
        """Return when an order changed, as ISO 8601 with an offset; empty where it does not say."""
