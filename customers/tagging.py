"""Gives many customers a tag, or takes it away, in one statement; the shop's own tags can be taken away too, until it gives them anew."""

from django.db import connection
from django.db.models import QuerySet

from customers import traits
from customers.models import Customer

_ADD = """
UPDATE customers_customer SET tags = (SELECT array_agg(tag ORDER BY tag) FROM unnest(tags || %(tag)s::varchar) AS tag)
WHERE id IN ({people}) AND NOT tags @> ARRAY[%(tag)s]::varchar[] AND cardinality(tags) < %(most)s
RETURNING id
"""
_REMOVE = """
UPDATE customers_customer SET tags = array_remove(tags, %(tag)s::varchar) WHERE id IN ({people}) AND tags @> ARRAY[%(tag)s]::varchar[]
RETURNING id
"""


def cleaned(text: str) -> str:
    """Return a tag as it is kept; "" for none."""
    return next(iter(traits.tags([text.replace("\x00", "").replace(",", " ")])), "")


def add(people: QuerySet[Customer], tag: str) -> list[int]:
    """Give these customers a tag; return those who did not have it."""
    return _change(_ADD, people, tag)


def remove(people: QuerySet[Customer], tag: str) -> list[int]:
    """Take a tag from these customers; return those who had it."""
    return _change(_REMOVE, people, tag)


def _change(statement: str, people: QuerySet[Customer], tag: str) -> list[int]:
    inner, values = people.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        marks = [f"%(value_{number})s" for number in range(len(values))]
        named = {f"value_{number}": value for number, value in enumerate(values)}
        cursor.execute(statement.format(people=inner % tuple(marks)), {**named, "tag": tag, "most": traits.MOST_TAGS})
        return [pk for (pk,) in cursor.fetchall()]
