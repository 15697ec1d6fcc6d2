"""Who must be looked at again because a fact about them changed that no event tells: a queue, as `events` has one for what happened.

What changes of a great many at once (a night of scores, a tag for a whole list) is one row, so that one sweep follows it.
"""

from collections.abc import Iterable

from django.db import connection

from customers.models import Touched


def touch(store_id: int, customers: Iterable[int]) -> None:
    """Have customers looked at again, within the transaction that changes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_touched (store_id, customer_id, what) SELECT %s, unnest(%s::bigint[]), ''",
            [store_id, sorted(set(customers))],
        )


def touch_all(store_id: int, what: Touched.What) -> None:
    """Have a whole store looked at again as far as `what` is concerned, within the transaction that changes it."""
    Touched.objects.create(store_id=store_id, what=what)


def claim(*, limit: int) -> list[Touched]:
    """Take up to `limit` rows, oldest first; within a transaction that acts on them and calls `forget`."""
    return list(Touched.objects.select_for_update(skip_locked=True).order_by("pk")[:limit])


def forget(seen: Iterable[Touched]) -> None:
    """Mark them as looked at."""
    Touched.objects.filter(pk__in=[each.pk for each in seen]).delete()
