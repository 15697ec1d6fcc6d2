"""The only reader of time: the database's clock, plus a shift that demo and tests may set.

Views and tasks read it once and pass `now` on. Queries compare with the passed value, never with the database's volatile
clock: only a constant bound uses an index.
"""

from datetime import UTC, datetime

from django.db import connection

from stores.models import ClockShift

#: This moment, for the values of a statement (never for its WHERE) that would else need a round trip of its own.
EXPRESSION = "clock_timestamp() + coalesce((SELECT shift FROM stores_clockshift WHERE id = 1), interval '0')"


def read() -> datetime:
    """Return this moment (UTC) by the database's clock and the stored shift."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {EXPRESSION}")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def set_to(moment: datetime) -> None:
    """Shift the clock so that it reads `moment` now; it goes on running from there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stores_clockshift (id, shift) VALUES (1, %s - clock_timestamp())"
            " ON CONFLICT (id) DO UPDATE SET shift = excluded.shift",
            [moment],
        )


def reset() -> None:
    """Go back to real time."""
    ClockShift.objects.all().delete()


def is_shifted() -> bool:
    return ClockShift.objects.exists()
