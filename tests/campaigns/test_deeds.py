"""Steps that wait or do something: each once, with its event, and what hangs from a wait goes when that is over."""

from typing import Any

import pytest
from django.db import transaction

from campaigns import flows, steps
from campaigns import runs as by_hand
from campaigns.models import Enrollment, Flow, FlowVersion, Step, StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from campaigns.writing import publishing
from customers.models import Customer, Event, Note, Task
from messaging.models import Message
from offers.models import Offer, OfferCode
from stores import clock
from surveys import answers

DONE, PLANNED, WAITING = ("handed_over", ""), ("planned", ""), ("waiting", "")
CONTENT = {"subject": "Hello", "blocks": [{"kind": "text", "text": "Hello"}]}


@pytest.fixture
def made(store, live_flow):
    """Make a live flow that an order starts, of steps given as fields; help if not said otherwise."""

    def make(*given: dict[str, Any], **fields) -> Flow:
        flow = Flow.objects.create(store=store, key="made", name="Made", state="live", activated_at=clock.read(), **fields)
        version = FlowVersion.objects.create(store=store, flow=flow, number=1, trigger="order.placed", created_at=clock.read())
        usual = {"anchor": "placed", "use_by_hours": 72, "purpose": "service", "content": CONTENT}
        for number, step in enumerate(given, 1):
            Step.objects.create(store=store, version=version, position=number, **{"name": step["key"], **usual, **step})
        flow.version = version
        flow.save()
        return flow

    return make


@pytest.fixture
def waiting(made):
    """Wait three days for an answer from a day after the order on; then one mail if it came, another one if not."""
    return made(
        {"key": "wait", "kind": "wait", "offset_hours": 24, "details": {"event": "answer.given", "hours": 72}},
        {"key": "glad", "anchor": "waited", "offset_hours": 2, "conditions": ["happened"]},
        {"key": "still", "anchor": "waited", "conditions": ["not_happened"]},
    )


def of(order) -> dict[str, tuple[str, str]]:
    return {run.step_key: (run.state, run.reason) for run in StepRun.objects.filter(order=order, step__version__flow__key="made")}


def due(order, key: str):
    return to_the_minute(StepRun.objects.get(order=order, step_key=key).due_at)


def to_the_minute(moment):
    """The clock of the tests goes on by itself."""
    return moment.replace(second=0, microsecond=0)


def answer(order, score: int = 5) -> None:
    response = answers.ask("check-in", store=order.store, customer=order.customer, order=order, now=clock.read())
    answers.answer(response, score=score, now=clock.read())


def test_a_wait_ends_with_what_it_waits_for_and_what_hangs_from_it_goes_by_that_moment(waiting, placed, at):
    order = placed()
    sweep_until_quiet()
    assert of(order) == {"wait": PLANNED, "glad": WAITING, "still": WAITING}
    assert due(order, "still") == at("2026-11-06 09:00")
    travel_to(at("2026-11-04 10:00"))
    assert of(order)["wait"] == ("held", "waits")
    assert not Event.objects.filter(kind="mail.held").exists()
    answer(order)
    travel_to(at("2026-11-04 11:00"))
    assert of(order) == {"wait": DONE, "glad": PLANNED, "still": ("skipped", "happened")}
    assert due(order, "glad") == at("2026-11-04 12:00")
    travel_to(at("2026-11-10 09:00"))
    assert list(Message.objects.filter(flow="made").values_list("step", "sent_at__hour")) == [("glad", 11)]
    assert Event.objects.get(kind="flow.waited").data["happened"] is True


def test_a_wait_in_vain_ends_by_its_time(waiting, placed, at):
    order = placed()
    travel_to(at("2026-11-07 09:00"))
    answer(order)
    travel_to(at("2026-11-10 09:00"))
    assert of(order) == {"wait": DONE, "glad": ("skipped", "not_happened"), "still": DONE}
    assert to_the_minute(Message.objects.get(flow="made").sent_at) == at("2026-11-06 09:00")
    assert Enrollment.objects.get(flow=waiting).state == "done"


def test_what_happened_between_entering_and_the_wait_counts_and_anothers_does_not(waiting, placed, at):
    early, other = placed("1042"), placed("1043")  # of one customer
    answer(early)
    travel_to(at("2026-11-03 10:00"))
    assert of(early)["wait"] == DONE
    assert due(early, "glad") == at("2026-11-03 11:00")
    assert of(other)["wait"] == ("held", "waits")


