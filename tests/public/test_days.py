"""Days and spans as a customers' page says them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from lifecycle.public import days
from lifecycle.public.days import Calendar
from orders.delivery import Usual
from stores import phrases

NOW = datetime(2026, 11, 4, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("usual", "code", "words"),
    [
        (Usual(0.4, 0.9), "en", "1 day"),
        (Usual(1.2, 2.0), "en", "2 days"),
        (Usual(1.8, 2.4), "en", "2–\N{WORD JOINER}3 days"),
        (Usual(1.8, 2.4), "de", "2–\N{WORD JOINER}3 Tage"),
        (Usual(9, 11), "ar", "9–\N{WORD JOINER}11 يومًا"),
    ],
)
def test_the_usual_time_is_worded_in_whole_days(usual, code, words):
    assert days.usually(usual, phrases.of(code)) == words


@pytest.mark.parametrize(
    ("code", "moment", "short", "dated", "place"),
    [
        ("en", "Wednesday 4 November, 12:00", "Wed 4 Nov, 12:00", "4 November 2026", "Berlin time"),
        ("de", "Mittwoch, 4. November, 12:00", "Mi., 4. Nov., 12:00", "4. November 2026", "Ortszeit Berlin"),
        ("es", "miércoles, 4 de noviembre, 12:00", "mié, 4 nov, 12:00", "4 de noviembre de 2026", "hora de Berlín"),
    ],
)
def test_moments_are_written_as_each_language_writes_them(code, moment, short, dated, place):
    calendar = Calendar(NOW, ZoneInfo("Europe/Berlin"), phrases.of(code))
    assert (calendar.moment(NOW), calendar.short(NOW), calendar.dated(NOW), calendar.place) == (moment, short, dated, place)
