"""Holding all mails of a customer until a day of their own calendar."""

from datetime import UTC, datetime

import pytest

from customers.models import Customer, Event


@pytest.fixture
def url(order):
    Customer.objects.update(timezone="America/New_York")
    return f"/s/marlow/customers/{order.customer_id}/"


def held(order) -> set[str]:
    return {run.facts.get("held_until", "") for run in order.runs.all()}


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_mails_go_on_that_morning_by_the_customers_clock(url, order, bob, signed_in, headers):
    answer = signed_in(bob).post(f"{url}next/hold/", {"until": "2026-04-02"}, headers=headers, follow=True)
    assert answer.redirect_chain == [(url, 303)]
    assert held(order) == {datetime(2026, 4, 2, 12, tzinfo=UTC).isoformat()}
    page = answer.content.decode()
    assert "are on hold until Thursday 2 April 2026, 08:00 (America/New_York)" in page
    assert "Staff hold it until <time" in page
    assert "Thu 2 Apr, 08:00</time>" in page
    assert "put on hold until Thursday 2 April" in page
    assert Event.objects.filter(kind="staff.acted", data__until="2026-04-02T12:00:00Z").count() == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No day is given. Write it like 2026-03-02."),
        ("soon", "“soon” is no day. Write it like 2026-03-02."),
        ("2026-02-30", "“2026-02-30” is no day."),
        ("2026-03-01", "1 March 2026 is not ahead for this customer. Choose 2 March 2026 or later."),
        ("1999-01-01", "1 January 1999 is not ahead"),
        ("2027-03-02", "2 March 2027 is more than a year away. Choose 1 March 2027 or sooner."),
        ("9999-12-31", "is more than a year away"),
        ("<b>", "“&lt;b&gt;” is no day."),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_day_that_cannot_be_is_refused_beside_its_field(url, order, bob, signed_in, headers, text, words):
    page = signed_in(bob).post(f"{url}next/hold/", {"until": text}, headers=headers, follow=True).content.decode()
    assert words in page
    assert '<details class="more" open>' in page
    assert 'aria-invalid="true"' in page
    assert held(order) == {""}


def test_the_customers_own_tomorrow_is_the_first_day(url, order, bob, signed_in, travel):
    """At 23:30 UTC it is still 18:30 of the same day in New York."""
    travel(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert 'min="2026-03-02" max="2027-03-01"' in signed_in(bob).get(url).content.decode()
    travel(datetime(2026, 3, 2, 3, 30, tzinfo=UTC))
    assert 'min="2026-03-02"' in signed_in(bob).get(url).content.decode()
