"""A shop's year: whoever bought much and often in the first week of December hears from it in the last week of the next November."""

from datetime import timedelta

import pytest

from campaigns.models import StepRun
from campaigns.one_off import figures, recipes, scheduling
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Customer, Event
from messaging.models import Click, Link
from stores import clock
from stores.models import Store
from tests.factories.stores import MembershipFactory
from tests.journeys.conftest import order


@pytest.fixture
def bought(shop, at):
    """Let somebody order so much on each of these days."""
    numbers = iter(range(1, 100))

    def buy(email: str, total: str, *days: str) -> None:
        for day in days:
            clock.set_to(at(f"{day} 12:00"))
            person = {"email": email, "name": "Ana Ribeiro", "marketing_consent": "subscribed"}
            shop.tell("orders/create", order(f"{next(numbers)}", at=clock.read(), total=total, customer=person))

    return buy


def test_holiday_gifters_hear_first_and_what_they_buy_is_told(shop, bought, at, mails):
    bought("once@example.com", "300.00", "2026-11-20")
    bought("ana@example.com", "400.00", "2026-12-02", "2026-12-05")
    bought("small@example.com", "10.00", "2026-12-03", "2026-12-04")
    bought("summer@example.com", "20.00", "2027-06-01", "2027-06-02")
    travel_to(at("2027-11-02 09:00"))
    mails().clear()
    Store.objects.update(website="https://marlow.example/")
    shop.store.refresh_from_db()
    campaign = recipes.begin(shop.store, recipes.of(shop.store, now=clock.read())["holiday-gifters"], now=clock.read())
    scheduling.schedule(campaign, by=MembershipFactory(store=shop.store, role="marketer").user, now=clock.read())
    travel_to(at("2027-11-24 09:59"))
    assert mails() == []
    ana = Customer.objects.get(email_key="ana@example.com")
    [planned] = [item for item in shop.get(f"/customers/{ana.pk}/planned")["items"] if item["flow"] == campaign.flow.key]
    assert planned["due_at"].startswith("2027-11-24T09:00")
    travel_to(at("2027-11-24 10:05"))
    assert [(mail.subject, mail.to) for mail in mails()] == [("Your gifts, a week early this year", ["Ana Ribeiro <ana@example.com>"])]
    assert StepRun.objects.filter(enrollment__flow=campaign.flow).count() == 1
    Click.objects.create(store=shop.store, link=Link.objects.get(message__flow=campaign.flow.key), at=clock.read(), kind="human")
    travel_to(clock.read() + timedelta(days=2))
    shop.tell("orders/create", order("99", at=clock.read(), total="150.00"))
    found = figures.count(scheduling.of_store(shop.store).get(), now=clock.read())
    assert (found["sent"], found["clicked"], found["orders"], found["revenue_minor"]) == (1, 1, 1, 15000)
    sweep_until_quiet()
    assert Event.objects.filter(customer=ana, kind="mail.sent", data__flow=campaign.flow.key).count() == 1
