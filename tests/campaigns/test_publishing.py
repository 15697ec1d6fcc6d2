"""Publishing a draft, people who come over to it, and taking it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import moving, triggers
from campaigns.models import Enrollment, Flow, FlowVersion, Step, StepRun
from campaigns.tasks import sweep_until_quiet
from campaigns.writing import coming_over, drafts, publishing
from messaging.models import Message
from stores import clock

FIELDS = ("step_id", "step_key", "state", "reason", "due_at", "use_by", "wake_at", "order_id", "facts")


def plan() -> list[tuple[Any, ...]]:
    return sorted(StepRun.objects.values_list("enrollment__version_id", "enrollment__state", *FIELDS), key=str)


def publish(flow: Flow, alice, *, move: bool = False) -> FlowVersion:
    version = publishing.publish(flow, by=alice, now=clock.read(), move=move)
    moving.sweep(now=clock.read())
    return version


@pytest.fixture
def entered(placed):
    """Put an order before the flow and let it enter, without sending anything yet."""

    def enter(number: str = "1042", **fields):
        order = placed(number, **fields)
        triggers.read(now=clock.read())
        return order

    return enter


def keys(order) -> dict[str, tuple[int, str]]:
    runs = StepRun.objects.filter(order=order).select_related("step__version")
    return {run.step_key: (run.step.version.number, run.state) for run in runs}


def test_new_people_get_the_published_version_and_those_inside_stay_on_theirs(live_flow, entered, alice):
    before = entered("1")
    drafts.remove(live_flow, "goes-well", now=clock.read())
    drafts.edit(live_flow, "tips", revision=1, changes={"offset_hours": 48}, by=alice, now=clock.read())
    version = publish(live_flow, alice)
    after = entered("2", email="bob@example.com")
    assert keys(before) == dict.fromkeys(["confirmation"], (1, "planned")) | dict.fromkeys(
        ["tips", "goes-well", "check-in", "thanks"], (1, "waiting")
    )
    assert keys(after) == {"confirmation": (2, "planned")} | dict.fromkeys(["tips", "check-in", "thanks"], (2, "waiting"))
    assert (version.published_by, live_flow.version, live_flow.draft) == (alice, version, None)
    assert version.says == [
        "Usage tips: goes 2 days after shipping, instead of 1 day after shipping.", "Goes well with it: removed.",
    ]  # fmt: skip
    with pytest.raises(publishing.CannotPublish, match="no changes"):
        publishing.publish(live_flow, by=alice, now=clock.read())


def test_who_comes_over_gets_no_step_twice_the_new_ones_planned_and_the_removed_ones_cancelled(live_flow, entered, alice, at):
    order = entered()
    sweep_until_quiet()
    drafts.remove(live_flow, "goes-well", now=clock.read())
    drafts.switch(live_flow, "check-in", is_off=True, by=alice, now=clock.read())
    drafts.edit(live_flow, "thanks", revision=1, changes={"offset_hours": 240}, by=alice, now=clock.read())
    added = drafts.add(live_flow, anchor="placed", after="confirmation", by=alice, now=clock.read())
    publish(live_flow, alice, move=True)
    removed = (1, "cancelled")
    assert keys(order) == {
        "confirmation": (1, "handed_over"), "tips": (2, "waiting"), "goes-well": removed, "check-in": removed, "thanks": (2, "waiting"),
        added.key: (2, "planned"),
    }  # fmt: skip
    assert set(StepRun.objects.filter(state="cancelled").values_list("reason", flat=True)) == {"step_removed"}
    clock.set_to(at("2026-11-03 09:30"))
    sweep_until_quiet()
    assert [message.subject for message in mail.outbox] == ["Got it, Ana. Arriving around Sunday", "Is everything as it should be?"]
    assert Message.objects.count() == 2


def test_says_how_many_mails_of_those_inside_would_move_and_by_how_much(live_flow, entered, alice):
    def edit(key: str, **changes: object) -> None:
        revision = drafts.begin(live_flow, now=clock.read()).steps.get(key=key).revision
        drafts.edit(live_flow, key, revision=revision, changes=changes, by=alice, now=clock.read())

    for number in range(3):
        entered(f"{number}", email=f"p{number}@example.com")
    edit("tips", offset_hours=48)
    publish(live_flow, alice)
    entered("9", email="nine@example.com")
    edit("tips", offset_hours=72)
    edit("goes-well", anchor="shipped")
    edit("thanks", early_after_answer_hours=None)
    drafts.remove(live_flow, "check-in", now=clock.read())
    added = drafts.add(live_flow, anchor="placed", by=alice, now=clock.read())
    told = coming_over.of(live_flow)
    assert (told.people, told.staying) == (4, 4)
    assert list(told.says) == [
        "Usage tips: 3 mails will go 2 days later, 3 days after shipping.",
        "Usage tips: 1 mail will go 1 day later, 3 days after shipping.",
        "Goes well with it: 4 mails will go 4 days after shipping, 10:00 their time, instead of 4 days after it arrived, 10:00 their time.",
        "Thanks, for a time: 4 mails may move: no longer brought forward by a happy answer.",
        "Check-in: 4 mails will not go any more.",
        f"{added.name}: new for 4 people.",
    ]


def test_undo_puts_everybody_and_everything_back_as_it_was(live_flow, entered, alice):
    for number in range(3):
        entered(f"{number}", email=f"p{number}@example.com")
    before = plan()
    drafts.remove(live_flow, "goes-well", now=clock.read())
    drafts.add(live_flow, anchor="placed", by=alice, now=clock.read())
    drafts.move(live_flow, "thanks", places=-1, by=alice, now=clock.read())
    published = publish(live_flow, alice, move=True)
    assert Enrollment.objects.filter(version=published).count() == 3
    assert publishing.undoable(live_flow, now=clock.read())
    steps = list(published.steps.values_list("key", "anchor", "offset_hours"))
    assert publishing.undo(live_flow, now=clock.read()).number == 1
    moving.sweep(now=clock.read())
    assert plan() == before
    assert live_flow.draft is not None
    assert list(live_flow.draft.steps.values_list("key", "anchor", "offset_hours")) == steps
    with pytest.raises(publishing.CannotUndo):
        publishing.undo(live_flow, now=clock.read())


def test_undo_takes_those_along_who_entered_meanwhile_and_mails_nobody_twice(live_flow, entered, alice):
    drafts.remove(live_flow, "goes-well", now=clock.read())
    added = drafts.add(live_flow, anchor="placed", by=alice, now=clock.read())
    publish(live_flow, alice)
    order = entered()
    sweep_until_quiet()
    assert Message.objects.count() == 2
    publishing.undo(live_flow, now=clock.read())
    sweep_until_quiet()
    assert Message.objects.count() == 2
    assert keys(order) == {
        "confirmation": (2, "handed_over"), added.key: (2, "handed_over"),
        "tips": (1, "waiting"), "goes-well": (1, "waiting"), "check-in": (1, "waiting"), "thanks": (1, "waiting"),
    }  # fmt: skip


def test_undo_is_offered_for_ten_minutes(live_flow, alice):
    assert not publishing.undoable(live_flow, now=clock.read())
    drafts.remove(live_flow, "goes-well", now=clock.read())
    published = publish(live_flow, alice)
    assert published.published_at is not None
    end = published.published_at + timedelta(minutes=10)
    assert publishing.undoable(live_flow, now=end - timedelta(seconds=1))
    assert not publishing.undoable(live_flow, now=end)
    with pytest.raises(publishing.CannotUndo, match="ten minutes"):
        publishing.undo(live_flow, now=end)
    assert [(version.number, version.says) for version in publishing.history(live_flow)] == [(2, ["Goes well with it: removed."]), (1, [])]


def test_a_draft_with_a_mail_that_cannot_go_is_not_published(live_flow, alice):
    button = {"kind": "button", "label": "Go"}
    content = {"subject": "Hello {{ nobody }}", "blocks": [{"kind": "text", "text": "{% if"}, button]}
    drafts.edit(live_flow, "tips", revision=1, changes={"content": content}, by=alice, now=clock.read())
    with pytest.raises(publishing.CannotPublish) as refused:
        publishing.publish(live_flow, by=alice, now=clock.read())
    assert refused.value.problems == [("tips", "Usage tips: block 2: It has no url.")]
    content = {**content, "blocks": [{"kind": "text", "text": "{% if"}, {**button, "url": "https://shop.example/"}]}
    drafts.edit(live_flow, "tips", revision=2, changes={"content": content}, by=alice, now=clock.read())
    drafts.switch(live_flow, "check-in", is_off=True, by=alice, now=clock.read())
    with pytest.raises(publishing.CannotPublish, match=r"subject: There is no value 'nobody'\."):
        publishing.publish(live_flow, by=alice, now=clock.read())
    drafts.switch(live_flow, "tips", is_off=True, by=alice, now=clock.read())
    assert publish(live_flow, alice).number == 2


def test_the_difference_says_what_changes_and_shows_the_lines_of_mails_that_do(live_flow, alice):
    assert publishing.difference(live_flow).count == 0
    tips = live_flow.version.steps.get(key="tips")
    blocks = [*tips.content["blocks"]]
    blocks[0] = {"kind": "heading", "text": "Soon with you"}
    changes = {"content": {**tips.content, "blocks": blocks}, "conditions": [], "purpose": "marketing"}
    drafts.edit(live_flow, "tips", revision=1, changes=changes, by=alice, now=clock.read())
    drafts.change_rules(live_flow, {"reentry": "once"}, now=clock.read())
    difference = publishing.difference(live_flow)
    assert difference.sentences() == [
        "No longer: once an order.", "Now: once in a lifetime.",
        "Usage tips: is marketing, instead of service; goes without conditions; new text.",
    ]  # fmt: skip
    assert [line for line in difference.steps[0].text if line[0] != "same"] == [
        ("out", "Heading: {% if has_arrived %}Now that it is here{% else %}Before it arrives{% endif %}"),
        ("in", "Heading: Soon with you"),
    ]


VERBS = st.lists(
    st.one_of(
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.just("switch"), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 9)),
        st.tuples(st.just("duplicate"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["sweep", "publish", "take over", "undo", "order"]), st.just(0)),
    ),
    min_size=2,
    max_size=9,
)


@given(acts=VERBS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_published_moved_and_undone_no_step_comes_twice_and_none_is_lost(acts, live_flow, placed, alice):
    with transaction.atomic():
        start = clock.read()
        for number, (act, which) in enumerate([("order", 0), *acts, ("take over", 0)]):
            clock.set_to(start + timedelta(minutes=number))
            _do(Flow.objects.get(), act, which, placed, alice, number)
        moving.sweep(now=clock.read())
        _nothing_is_lost_or_doubled()
        transaction.set_rollback(True)


def _nothing_is_lost_or_doubled() -> None:
    for each in Enrollment.objects.filter(state="active").select_related("version"):
        assert {step.key for step in each.version.active_steps()} <= set(each.runs.values_list("step_key", flat=True))
    mails = list(Message.objects.values_list("customer_id", "order_id", "step"))
    assert len(mails) == len(set(mails))
    open_runs = StepRun.objects.filter(state__in=StepRun.OPEN).select_related("step", "enrollment")
    assert [run.step_key for run in open_runs if run.step.version_id != run.enrollment.version_id or run.step.is_off] == []


def _do(flow: Flow, act: str, which: int, placed, alice, number: int) -> None:
    now = clock.read()
    if act == "order":
        placed(f"{number}", email=f"p{number}@example.com")
        triggers.read(now=now)
    elif act == "sweep":
        sweep_until_quiet()
    elif act in ("publish", "take over") and flow.draft:
        publish(flow, alice, move=act == "take over")
    elif act == "undo" and publishing.undoable(flow, now=now):
        publishing.undo(flow, now=now)
        moving.sweep(now=now)
    elif act in ("remove", "switch", "move", "duplicate"):
        steps = list(drafts.begin(flow, now=now).steps.all())
        if len(steps) > 2 or act == "duplicate":
            _edit(flow, act, steps[which % len(steps)], alice)


def _edit(flow: Flow, act: str, step: Step, alice) -> None:
    now = clock.read()
    if act == "remove":
        drafts.remove(flow, step.key, now=now)
    elif act == "switch":
        drafts.switch(flow, step.key, is_off=step.position % 2 == 0 and not step.is_off, by=alice, now=now)
    elif act == "move":
        drafts.move(flow, step.key, places=-1, by=alice, now=now)
    else:
        drafts.duplicate(flow, step.key, by=alice, now=now)
