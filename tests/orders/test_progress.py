"""Milestones and tracker stages, by themselves."""

from datetime import UTC, datetime

import pytest

from orders import pickup
from orders.models import Shipment
from orders.progress import OrderFacts, Parcel, Stage, milestones, stage

PLACED = datetime(2026, 11, 3, 9, tzinfo=UTC)


def day(n: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, n, hour, tzinfo=UTC)


def facts(*parcels: Parcel, **fields) -> OrderFacts:
    return OrderFacts(placed_at=PLACED, parcels=parcels, **fields)


def of(*parcels: Parcel, **fields):
    return milestones(facts(*parcels, **fields), usual_days=5)


def test_a_fresh_order_is_forecast_by_the_usual_times():
    got = of()
    assert (got.shipped, got.expected, got.received, got.assumed) == (None, None, None, None)
    assert (got.shipped_forecast, got.received_forecast) == (day(4, 9), day(9, 9))


def test_shipped_is_the_first_parcel_and_expected_the_latest_estimate_of_those_under_way():
    got = of(
        Parcel("delivered", shipped_at=day(4), expected_at=day(20), delivered_at=day(6)),
        Parcel("in_transit", shipped_at=day(5), expected_at=day(8)),
        Parcel("in_transit", shipped_at=day(5), expected_at=day(9)),
    )
    assert (got.shipped, got.expected, got.received) == (day(4), day(9), None)


def test_received_is_when_the_last_parcel_came():
    got = of(Parcel("delivered", shipped_at=day(4), delivered_at=day(6)), Parcel("delivered", shipped_at=day(4), delivered_at=day(8)))
    assert got.received == day(8)


def test_a_partly_shipped_order_is_not_received_though_its_only_parcel_is():
    assert of(Parcel("delivered", shipped_at=day(4), delivered_at=day(6)), fulfillment_status="partial").received is None


def test_without_any_scan_the_usual_time_after_shipping_counts():
    assert of(Parcel("pending", shipped_at=day(4))).assumed == day(9)
    assert of(fulfilled_at=day(4), fulfillment_status="fulfilled").assumed == day(9)


def test_once_scanned_only_the_real_delivery_counts():
    assert of(Parcel("in_transit", shipped_at=day(4), is_scanned=True)).assumed is None


def test_cancelled_and_returned_parcels_count_for_nothing():
    got = of(Parcel("pending", shipped_at=day(4), is_cancelled=True), Parcel("returned", shipped_at=day(4)))
    assert (got.shipped, got.received, got.assumed) == (None, None, None)


def test_a_persons_word_counts_as_received_and_as_shipped():
    got = of(said_received_at=day(7))
    assert (got.shipped, got.received) == (day(7), day(7))


@pytest.mark.parametrize(
    ("kinds", "fields", "received"),
    [
        ({"digital"}, {"paid_at": day(3)}, day(3)),
        ({"digital"}, {"paid_at": day(3), "fulfilled_at": day(4)}, day(4)),
        ({"service"}, {"paid_at": day(3)}, None),
        ({"service"}, {"fulfilled_at": day(9)}, day(9)),
        ({"digital", "service"}, {"paid_at": day(3)}, None),
        ({"digital", "physical"}, {"paid_at": day(3)}, None),
    ],
)
def test_the_products_kind_decides_what_received_means(kinds, fields, received):
    assert of(kinds=frozenset(kinds), **fields).received == received


@pytest.mark.parametrize(
    ("parcels", "fields", "expected"),
    [
        ([], {}, Stage.ORDERED),
        ([], {"fulfilled_at": day(4)}, Stage.ON_ITS_WAY),
        ([Parcel("pending")], {}, Stage.PACKED),
        ([Parcel("pending", shipped_at=day(4))], {}, Stage.ON_ITS_WAY),
        ([Parcel("out_for_delivery"), Parcel("in_transit")], {}, Stage.ON_ITS_WAY),
        ([Parcel("out_for_delivery")], {}, Stage.OUT_FOR_DELIVERY),
        ([Parcel("delivered", delivered_at=day(6))], {}, Stage.DELIVERED),
        ([Parcel("delivered", delivered_at=day(6)), Parcel("out_for_delivery")], {}, Stage.OUT_FOR_DELIVERY),
    ],
)
def test_the_tracker_shows_the_least_advanced_parcel(parcels, fields, expected):
    assert stage(facts(*parcels, **fields)) == expected


def on_its_way(**fields) -> Parcel:
    return Parcel("in_transit", **{"shipped_at": day(4), "expected_at": day(6), "promised_at": day(6), "is_scanned": True, **fields})


def test_a_parcel_is_late_a_day_after_its_latest_estimate():
    assert of(on_its_way()).late == day(7)
    assert of(on_its_way(expected_at=day(6, 20))).late == day(7, 20)


def test_it_is_late_at_once_when_the_estimate_moves_behind_the_promise():
    got = of(on_its_way(expected_at=day(9), moved_at=day(5, 8)))
    assert (got.late, got.promised, got.expected) == (day(5, 8), day(6), day(9))


def test_of_several_parcels_the_first_that_is_late_counts():
    assert of(on_its_way(expected_at=day(8)), on_its_way()).late == day(7)


def test_nothing_is_late_without_an_estimate_without_a_scan_or_once_it_is_there():
    assert of(on_its_way(expected_at=None)).late is None
    assert of(on_its_way(is_scanned=False)).late is None
    assert of(on_its_way(), said_received_at=day(6)).late is None
    assert of(on_its_way(delivered_at=day(6)), on_its_way(delivered_at=day(6))).late is None


def test_out_for_delivery_readiness_and_failure_are_known_while_they_last():
    out = of(Parcel("out_for_delivery", shipped_at=day(4), status_at=day(6, 8)))
    assert (out.out_for_delivery, out.problem) == (day(6, 8), None)
    stuck = of(Parcel("failure", shipped_at=day(4), status_at=day(6, 15)))
    assert (stuck.out_for_delivery, stuck.problem) == (None, day(6, 15))
    ready = of(Parcel("ready", shipped_at=day(4), status_at=day(6, 9)))
    assert (ready.out_for_delivery, ready.ready, ready.problem) == (None, day(6, 9), None)
    there = of(Parcel("failure", shipped_at=day(4), status_at=day(6, 15)), said_received_at=day(7))
    assert there.problem is None


def test_a_parcel_waits_where_its_shop_says_else_where_its_carrier_saw_it_until_it_is_fetched():
    parcel = Shipment(status="ready", scans=[["2026-11-06T07:00:00+00:00", "ready", "Awaits collection", "Bath, GB"]])
    assert pickup.of([Shipment(status="in_transit"), parcel]) == ("Bath, GB", None)
    parcel.said["pickup"] = ["", "Corner Shop, Bath", "2026-11-13T12:00:00+00:00"]
    assert pickup.of([parcel]) == ("Corner Shop, Bath", day(13))
    parcel.delivered_at = day(7)
    assert pickup.of([parcel]) == pickup.NOWHERE
