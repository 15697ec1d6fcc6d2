"""The tracker's words, as tables. It is Wednesday 4 November 2026, noon in Berlin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lifecycle.public import tracking
from lifecycle.public.days import Calendar
from lifecycle.public.tracking import Answer, Standing, Stop
from orders.delivery import Usual
from orders.pickup import Pickup
from orders.progress import OrderFacts, Parcel
from stores import phrases

NOW = datetime(2026, 11, 4, 11, 0, tzinfo=UTC)
CALENDAR = Calendar(NOW, ZoneInfo("Europe/Berlin"))
PLACED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SENT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 6, 17, 0, tzinfo=UTC)
SATURDAY = FRIDAY + timedelta(days=1)
TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def of(*parcels, kinds=("physical",), facts=None, **standing):
    return Standing(OrderFacts(PLACED, kinds=frozenset(kinds), parcels=parcels, **(facts or {})), **standing)


def moving(status="in_transit", **fields):
    return Parcel(status, shipped_at=SENT, is_scanned=True, **fields)


THERE = moving("delivered", delivered_at=TUESDAY)

ANSWERS = {
    "nothing sent yet": (of(), Answer("We are packing your order", "Once it has left us, it usually takes 5 days.")),
    "not paid yet": (
        of(is_unpaid=True),
        Answer("We are packing your order", "Your payment has not reached us yet; we start as soon as it does."),
    ),
    "label made, no day": (
        of(Parcel("pending")),
        Answer("Packed and waiting for the carrier", "It gets an arrival day once the carrier has it."),
    ),
    "label made, day known": (
        of(Parcel("pending", expected_at=FRIDAY)),
        Answer("Arriving Friday 6 November", "It is packed and waits for the carrier."),
    ),
    "on its way": (
        of(moving(expected_at=FRIDAY), promised_at=FRIDAY, town="Lisbon"),
        Answer("Arriving Friday 6 November", "It is on its way to Lisbon."),
    ),
    "no day known": (
        of(moving(), town="Lisbon"),
        Answer("On its way to Lisbon", "It left us on Monday 2 November and usually takes 5 days."),
    ),
    "no parcel told of": (
        of(facts={"fulfillment_status": "fulfilled", "fulfilled_at": SENT}, usual=Usual(1, 1)),
        Answer("On its way", "It left us on Monday 2 November and usually takes 1 day."),
    ),
    "today": (of(moving("out_for_delivery", expected_at=NOW)), Answer("Arriving today, Wednesday 4 November", "It is out for delivery.")),
    "today, but the hour passed": (
        of(moving(expected_at=NOW - timedelta(hours=3))),
        Answer("Arriving today, Wednesday 4 November", "It is on its way."),
    ),
    "tomorrow": (of(moving(expected_at=NOW + timedelta(days=1))), Answer("Arriving tomorrow, Thursday 5 November", "It is on its way.")),
    "next year": (
        of(moving(expected_at=datetime(2027, 1, 4, 9, tzinfo=UTC))),
        Answer("Arriving Monday 4 January 2027", "It is on its way."),
    ),
    "out for delivery, no day": (of(moving("out_for_delivery")), Answer("Out for delivery", "It is out for delivery.")),
    "moved to a later day": (
        of(moving(expected_at=SATURDAY), promised_at=FRIDAY),
        Answer(
            "It is late: now arriving Saturday 7 November",
            "We are sorry. It was promised for Friday 6 November. If that is too late for you, write to us.",
            "late",
        ),
    ),
    "moved within its day": (
        of(moving(expected_at=FRIDAY + timedelta(hours=2)), promised_at=FRIDAY),
        Answer("Arriving Friday 6 November", "It is on its way."),
    ),
    "moved to an earlier day": (
        of(moving(expected_at=FRIDAY), promised_at=SATURDAY),
        Answer("Arriving Friday 6 November", "It is on its way."),
    ),
    "day is over": (
        of(moving(expected_at=TUESDAY), promised_at=TUESDAY),
        Answer(
            "It is late: we expected it on Tuesday 3 November",
            "We are sorry. There is no new day yet. Write to us and we look for it.",
            "late",
        ),
    ),
    "could not be handed over": (
        of(moving("failure")),
        Answer("The carrier could not hand it over", "Write to us and we arrange another try, or send it somewhere else.", "late"),
    ),
    "lies at a pick-up point past its day": (
        of(moving("ready", expected_at=TUESDAY), promised_at=TUESDAY),
        Answer(
            "It is ready to be picked up",
            "The carrier keeps it for you for some days; its own page says where, and until when.",
            "good",
        ),
    ),
    "lies at a pick-up point that is known": (
        of(moving("ready", expected_at=TUESDAY), pickup=Pickup("Corner Shop, Rua Nova 9, Lisboa", FRIDAY)),
        Answer(
            "It is ready to be picked up", "Where: Corner Shop, Rua Nova 9, Lisboa. It is kept for you until Friday 6 November.", "good"
        ),
    ),
    "one of two is there": (
        of(THERE, moving(expected_at=FRIDAY)),
        Answer("Arriving Friday 6 November", "1 of 2 packages is already there."),
    ),
    "one is there, the rest is not sent": (
        of(THERE, facts={"fulfillment_status": "partial"}),
        Answer("We are packing the rest of your order", "Once it has left us, it usually takes 5 days."),
    ),
    "delivered": (of(THERE, town="Lisbon"), Answer("Delivered on Tuesday 3 November", "To Lisbon.", "good")),
    "delivered today": (of(moving("delivered", delivered_at=NOW)), Answer("Delivered today", "", "good")),
    "both are there": (of(THERE, THERE), Answer("Delivered on Tuesday 3 November", "All packages are there.", "good")),
    "said to be there": (of(moving(), facts={"said_received_at": TUESDAY}), Answer("Delivered on Tuesday 3 November", "", "good")),
    "a called-off parcel does not count": (
        of(Parcel("pending", is_cancelled=True), THERE),
        Answer("Delivered on Tuesday 3 November", "", "good"),
    ),
    "came back": (of(moving("returned")), Answer("Your order came back to us", "Write to us and we send it again or refund it.", "off")),
    "cancelled": (
        of(is_cancelled=True, cancelled_at=TUESDAY),
        Answer("Your order was cancelled", "On Tuesday 3 November. Write to us if that is a surprise.", "off"),
    ),
    "cancelled and refunded": (
        of(is_cancelled=True, is_refunded=True, cancelled_at=TUESDAY),
        Answer("Your order was cancelled", "On Tuesday 3 November. Your money was sent back.", "off"),
    ),
    "refunded after delivery": (
        of(THERE, is_refunded=True),
        Answer("Your order was refunded", "Banks take a few days to show the money.", "off"),
    ),
    "download, unpaid": (
        of(kinds=["digital"], is_unpaid=True),
        Answer("We are preparing your download", "Your payment has not reached us yet; we start as soon as it does."),
    ),
    "download, ready": (
        of(kinds=["digital"], facts={"paid_at": TUESDAY}),
        Answer("Your download is ready", "Since Tuesday 3 November.", "good"),
    ),
    "service, booked": (of(kinds=["service"]), Answer("Your service is booked")),
    "service, done": (of(kinds=["service"], facts={"fulfilled_at": TUESDAY}), Answer("Done on Tuesday 3 November", "", "good")),
    "parcel and download": (
        of(kinds=["digital", "physical"], facts={"paid_at": TUESDAY}),
        Answer("We are packing your order", "Once it has left us, it usually takes 5 days."),
    ),
}


@pytest.mark.parametrize(("standing", "said"), ANSWERS.values(), ids=ANSWERS)
def test_the_heading_is_the_answer(standing, said):
    assert tracking.answer(standing, CALENDAR) == said


def test_days_are_the_shops_own():
    late_evening = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)
    assert tracking.answer(of(moving(expected_at=late_evening)), CALENDAR).heading == "Arriving Friday 6 November"
    york = Calendar(NOW, ZoneInfo("America/New_York"))
    assert tracking.answer(of(moving(expected_at=late_evening)), york).heading == "Arriving tomorrow, Thursday 5 November"


STOPS = {
    "ordered": (of(), ["now", "next", "next", "next", "next"]),
    "packed": (of(Parcel("pending")), ["done", "now", "next", "next", "next"]),
    "on its way": (of(moving()), ["done", "done", "now", "next", "next"]),
    "out for delivery": (of(moving("out_for_delivery")), ["done", "done", "done", "now", "next"]),
    "to be picked up": (of(moving("ready")), ["done", "done", "done", "now", "next"]),
    "delivered": (of(THERE), ["done", "done", "done", "done", "now"]),
    "the slowest counts": (of(THERE, Parcel("pending")), ["done", "now", "next", "next", "next"]),
    "the rest is not sent": (of(THERE, facts={"fulfillment_status": "partial"}), ["now", "next", "next", "next", "next"]),
    "download": (of(kinds=["digital"]), ["now", "next"]),
    "service done": (of(kinds=["service"], facts={"fulfilled_at": TUESDAY}), ["done", "now"]),
    "cancelled": (of(is_cancelled=True), []),
    "refunded": (of(THERE, is_refunded=True), []),
    "came back": (of(moving("returned")), []),
}


@pytest.mark.parametrize(("standing", "states"), STOPS.values(), ids=STOPS)
def test_the_bar_stands_at_the_slowest_parcels_stop(standing, states):
    assert [stop.state for stop in tracking.stops(standing, CALENDAR.words)] == states


def test_a_stop_that_was_reached_says_when():
    assert tracking.stops(of(THERE), CALENDAR.words) == [
        Stop("Order received", "done", PLACED),
        Stop("Packed", "done"),
        Stop("On its way", "done", SENT),
        Stop("Out for delivery", "done"),
        Stop("Delivered", "now", TUESDAY),
    ]


@pytest.mark.parametrize(
    ("code", "heading", "detail"),
    [
        ("de", "Ankunft morgen, Donnerstag, 5. November", "2 von 3 Paketen sind schon da."),
        ("fr", "Arrivée demain, jeudi 5 novembre", "2 colis sur 3 sont déjà arrivés."),
        ("es", "Llegada: mañana, jueves, 5 de noviembre", "2 de 3 paquetes ya han llegado."),
        ("pt-BR", "Chegada: amanhã, quinta-feira, 5 de novembro", "2 de 3 pacotes já chegaram."),
        ("ar", "الوصول: غدًا، الخميس، 5 نوفمبر", "وصل طردان من 3."),
    ],
)
def test_the_answer_speaks_the_readers_language(code, heading, detail):
    calendar = Calendar(NOW, ZoneInfo("Europe/Berlin"), phrases.of(code))
    standing = of(THERE, THERE, moving(expected_at=NOW + timedelta(days=1)))
    assert tracking.answer(standing, calendar) == Answer(heading, detail)
