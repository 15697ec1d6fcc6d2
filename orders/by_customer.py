"""What a customer says of their own order on its tracker: it has arrived, or not yet. Beside what shop and carrier say."""

from datetime import datetime

from customers.models import Event
from orders import ingest, ingest_merge
from orders.by_hand import NotPossible
from orders.held import Held, News
from orders.models import Order

SAID_BY = "the customer"


def arrived(order: Order, *, now: datetime) -> None:
    """Take the customer's word that all of it is there. Raises NotPossible."""

    def apply(held: Held) -> None:
        if held.row.cancelled_at:
            raise NotPossible("The order was cancelled.")
        if ingest_merge.milestones(held).received is None:
            held.row.received_at, held.row.received_by = now, SAID_BY

    ingest.amend(order, apply, now=now)


def not_yet(order: Order, *, now: datetime) -> None:
    """Take the customer's word that it is not there: what nobody reports on is waited for longer, and their own word is taken back."""

    def apply(held: Held) -> None:
        if held.row.received_by == SAID_BY:
            held.row.received_at, held.row.received_by = None, ""
        held.row.not_there_at = now
        held.news.append(News(Event.Kind.ORDER_AWAITED, now, {}, now.isoformat()))

    ingest.amend(order, apply, now=now)
