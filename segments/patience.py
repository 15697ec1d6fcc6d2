"""How long a question to the database may take."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction


@contextmanager
def at_most(limit: timedelta) -> Iterator[None]:
    """Let each statement inside, a transaction of its own, take so long; a longer one raises OperationalError (`is_over`)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(round(limit.total_seconds() * 1000))])
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


def is_over(error: Exception) -> bool:
    """Say whether an error of the database means that the time was up (SQLSTATE 57014, query_canceled)."""
    return getattr(error.__cause__, "pgcode", None) == "57014"
