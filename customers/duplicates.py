"""Finds customers who are likely one person: the same phone, the same name at the same postal code, or one address written two ways.

It looks every night over a whole store in one statement; what five share or fewer is told, what more share is a switchboard or a school.
A pair that staff called two people is not suggested again.
"""

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from customers.models import Customer, Duplicate
from stores.models import Store

MOST_SHARING = 5
#: Digits by which two spellings of a number meet: +49 170 1234567 and 0170 1234567.
_DIGITS = 9

_FIND = """
WITH keyed AS (
    SELECT id, 'phone' AS why, right(digits, %(digits)s) AS word
    FROM customers_customer, regexp_replace(phone, '[^0-9]', '', 'g') AS digits
    WHERE store_id = %(store)s AND erased_at IS NULL AND length(digits) >= 7
    UNION ALL
    SELECT id, 'name', upper(btrim(name)) || '|' || upper(replace(postal_code, ' ', '')) FROM customers_customer
    WHERE store_id = %(store)s AND erased_at IS NULL AND btrim(name) LIKE '%% %%' AND postal_code <> ''
    UNION ALL
    SELECT id, 'email', replace(split_part(split_part(email_key, '@', 1), '+', 1), '.', '') || '@' || split_part(email_key, '@', 2)
    FROM customers_customer WHERE store_id = %(store)s AND erased_at IS NULL AND email_key IS NOT NULL
), shared AS (
    SELECT why, word FROM keyed GROUP BY why, word HAVING count(*) BETWEEN 2 AND %(most)s
), pairs AS (
    SELECT a.id AS first_id, b.id AS second_id, array_agg(DISTINCT a.why ORDER BY a.why) AS whys
    FROM shared JOIN keyed a USING (why, word) JOIN keyed b USING (why, word) WHERE a.id < b.id GROUP BY a.id, b.id
), gone AS (
    DELETE FROM customers_duplicate d WHERE store_id = %(store)s AND NOT is_dismissed
        AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.first_id = d.first_id AND p.second_id = d.second_id)
)
INSERT INTO customers_duplicate AS held (store_id, first_id, second_id, whys, is_dismissed)
SELECT %(store)s, first_id, second_id, whys, false FROM pairs
ON CONFLICT (first_id, second_id) DO UPDATE SET whys = excluded.whys WHERE held.whys <> excluded.whys
"""


def find(store: Store) -> None:
    """Look for a store's likely duplicates anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_FIND, {"store": store.pk, "digits": _DIGITS, "most": MOST_SHARING})


def of(customer: Customer) -> QuerySet[Duplicate]:
    """Return the pairs a customer is likely one of."""
    either = Q(first=customer) | Q(second=customer)
    return Duplicate.objects.filter(either, is_dismissed=False).select_related("first__metrics", "second__metrics").order_by("pk")


def dismiss(first: Customer, second: Customer) -> None:
    """Write down that two customers are two people."""
    low, high = sorted((first.pk, second.pk))
    Duplicate.objects.update_or_create(
        store_id=first.store_id, first_id=low, second_id=high, defaults={"is_dismissed": True}, create_defaults={"is_dismissed": True}
    )
