"""One order's page: where it is and was, by whose word, until when it may go back, and what its customer asks."""

from datetime import timedelta

from customers import tasks_for_staff
from orders.models import Shipment
from tests.factories.orders import NOW, place


def test_support_sees_where_a_parcel_was_whose_word_its_day_is_and_what_is_asked(store, flow, vic, bob, signed_in):
    parcel = {"external_id": "s1", "carrier": "DHL", "status": "in_transit", "expected_at": "2026-03-05T10:00:00Z"}
    address = {"name": "Ada Lovelace", "address1": "1 <b>High</b> St", "zip": "AB1", "city": "London", "country_code": "GB"}
    order = place(store, shipments=[parcel], shipping_address=address)
    Shipment.objects.update(
        expected_at=NOW + timedelta(days=6),
        said={
            "estimates": [["2026-03-01T10:00:00+00:00", "2026-03-05T10:00:00+00:00"]],
            "carrier estimates": [["2026-03-01T11:00:00+00:00", "2026-03-07T12:00:00+00:00"]],
        },
        scans=[
            ["2026-03-01T09:00:00+00:00", "in_transit", "Left the depot", "Leipzig"],
            ["2026-03-01T11:00:00+00:00", "in_transit", "", ""],
        ],
    )
    tasks_for_staff.open_task(
        order.customer, kind="wish", key="wish:1", title="Asks for another address", detail="12 Low Rd", order_number=str(order),
        due_at=NOW - timedelta(hours=1), now=NOW,
    )  # fmt: skip
    url = f"/s/marlow/orders/{order.pk}/"
    page = signed_in(bob).get(url).content.decode()
    assert "says DHL; first promised for" in page
    assert page.index("On its way</span>") < page.index("Left the depot, Leipzig")
    assert "1 &lt;b&gt;High&lt;/b&gt; St<br>AB1<br>London<br>GB" in page
    assert 'Asks for another address</strong> <span class="badge critical">Late' in page
    assert "Close task" not in signed_in(vic).get(url).content.decode()
    assert "Can go back" not in page


def test_the_days_of_return_and_warranty_count_from_the_arrival(order, store, bob, signed_in):
    type(store).objects.update(return_days=14, warranty_months=24)
    type(order).objects.filter(pk=order.pk).update(total_minor=order.total_minor + 490, shipping_minor=490)
    browser, url = signed_in(bob), f"/s/marlow/orders/{order.pk}/"
    browser.post(f"{url}mark/received/")
    page = browser.get(url).content.decode()
    assert "until Sun 15 Mar 2026" in page
    assert "until Wed 1 Mar 2028" in page
    assert '<span class="grow">Shipping</span><span>€4.90</span>' in page
