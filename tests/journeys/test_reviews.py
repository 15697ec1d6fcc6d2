"""A review is asked for once: by the happy check-in's page, or by mail; never of the unhappy, never twice."""

import pytest

from campaigns import flows, recipes
from campaigns.models import Flow, StepRun
from stores import clock
from surveys.models import Response, Review
from tests.journeys.conftest import order, parcel

DAYS = ("ask", "ask-the-silent")


@pytest.fixture
def live(shop):
    flow = recipes.install(shop.store, "review-request", now=clock.read())
    flows.activate(flow, now=clock.read())
    return flow


def delivered(shop, number: str = "1042", **fields) -> None:
    now = clock.read()
    shop.tell("orders/create", order(number, at=now, **fields))
    shop.tell("shipments/update", parcel(number, at=now, status="delivered", shipped_at=now.isoformat(), delivered_at=now.isoformat()))


def asked() -> dict[str, tuple[str, str]]:
    return {run.step_key: (run.state, run.reason) for run in StepRun.objects.filter(step_key__in=DAYS)}


def test_who_is_silent_at_the_check_in_is_asked_five_days_later(shop, live, after, mails):
    delivered(shop)
    after(days=8)
    assert asked() == {"ask": ("skipped", "check_in"), "ask-the-silent": ("planned", "")}
    after(days=5)
    assert asked()["ask-the-silent"] == ("handed_over", "")
    last = mails()[-1]
    assert last.subject == "How many stars for your Pour-over kettle?"
    assert f"/r/{Review.objects.get().token}/?stars=5" in last.body


def test_a_happy_answer_leads_on_and_no_mail_asks_again(shop, live, after):
    delivered(shop)
    after(days=8)
    shop.client.post(f"/q/{Response.objects.get().token}/", {"score": "5"})
    after(days=6)
    assert asked()["ask-the-silent"] == ("skipped", "asked")
    assert "ask-the-silent" not in shop.sent()


def test_the_unhappy_are_left_alone(shop, live, after):
    delivered(shop)
    after(days=8)
    shop.client.post(f"/q/{Response.objects.get().token}/", {"score": "1"})
    after(days=6)
    assert asked()["ask-the-silent"] == ("skipped", "low_score")
    assert not Review.objects.exists()


def test_without_a_check_in_it_is_asked_after_a_week_and_not_again(shop, live, after):
    Flow.objects.filter(store=shop.store, key="post-purchase").update(state="draft")
    delivered(shop)
    after(days=6)
    assert asked()["ask"] == ("planned", "")
    after(days=8)
    assert asked() == {"ask": ("handed_over", ""), "ask-the-silent": ("skipped", "asked")}
    assert shop.sent() == ["ask"]
