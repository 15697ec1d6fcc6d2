"""Reads what the permission rules need."""

from collections.abc import Iterable

from django.db import connection

from messaging.permission import Standing
from stores import clock

_READ = f"""
SELECT c.id, coalesce(c.email_key, '') <> '', c.erased_at IS NOT NULL,
    p.id IS NOT NULL AND (p.expires_at IS NULL OR p.expires_at > {clock.EXPRESSION}),
    c.marketing, c.objected_to_service_at IS NOT NULL, s.soft_opt_in, s.strict_service,
    coalesce((SELECT bool_or(i.is_sure) OR count(*) > 1 FROM messaging_invalidaddress i
        WHERE i.digest = encode(sha256(convert_to(c.email_key, 'UTF8')), 'hex')), false)
FROM customers_customer c JOIN stores_store s ON s.id = c.store_id
LEFT JOIN messaging_suppression p ON p.store_id = c.store_id AND p.email_key = c.email_key AND p.lifted_at IS NULL
WHERE c.id = ANY(%s) ORDER BY c.id
"""


def standings(customer_ids: Iterable[int], *, lock: bool = False) -> dict[int, Standing]:
    """Return each customer's standing at their store, by id; one query however many they are.

    With `lock`, nobody changes their mind before the transaction ends: who unsubscribes meanwhile waits for it, and is answered after.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ + ("FOR SHARE OF c" if lock else ""), [list(customer_ids)])
        return {pk: Standing(*facts) for pk, *facts in cursor.fetchall()}
