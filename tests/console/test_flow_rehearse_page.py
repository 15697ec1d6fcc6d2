"""Rehearsing in the browser: asked for, followed, read, cancelled."""

from datetime import timedelta

import pytest

from campaigns.models import Flow, FlowVersion, RehearsalRun, Step
from campaigns.rehearsal import running
from customers.models import Customer
from messaging.models import Message
from orders.models import Order
from stores import clock
from tests.factories.orders import NOW, place

URL = "/s/marlow/flows/post-purchase/rehearse/"
THERE = {"external_id": "s1", "status": "delivered", "shipped_at": "2026-03-01T11:10:00Z", "delivered_at": "2026-03-01T11:30:00Z"}


@pytest.fixture
def browser(flow, kettle, store, mara, signed_in):
    place(store, shipments=[THERE])
    place(store, "1002", customer={"email": "bo@example.com", "name": "Bo"}, lines=[])
    return signed_in(mara)


def asked(browser, **words) -> str:
    answer = browser.post(URL, {"days": "30", **words})
    assert answer.status_code == 303
    return str(answer["Location"])


def test_from_asking_to_the_result_under_its_own_address(browser):
    assert '<input type="radio" id="days-90" name="days" value="90" checked>' in browser.get(f"{URL}?days=90").content.decode()
    address = asked(browser, days="90", beside="1")
    page = browser.get(address).content.decode()
    assert 'data-refresh="1"' in page
    assert "Looking up who would have entered." in page
    while running.sweep(now=clock.read()):
        pass
    page = browser.get(address).content.decode()
    assert "data-refresh" not in page
    ana = Customer.objects.get(email="ada@example.com")
    order = Order.objects.get(external_id="1001")
    assert f'<a href="/s/marlow/customers/{ana.pk}/" dir="auto">Ada Lovelace</a>' in page
    assert f'href="/s/marlow/flows/post-purchase/?as={order.pk}&amp;step=tips">Usage tips</a>' in page
    assert '<span class="big">4</span>mails to 2 people' in page
    assert '<span class="big">2</span>left out, 4 waiting' in page
    assert "<li>Has not agreed to this kind of mail: 1</li>" in page
    assert '<svg class="chart' in page and "Show as table" in page
    assert not Message.objects.exists()
    assert "Done" in browser.get(URL).content.decode()


def test_the_draft_is_played_if_there_is_one(browser, store):
    flow = Flow.objects.get()
    draft = FlowVersion.objects.create(store=store, flow=flow, number=2, trigger="order.placed", created_at=NOW)
    Step.objects.create(
        store=store, version=draft, key="hello", name="Hello", position=1, anchor="placed", use_by_hours=48, purpose="service"
    )
    Flow.objects.update(draft=draft)
    assert "its draft (version 2)" in browser.get(URL).content.decode()
    address = asked(browser)
    running.sweep(now=clock.read())
    page = browser.get(address).content.decode()
    assert "The draft (version 2)" in page and "1 · Hello" in page and "Usage tips" not in page


def test_a_running_one_is_cancelled_from_its_page(browser):
    address = asked(browser)
    page = browser.post(address, follow=True).content.decode()
    assert "Cancelled. Nothing was sent, and nothing is kept of it." in page
    assert "This rehearsal was cancelled" in page
    assert "It had ended already." in browser.post(address, follow=True).content.decode()


def test_who_was_erased_since_is_not_shown_and_other_stores_runs_are_not_there(browser, other, mallory, signed_in):
    address = asked(browser)
    running.sweep(now=clock.read())
    RehearsalRun.objects.update(result={**RehearsalRun.objects.get().result, "sample": []})
    page = browser.get(address).content.decode()
    assert "drawn by lot" not in page
    assert signed_in(mallory).get(address.replace("marlow", "other")).status_code == 404


def test_days_without_anything_say_so(browser):
    clock.set_to(NOW + timedelta(days=400))
    address = asked(browser, days="7")
    running.sweep(now=clock.read())
    assert RehearsalRun.objects.get().days == 30
    assert "No order came in during these days." in browser.get(address).content.decode()