def test_a_wait_that_staff_leave_out_is_over_at_once(waiting, placed, at, mara):
    order = placed()
    travel_to(at("2026-11-04 09:00"))
    by_hand.skip(StepRun.objects.get(order=order, step_key="wait"), by=mara, now=clock.read())
    sweep_until_quiet()
    assert (of(order)["wait"], of(order)["still"]) == (("skipped", "staff"), DONE)
    assert due(order, "still") == at("2026-11-04 09:00")


def test_an_order_that_ends_takes_its_waits_and_what_hangs_from_them_along(waiting, placed, tell, at):
    order = placed()
    travel_to(at("2026-11-04 09:00"))
    tell(order, "order.cancelled", cancelled_at=clock.read())
    sweep_until_quiet()
    assert set(of(order).values()) == {("cancelled", "cancelled")}


def test_each_deed_is_done_once_though_the_process_dies_before_it_commits(made, placed, store, at):
    offer = Offer.objects.create(store=store, name="Pool", kind="pool", value="€10 off")
    for number in range(3):
        OfferCode.objects.create(store=store, offer=offer, code=f"P{number}")
    made(
        {"key": "tag", "kind": "tag", "details": {"tag": "vip"}, "offset_hours": 1},
        {"key": "note", "kind": "note", "details": {"text": "Send a card."}, "offset_hours": 1},
        {"key": "task", "kind": "task", "details": {"title": "Call them", "days": 1}, "offset_hours": 1},
        {"key": "code", "kind": "coupon", "offer": offer, "offset_hours": 1},
    )
    order = placed()
    sweep_until_quiet()
    clock.set_to(at("2026-11-02 10:30"))

    class Killed(BaseException):
        pass

    with pytest.raises(Killed), transaction.atomic():
        steps.hand_over(now=clock.read(), is_urgent=False)
        raise Killed
    assert not Note.objects.exists() and of(order)["tag"] == PLANNED
    sweep_until_quiet()
    sweep_until_quiet()
    assert set(of(order).values()) == {DONE}
    assert Customer.objects.get().tags == ["vip"]
    assert Note.objects.get().text == "Send a card."
    assert (Task.objects.get().title, to_the_minute(Task.objects.get().due_at)) == ("Call them", at("2026-11-03 10:30"))
    assert list(OfferCode.objects.filter(state="given").values_list("code", flat=True)) == ["P0"]
    kinds = ["customer.tagged", "note.added", "task.opened", "coupon.issued"]
    assert [Event.objects.filter(kind=kind).count() for kind in kinds] == [1, 1, 1, 1]
    assert Event.objects.get(kind="coupon.issued").data["code"] == "P0"


def test_a_deed_asks_nobody_for_permission_but_what_sells_is_withheld_and_watching_does_nothing(made, placed, store, at):
    flow = made(
        {"key": "tag", "kind": "tag", "details": {"tag": "kept"}},
        {"key": "gone", "kind": "tag", "purpose": "marketing", "details": {"tag": "sold"}},
        holdout_percent=100,
    )
    order = placed()
    Customer.objects.update(objected_to_service_at=clock.read())
    sweep_until_quiet()
    assert of(order) == {"tag": DONE, "gone": ("skipped", "holdout")}
    flows.watch(flow, now=clock.read())
    another = placed("1043", email="bea@example.com")
    sweep_until_quiet()
    assert of(another)["tag"] == ("skipped", "watch_only")
    assert Customer.objects.get(email="bea@example.com").tags == []


def test_a_survey_step_asks_its_own_question(made, placed, at):
    content = {"subject": "How easy was it?", "blocks": [{"kind": "question", "answers": ["a", "b", "c", "d", "e"]}]}
    made({"key": "ask", "kind": "survey", "details": {"survey": "ease"}, "content": content})
    order = placed()
    sweep_until_quiet()
    assert Message.objects.get(flow="made").subject == "How easy was it?"
    assert list(order.responses.values_list("survey__key", flat=True)) == ["ease"]


def test_a_version_says_what_its_steps_lack_before_it_is_published(made, store):
    flow = made(
        {"key": "early", "anchor": "waited"},
        {"key": "wait", "kind": "wait", "details": {"event": "nothing.ever", "hours": 0}},
        {"key": "tag", "kind": "tag"},
        {"key": "code", "kind": "coupon"},
        {"key": "other", "instead_of": "nobody"},
        {"key": "shared", "variants": [{"key": "b", "share": 100, "content": {"subject": "{{ nonsense }}"}}]},
    )
    assert [key for key, _ in publishing.problems(flow.version)] == ["wait", "wait", "tag", "code", "shared", "shared", "early", "other"]
