"""What runs out: who hears of it, when, once for each purchase, and never who has bought more."""

from datetime import timedelta

import pytest

from campaigns import flows, recipes
from campaigns.models import StepRun
from campaigns.occasions import supplies
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from catalog.models import Product, ProductGuide
from customers.models import Event
from predictions.models import Replenishment
from stores import clock
from tests.journeys.conftest import order


@pytest.fixture
def live(shop):
    """Filters last thirty days; the parcel takes five, so the mail goes eight days before."""
    flows.activate(recipes.install(shop.store, "replenishment", now=clock.read()), now=clock.read())
    filters = Product.objects.get(external_id="filters")
    Replenishment.objects.create(store=shop.store, product=filters, interval_days=30, basis=12, computed_at=clock.read())
    return shop


def buy(shop, number: str, quantity: int = 1) -> None:
    line = {"external_id": "1", "name": "Paper filters", "quantity": quantity, "unit_price": "6.00", "product_external_id": "filters"}
    shop.tell("orders/create", order(number, at=clock.read(), total="6.00", lines=[line]))


def night(days: int) -> None:
    """Live through nights; what one of them noted is acted on before the clock moves on."""
    for _ in range(days):
        travel_to(clock.read() + timedelta(days=1))
        supplies.note(now=clock.read())
    sweep_until_quiet()


def runs() -> list[tuple[str, str]]:
    return [(run.state, run.reason) for run in StepRun.objects.filter(step_key="more-of-it").order_by("pk")]


def test_hears_once_in_time_for_the_next_to_arrive(live, mails):
    buy(live, "1")
    night(21)
    assert not Event.objects.filter(kind="product.runs_out").exists()
    night(1)
    told = Event.objects.get(kind="product.runs_out")
    assert (told.data["title"], told.data["days"], runs()) == ("Paper filters", 30, [("planned", "")])
    night(4)
    own = [each for each in mails() if each.subject.startswith("Running low")]
    assert [each.subject for each in own] == ["Running low on Paper filters?"]
    assert "It lasts most people about 4 weeks, Ana." in own[0].body
    assert "https://marlow.example/filters" in own[0].body or "/c/" in own[0].body
    night(20)
    assert Event.objects.filter(kind="product.runs_out").count() == 1


def test_two_pieces_last_twice_as_long(live):
    buy(live, "1", quantity=2)
    night(30)
    assert not Event.objects.filter(kind="product.runs_out").exists()
    night(23)
    assert Event.objects.get(kind="product.runs_out").data["days"] == 60


def test_what_the_guide_says_stands_over_what_was_learned(live):
    filters = Product.objects.get(external_id="filters")
    guide = ProductGuide.objects.create(store=live.store, product=filters, replenish_days=0)
    buy(live, "1")
    night(22)
    assert not Event.objects.filter(kind="product.runs_out").exists()
    Replenishment.objects.all().delete()
    ProductGuide.objects.filter(pk=guide.pk).update(replenish_days=33)
    night(3)
    assert Event.objects.get(kind="product.runs_out").data["days"] == 33


def test_who_buys_more_hears_nothing_and_who_buys_other_things_does(live):
    buy(live, "1")
    night(22)
    live.tell("orders/create", order("7", at=clock.read()))
    assert runs() == [("planned", "")]
    buy(live, "2")
    assert runs() == [("cancelled", "bought_since")]


def test_what_cannot_be_bought_is_not_offered(live):
    buy(live, "1")
    night(22)
    Product.objects.filter(external_id="filters").update(is_available=False)
    night(2)
    assert runs() == [("skipped", "out_of_stock")]


def test_a_store_without_the_flow_and_what_ran_out_long_ago_say_nothing(live):
    buy(live, "1")
    travel_to(clock.read() + timedelta(days=40))
    assert supplies.note(now=clock.read()) == 0
