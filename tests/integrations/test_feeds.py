"""Carriers' feeds: each body as the feed documents it, with made-up parcels."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from customers.models import Event
from integrations import connections, inbox, silence
from integrations.feeds import aftership, easypost, seventeentrack
from integrations.models import InboxItem
from orders import ingest_parcels
from orders.held import ShipmentRow
from orders.incoming import ScanData, TrackingData, Unusable
from orders.models import Parked, Shipment
from stores import clock
from tests.factories import orders as made
from tests.factories.integrations import connect

NUMBER = "JD014600006281"
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def easyposts(**fields):
    details = [
        ("2026-03-02T08:00:00Z", "pre_transit", "Label made", None),
        ("2026-03-02T18:00:00Z", "in_transit", "Arrived at the depot", {"city": "Bremen", "country": "DE"}),
        ("2026-03-03T07:00:00Z", "out_for_delivery", "In the van", {"city": "Bath", "country": "GB"}),
    ]
    return {
        "id": "evt_1", "object": "Event", "description": "tracker.updated", "mode": "production",
        "result": {
            "id": "trk_1", "object": "Tracker", "tracking_code": NUMBER, "status": "out_for_delivery", "carrier": "DHL",
            "est_delivery_date": "2026-03-03T00:00:00Z", "updated_at": "2026-03-03T07:05:00Z", "public_url": "https://track.example/x",
            "tracking_details": [
                {"object": "TrackingDetail", "datetime": at, "status": status, "message": words, "tracking_location": place}
                for at, status, words, place in details
            ],
            **fields,
        },
    }  # fmt: skip


def aftershipped(**fields):
    return {
        "event": "tracking_update", "event_id": "e-1", "is_tracking_first_tag": True, "ts": 1772521500,
        "msg": {
            "tracking_number": NUMBER, "slug": "dhl-germany", "tag": "AttemptFail", "subtag": "AttemptFail_001",
            "updated_at": "2026-03-03T07:05:00+00:00", "expected_delivery": None,
            "latest_estimated_delivery": {"type": "specific", "source": "Carrier EDD", "datetime": "2026-03-03"},
            "checkpoints": [
                {"tag": "InTransit", "subtag": "InTransit_002", "checkpoint_time": "2026-03-02T18:00:00+01:00", "message": "Arrived",
                 "location": None, "city": "Bremen", "country_name": "Germany"},
                {"tag": "AttemptFail", "subtag": "AttemptFail_001", "checkpoint_time": "2026-03-03T10:00:00", "message": "Nobody in"},
            ],
            **fields,
        },
    }  # fmt: skip


def seventeentracked(status="Delivered"):
    events = [
        {"time_utc": "2026-03-03T12:00:00Z", "description": "Handed over", "location": "Bath", "stage": "Delivered",
         "sub_status": "Delivered_Other", "address": {"city": None, "country": "GB"}},
        {"time_utc": "2026-03-02T17:00:00Z", "description": "Sorted", "location": None, "stage": None,
         "sub_status": "InTransit_Other", "address": {"city": "Bremen", "country": "DE"}},
    ]  # fmt: skip
    return {
        "event": "TRACKING_UPDATED",
        "data": {
            "number": NUMBER, "carrier": 7041, "tag": None,
            "track_info": {
                "latest_status": {"status": status, "sub_status": f"{status}_Other"}, "latest_event": events[0],
                "time_metrics": {"estimated_delivery_date": {"source": "Official", "from": None, "to": "2026-03-03T00:00:00-00:00"}},
                "tracking": {"providers": [{"provider": {"key": 7041, "name": "DHL Paket"}, "events": events}]},
            },
        },
    }  # fmt: skip


def signed(platform, raw, secret="s3cret"):
    """Return the header each feed signs with, as it documents it."""
    digest = hmac.new(secret.encode(), raw, hashlib.sha256)
    return {
        "easypost": {"X-Hmac-Signature": f"hmac-sha256-hex={digest.hexdigest()}"},
        "aftership": {"Aftership-Hmac-Sha256": base64.b64encode(digest.digest()).decode()},
        "17track": {"Sign": hashlib.sha256(raw + b"/" + secret.encode()).hexdigest()},
    }[platform]


def deliver(client, connection, body, **more):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(connection.path, raw, content_type="application/json", headers=signed(connection.platform, raw, **more))


BODIES: dict[str, Callable[..., Any]] = {"easypost": easyposts, "aftership": aftershipped, "17track": seventeentracked}


@pytest.fixture
def parcel(store, travel):
    travel(AT + timedelta(days=2))
    made.place(store, shipments=[made.shipment(tracking_number="JD01 4600 006281", carrier="DHL", status="pending")])
    return Shipment.objects.get()


@pytest.mark.parametrize(
    ("platform", "status", "place"),
    [("easypost", "out_for_delivery", "Bath, GB"), ("aftership", "failure", ""), ("17track", "delivered", "Bath")],
)
def test_a_signed_delivery_moves_the_parcel_of_that_number(client, store, parcel, platform, status, place):
    connection = connect(store, platform)
    assert deliver(client, connection, BODIES[platform]()).status_code == 200
    assert deliver(client, connection, BODIES[platform]()).status_code == 200
    assert InboxItem.objects.count() == 1
    inbox.drain(now=clock.read())
    parcel.refresh_from_db()
    assert InboxItem.objects.get().state == "done"
    assert (parcel.status, parcel.is_scanned, parcel.scans[-1][3]) == (status, True, place)
    assert parcel.expected_at == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert "Bremen" in parcel.scans[-2][3]


def test_a_parcel_at_a_pick_up_point_is_told_of_once_and_is_no_longer_on_its_way_to_the_door(client, store, parcel):
    feed = connect(store, "easypost")
    for _ in range(2):
        deliver(client, feed, easyposts(status="available_for_pickup"))
        inbox.drain(now=clock.read())
    parcel.refresh_from_db()
    assert (parcel.status, Event.objects.filter(kind="shipment.ready").count()) == ("ready", 1)


@pytest.mark.parametrize("platform", BODIES)
def test_another_secret_opens_no_feed_and_what_is_no_json_says_so(client, store, platform):
    connection = connect(store, platform)
    assert deliver(client, connection, BODIES[platform](), secret="other").status_code == 401
    assert not InboxItem.objects.exists()
    assert deliver(client, connection, b"{").status_code == 400
    assert deliver(client, connection, {"event": "batch.created", "description": "batch.created"}).content == b"ignored\n"


def test_easyposts_secret_is_brought_into_normal_form(client, store):
    connection = connections.create(store, platform="easypost", now=AT, secret="caf\N{LATIN SMALL LETTER E WITH ACUTE}")[0]
    assert deliver(client, connection, easyposts(), secret="cafe\N{COMBINING ACUTE ACCENT}").status_code == 200


@pytest.mark.parametrize(
    ("adapter", "body"),
    [
        (easypost, {"description": "tracker.updated"}),
        (easypost, {"result": {"tracking_code": NUMBER, "tracking_details": "none"}}),
        (aftership, {"msg": {"tracking_number": NUMBER, "checkpoints": [{"checkpoint_time": "yesterday"}]}}),
        (seventeentrack, {"data": {"number": NUMBER}}),
        (seventeentrack, {"data": {"number": NUMBER, "track_info": {"tracking": []}}}),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(adapter, body):
    with pytest.raises(Unusable) as refused:
        adapter.read("", body, shop_currency="EUR")
    assert len(str(refused.value)) > 10


def test_a_state_that_no_scan_tells_counts_as_of_the_last_scan():
    data = aftership.read("", aftershipped(tag="Delivered", subtag="Delivered_004"), shop_currency="EUR")
    assert (data.scans[-1].status, data.scans[-1].at, data.scans[-1].text) == ("delivered", data.scans[-2].at, "")
    assert [scan.status for scan in seventeentrack.read("", seventeentracked("InTransit"), shop_currency="").scans] == [
        "delivered", "in_transit",
    ]  # fmt: skip


def test_news_of_a_number_waits_until_its_parcel_is_known(client, store, travel):
    travel(AT + timedelta(days=2))
    deliver(client, connect(store, "easypost"), easyposts())
    inbox.drain(now=clock.read())
    assert Parked.objects.get().tracking_number == NUMBER
    made.place(store)
    made.place(store, "2002", shipments=[made.shipment("2002", tracking_number=NUMBER.lower(), carrier="DHL")])
    assert not Parked.objects.exists()
    assert Shipment.objects.get().status == "out_for_delivery"
    assert list(Event.objects.filter(kind="shipment.scanned").values_list("data__text", flat=True)) == [
        "Label made",
        "Arrived at the depot",
    ]


def test_a_feed_of_one_store_never_moves_anothers_parcel(client, store, other, parcel):
    deliver(client, connect(other, "easypost"), easyposts())
    inbox.drain(now=clock.read())
    parcel.refresh_from_db()
    assert (parcel.status, parcel.scans) == ("pending", [])


def test_the_shops_repeated_promise_does_not_cover_what_the_carrier_says(client, store, parcel):
    promise = {"expected_at": "2026-03-02T12:00:00Z", "tracking_number": NUMBER}
    made.place(store, shipments=[made.shipment(updated_at="2026-03-01T12:00:00Z", **promise)])
    deliver(client, connect(store, "easypost"), easyposts())
    inbox.drain(now=clock.read())
    made.place(store, shipments=[made.shipment(updated_at="2026-03-04T12:00:00Z", **promise)])
    parcel.refresh_from_db()
    assert (parcel.first_expected_at, parcel.expected_at) == (datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert Event.objects.filter(kind="shipment.moved").count() == 1


STATUSES = ["", "pending", "in_transit", "out_for_delivery", "failure", "delivered", "returned"]
SCANS = st.lists(
    st.builds(ScanData, st.integers(0, 6).map(lambda hours: AT + timedelta(hours=hours)), st.sampled_from(STATUSES), st.sampled_from("ab")),
    max_size=8,
)
TELLINGS = st.lists(
    st.builds(
        TrackingData, st.just(NUMBER), scans=SCANS.map(tuple), updated_at=st.integers(0, 6).map(lambda hours: AT + timedelta(hours=hours)),
    ),
    max_size=5,
)  # fmt: skip


def lived(tellings):
    """Return the parcel and the names of the events after these tellings."""
    row, told = ShipmentRow(0, 1, 1, "s1"), set()
    for data in tellings:
        told |= {(news.kind, news.name) for news in ingest_parcels.take_scans(row, data, now=AT)}
    return {name: value for name, value in row.__dict__.items() if name != "said"}, told


def telling(hours, status):
    return TrackingData(NUMBER, scans=(ScanData(AT + timedelta(hours=hours), status, "a"),), updated_at=AT)


@settings(max_examples=80, deadline=None)
@given(TELLINGS, st.integers())
@example([telling(0, "in_transit"), telling(0, "out_for_delivery"), telling(1, "pending")], 0)
def test_shuffled_and_doubled_scans_end_in_the_same_parcel(tellings, seed):
    shuffled = [*tellings, *tellings]
    random.Random(seed).shuffle(shuffled)
    assert lived(shuffled) == lived(tellings)


def test_a_feed_that_falls_silent_while_parcels_are_on_their_way_is_noticed(client, store, parcel, alice):
    connection = connect(store, "easypost")
    deliver(client, connection, easyposts())
    now = clock.read()
    inbox.drain(now=now)
    assert silence.feeds(store, now=now + timedelta(days=2)) == []
    assert silence.feeds(store, now=now + timedelta(days=4)) == [connection]
    clock.set_to(now + timedelta(days=4))
    client.force_login(alice)
    for page in ("", "connections/"):
        assert "Nothing has been heard from <strong>Carriers, by EasyPost</strong>" in client.get(f"/s/marlow/{page}").content.decode()
    Shipment.objects.update(status="delivered", delivered_at=now)
    assert silence.feeds(store, now=now + timedelta(days=4)) == []
