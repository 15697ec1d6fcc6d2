"""Permission that grew stale: who is asked, what a yes does, and that silence ends it only where the question really went out."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns import flows, recipes
from campaigns.models import StepRun
from campaigns.occasions import permissions
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from customers.models import Consent, Customer, Event
from stores import clock
from tests.journeys.conftest import order, words_of


@pytest.fixture
def live(shop):
    flows.activate(recipes.install(shop.store, "permission-renewal", now=clock.read()), now=clock.read())
    return shop


def agreed(shop, name: str, at) -> Customer:
    return Customer.objects.create(
        store=shop.store, email=f"{name}@example.com", email_key=f"{name}@example.com", name=name.title(), first_name=name.title(),
        marketing="subscribed", marketing_changed_at=at, created_at=at,
    )  # fmt: skip


def night(days: int) -> None:
    """Live through nights; what one of them noted is acted on before the clock moves on."""
    for _ in range(days):
        travel_to(clock.read() + timedelta(days=1))
        permissions.note(now=clock.read())
    sweep_until_quiet()


def test_who_gave_no_sign_for_two_years_is_asked_twice_and_then_left_alone(live, at, mails):
    bo = agreed(live, "bo", at("2024-10-01 09:00"))
    agreed(live, "cy", at("2025-06-01 09:00"))
    night(31)
    assert [each.subject for each in mails()] == ["Shall we keep writing to you?", "The last mail, unless you say yes"]
    assert f"/p/{bo.token}/?renew=1" in mails()[0].body or "/c/" in mails()[0].body
    night(2)
    bo.refresh_from_db()
    assert (bo.marketing, Consent.objects.get(customer=bo).source) == ("unsubscribed", "not renewed")
    assert Event.objects.filter(kind="consent.expiring").count() == 1


def test_a_yes_on_the_page_renews_it_and_ends_the_asking(live, at, mails):
    bo = agreed(live, "bo", at("2024-10-01 09:00"))
    night(3)
    page, visitor = f"/p/{bo.token}/", Client()
    assert "Shall Marlow & Finch keep writing to you?" in words_of(visitor.get(page + "?renew=1"))
    visitor.post(page, {"renew": "yes"})
    sweep_until_quiet()
    assert StepRun.objects.get(step_key="last-call").reason == "answered"
    night(40)
    bo.refresh_from_db()
    assert (bo.marketing, len(mails()), bo.consents.get().wording) == ("subscribed", 1, "Yes, keep writing")


def test_an_order_is_a_sign_and_an_unsent_question_ends_nothing(live, at):
    live.tell("orders/create", order(at=clock.read()))
    Customer.objects.update(marketing_changed_at=at("2024-10-01 09:00"), marketing="subscribed")
    bo = agreed(live, "bo", at("2024-10-01 09:00"))
    night(1)
    assert list(Event.objects.filter(kind="consent.expiring").values_list("customer", flat=True)) == [bo.pk]
    live.store.is_paused = True
    live.store.save()
    night(40)
    bo.refresh_from_db()
    assert bo.marketing == "subscribed"
