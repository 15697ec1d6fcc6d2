"""Presents: who gave many in the first week of last December hears of it in the last week of November, and nobody else."""

import pytest

from campaigns import flows, recipes
from campaigns.occasions import seasons
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Event
from stores import clock
from tests.journeys.conftest import order


@pytest.fixture
def live(shop, at):
    """Ana ordered twice in that week, Bo once and for much, Cy twice but the week after."""
    flows.activate(recipes.install(shop.store, "holiday-gifters", now=clock.read()), now=clock.read())
    for number, who, day in ((1, "ana", "12-02"), (2, "ana", "12-07"), (3, "bo", "12-03"), (4, "cy", "12-08"), (5, "cy", "12-09")):
        travel_to(at(f"2026-{day} 12:00"))
        person = {"email": f"{who}@example.com", "name": who.title(), "marketing_consent": "subscribed"}
        shop.tell("orders/create", order(str(number), at=clock.read(), customer=person))
    return shop


def test_hears_in_the_last_week_of_november_what_they_chose_and_by_when_to_order(live, at, mails):
    travel_to(at("2027-11-23 23:00"))
    assert seasons.note(now=clock.read()) == 0
    mails().clear()
    travel_to(at("2027-11-24 06:00"))
    assert (seasons.note(now=clock.read()), seasons.note(now=clock.read())) == (1, 0)
    assert Event.objects.get(kind="customer.gift_season").data["orders"] == 2
    sweep_until_quiet()
    travel_to(at("2027-11-26 12:00"))
    [mail] = [each for each in mails() if each.subject.startswith("Your presents")]
    assert mail.subject == "Your presents: order by Thursday 16 December"
    assert "- Pour-over kettle" in mail.body
