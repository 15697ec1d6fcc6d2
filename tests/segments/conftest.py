"""Rules asked of a store: who is meant, by the compiler."""

from collections.abc import Callable

import pytest
from django.db import connection

from segments import compiling, cutoffs, setting
from segments.rules.parsing import parse
from tests.factories.orders import NOW

ROW = dict[str, object]


def row(what: str, op: str, **rest: object) -> ROW:
    return {"what": what, "op": op, **rest}


def meant(store, rule, *, people=None, now=NOW) -> set[int]:
    """Return the customers a rule means, compiled for the whole store, or for `people`."""
    node = parse(rule)
    piece = compiling.ids(node, setting.of(store, now=now, cuts=cutoffs.of(store.pk, node, now=now)), people=people)
    with connection.cursor() as cursor:
        cursor.execute(piece.sql, list(piece.values))
        found = [pk for (pk,) in cursor.fetchall()]
    assert len(found) == len(set(found)), "somebody is counted twice"
    return set(found)


@pytest.fixture
def who(store) -> Callable[..., list[str]]:
    """Return the names of those whom a rule means, in order."""

    def names(rule, **rest) -> list[str]:
        from customers.models import Customer

        return sorted(Customer.objects.filter(pk__in=meant(store, rule, **rest)).values_list("name", flat=True))

    return names
