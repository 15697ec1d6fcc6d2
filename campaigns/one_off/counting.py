"""Whom a campaign would reach if it went now: counted before it is sent, within a few seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection

from campaigns.one_off import freezing
from messaging.returning import suppressions
from segments import patience
from segments.models import Segment
from segments.rules.parsing import NotARule
from stores.models import Store

PATIENCE = timedelta(seconds=4)
#: Who gets so many help and marketing mails within seven days has enough.
MANY = 3


@dataclass(frozen=True)
class Reach:
    """How many people are meant, may get offers, and are `weary`: they get MANY mails or more around that day without this one.

    Unless `is_known` it took too long, or the segment's rule can no longer be read.
    """

    people: int = 0
    may_get: int = 0
    weary: int = 0
    is_known: bool = True


def reach(store: Store, chosen: Segment | None, without: Segment | None, *, around: datetime, now: datetime) -> Reach:
    """Count the people of a segment without those of another; `weary` within three days and a half of `around`."""
    suppressed = suppressions.active(store, now=now).values("email_key").query.sql_with_params()
    half = timedelta(days=3, hours=12)
    try:
        people, values = freezing.meant(store, chosen, without, now=now)
        with patience.at_most(PATIENCE), connection.cursor() as cursor:
            given: dict[str, Any] = {
                "store": store.pk, "since": around - half, "until": around + half, "many": MANY,
                "may": ["subscribed", *(["never"] if store.soft_opt_in else [])],
            }  # fmt: skip
            inner = {name: cursor.mogrify(sql, given_).decode().replace("%", "%%") for name, (sql, given_) in
                     {"people": (people, values), "suppressed": suppressed}.items()}  # fmt: skip
            cursor.execute(_COUNT.format(**inner), given)
            return Reach(*cursor.fetchone())
    except NotARule:
        return Reach(is_known=False)
    except DatabaseError as error:
        if patience.is_over(error):
            return Reach(is_known=False)
        raise


_COUNT = """
WITH meant AS MATERIALIZED ({people}), busy AS (
    SELECT customer_id FROM (
        SELECT customer_id FROM campaigns_steprun
        WHERE store_id = %(store)s AND state IN ('planned', 'held') AND due_at BETWEEN %(since)s AND %(until)s AND NOT is_urgent
        UNION ALL
        SELECT customer_id FROM messaging_message
        WHERE store_id = %(store)s AND sent_at BETWEEN %(since)s AND %(until)s AND purpose <> 'transactional'
    ) mails GROUP BY customer_id HAVING count(*) >= %(many)s
)
SELECT count(*), count(*) FILTER (WHERE c.email_key IS NOT NULL AND c.marketing = ANY(%(may)s) AND c.email_key NOT IN ({suppressed})),
    count(busy.customer_id)
FROM meant JOIN customers_customer c ON c.id = meant.id LEFT JOIN busy ON busy.customer_id = c.id
WHERE c.store_id = %(store)s AND c.erased_at IS NULL
"""
