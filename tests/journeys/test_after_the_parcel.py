"""What else an order leads to: lessons, a call, an account; something missing; each refund; and what moves without a parcel's word."""

from datetime import timedelta

import pytest

from campaigns import estimates, flows, recipes
from campaigns.models import StepRun
from campaigns.occasions import departures
from campaigns.tasks import sweep_until_quiet
from catalog.models import ProductGuide
from customers.models import Customer, Event
from engagement import actions
from engagement.actions import Done
from orders.models import Shipment
from stores import clock
from tests.journeys.conftest import order, parcel


@pytest.fixture
def live(shop):
    def go(*keys: str):
        for key in keys:
            flows.activate(recipes.install(shop.store, key, now=clock.read()), now=clock.read())
        return shop

    return go


def delivered(shop, **fields) -> None:
    now = clock.read()
    shop.tell("orders/create", order(at=now, **fields))
    shop.tell("shipments/update", parcel(at=now, status="delivered", shipped_at=now.isoformat(), delivered_at=now.isoformat()))


def of_steps(*keys: str) -> dict[str, tuple[str, str]]:
    return {run.step_key: (run.state, run.reason) for run in StepRun.objects.filter(step_key__in=keys)}


def did(shop, kind: str) -> None:
    customer = Customer.objects.get(email_key="ana@example.com")
    actions.write([Done(shop.store.pk, kind, clock.read(), f"k:{kind}", customer_id=customer.pk)], now=clock.read())


def test_each_refund_gets_its_own_mail_about_its_own_amount(live, mails, after):
    shop = live("order-status")
    shop.tell("orders/create", order(at=clock.read()))
    for number, money in ((1, "20.00"), (2, "9.00")):
        after(hours=2)
        shop.tell(
            "refunds/create",
            {"external_id": f"r{number}", "order_external_id": "ext-1042", "amount": money, "at": clock.read().isoformat()},
        )
    after(hours=1)
    assert [each.subject for each in mails() if "money" in each.subject] == [
        "Your money is on its way: €20.00",
        "Your money is on its way: €9.00",
    ]
    assert list(StepRun.objects.filter(step_key="refund-done").order_by("occurrence").values_list("occurrence", "state")) == [
        (1, "handed_over"), (2, "handed_over"),
    ]  # fmt: skip


def test_an_order_that_leaves_without_a_parcel_moves_what_follows_shipping(shop, after):
    shop.tell("orders/create", order(at=clock.read()))
    after(hours=5)
    shop.tell("orders/updated", order(at=clock.read(), placed_at="2026-11-02T08:00:00Z", fulfillment_status="fulfilled"))
    assert (departures.note(now=clock.read()), departures.note(now=clock.read())) == (1, 0)
    sweep_until_quiet()
    left = Event.objects.get(kind="order.fulfilled").occurred_at
    tips = StepRun.objects.get(step_key="tips")
    assert (tips.state, tips.due_at) == ("planned", left + timedelta(hours=24))


def test_a_first_estimate_that_nobody_tells_of_pulls_the_tips_forward(shop, after):
    shop.tell("orders/create", order(at=clock.read()))
    shop.tell("shipments/update", parcel(at=clock.read(), shipped_at=clock.read().isoformat()))
    lands = clock.read() + timedelta(hours=20)
    Shipment.objects.update(expected_at=lands)
    assert estimates.take_up(now=clock.read()) == 1
    tips = StepRun.objects.get(step_key="tips")
    assert (tips.due_at, tips.facts["basis"]) == (lands - timedelta(hours=6), "promised")
    assert estimates.take_up(now=clock.read()) == 0


def test_what_is_missing_is_said_by_the_shop_with_the_day_if_there_is_one(live, mails, client, bob):
    shop = live("out-of-stock")
    shop.tell("orders/create", order(at=clock.read()))
    number = Event.objects.get(kind="order.placed").data["order"]
    client.force_login(bob)
    mark = f"/s/marlow/orders/{number}/mark/out-of-stock/"
    client.post(mark, {"title": "Pour-over kettle", "until": "2026-11-01"})
    assert not Event.objects.filter(kind="order.out_of_stock").exists()
    client.post(mark, {"title": "Pour-over kettle", "until": "2026-11-12"})
    sweep_until_quiet()
    assert mails()[-1].subject == "Sorry: it comes to us by Thursday 12 November"
    text = mails()[-1].body.replace("\n", " ")
    assert "Pour-over kettle is out of stock" in text and "You ordered it on 2 November" in text


def test_lessons_come_one_by_one_as_many_as_there_are_and_end_with_the_item(live, mails, after):
    shop = live("lessons")
    ProductGuide.objects.update(lessons=["Pour in circles: from the middle outwards.", "Descale it: once a month.", "Grind finer"])
    delivered(shop)
    after(days=6)
    own = [each for each in mails() if each.subject in ("Pour in circles", "Descale it", "Grind finer")]
    assert [each.subject for each in own] == ["Pour in circles", "Descale it"]
    assert "from the middle outwards." in own[0].body
    shop.tell("refunds/create", {
        "external_id": "r1", "order_external_id": "ext-1042", "amount": "79.00", "at": clock.read().isoformat(),
        "lines": [{"external_id": "1", "quantity": 1}],
    })  # fmt: skip
    after(days=10)
    assert of_steps("lesson-3", "lesson-4") == {"lesson-3": ("cancelled", "refunded"), "lesson-4": ("cancelled", "refunded")}


def test_without_lessons_nobody_is_taught(live, after):
    delivered(live("lessons"))
    after(days=15)
    assert set(of_steps("lesson-1", "lesson-4").values()) == {("skipped", "no_tips")}


def test_a_call_is_offered_unless_one_was_booked(live, mails, after):
    shop = live("onboarding-call")
    ProductGuide.objects.update(call_url="https://shop.example/call")
    delivered(shop)
    after(days=5)
    assert "Shall we show you how it works?" in [each.subject for each in mails()]
    did(shop, "call_booked")
    shop.tell("orders/create", order("2", at=clock.read()))
    now = clock.read().isoformat()
    shop.tell("shipments/update", parcel("2", at=clock.read(), status="delivered", shipped_at=now, delivered_at=now))
    after(days=5)
    assert sorted(StepRun.objects.filter(step_key="call").values_list("state", "reason")) == [("handed_over", ""), ("skipped", "no_call")]


@pytest.mark.parametrize(
    ("page", "has_account", "became"),
    [
        ("https://shop.example/register", False, ("handed_over", "")),
        ("https://shop.example/register", True, ("skipped", "has_account")),
        ("", False, ("skipped", "has_account")),
    ],
)
def test_a_guest_is_invited_to_an_account_where_there_is_one_to_make(live, mails, after, page, has_account, became):
    shop = live("account-invitation")
    shop.store.account_url = page
    shop.store.save()
    delivered(shop)
    if has_account:
        did(shop, "signed_up")
    after(days=4)
    assert of_steps("account") == {"account": became}
    if became[0] == "handed_over":
        [mail] = [each for each in mails() if "warranties" in each.subject]
        assert mail.alternatives[0][0].count("/c/") >= 1
