"""One transaction per thing that comes in, run again from the start when another got in its way; and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

from customers import identity
from orders.models import Order

_TRIES = 6
Found = TypeVar("Found")


@dataclass(frozen=True)
class Outcome:
    """What became of one thing that came in: `result` is new, changed or unchanged; `order_id` is None while its order is awaited."""

    result: str
    external_id: str
    order_id: int | None = None

    @property
    def order(self) -> Order | None:
        return Order.objects.get(pk=self.order_id) if self.order_id else None


def settle(act: Callable[[], Found]) -> Found:
    """Run in a transaction; once more from the start when another one made the same row first, or both waited for each other."""
    for _ in range(_TRIES - 1):
        try:
            with transaction.atomic():
                return act()
        except (identity.RacedAway, IntegrityError):
            continue
        except OperationalError as error:
            if connection.in_atomic_block or getattr(error.__cause__, "pgcode", "") not in ("40P01", "40001"):
                raise
    with transaction.atomic():
        return act()
