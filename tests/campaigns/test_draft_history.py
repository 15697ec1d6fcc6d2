"""Undo and redo over a draft: whatever was changed is put back whole, and nobody's open page overwrites it unseen."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns import flows, recipes
from campaigns.models import Step
from campaigns.writing import drafts, history
from campaigns.writing.models import DraftEdit
from segments.models import Segment
from stores import clock


@pytest.fixture
def flow(store, at):
    clock.set_to(at("2026-11-02 09:00"))
    flow = recipes.install(store, "post-purchase", now=clock.read())
    flows.activate(flow, now=clock.read())
    return flow


@pytest.fixture
def change(flow, alice):
    """Do something to the draft as alice, a while after `now`, and keep it."""

    def do(says: str, verb, *args, minutes: int = 0, step_key: str = "", **fields):
        now = clock.read() + timedelta(minutes=minutes)
        with history.kept(flow, says, by=alice, now=now, step_key=step_key):
            return verb(flow, *args, now=now, **fields)

    return do


def said(flow) -> dict[str, tuple[Any, ...]]:
    draft = drafts.of(flow)
    assert draft is not None
    return {step.key: (step.name, step.position, step.offset_hours, step.is_off, step.only_if_id) for step in draft.steps.all()}


def test_every_kind_of_change_is_undone_in_turn_and_done_again(flow, change, alice, store):
    vip = Segment.objects.create(store=store, name="Best", rule={}, created_at=clock.read())
    draft = drafts.begin(flow, now=clock.read())
    seen = [(said(flow), draft.trigger)]
    change("moved", drafts.move, "thanks", places=-1, by=alice)
    change("out", drafts.remove, "tips")
    change("off", drafts.switch, "check-in", is_off=True, by=alice)
    change("another", drafts.add_instead, "goes-well", by=alice)
    revision = draft.steps.get(key="goes-well-2").revision
    change("for", drafts.edit, "goes-well-2", revision=revision, changes={"only_if": vip}, by=alice, step_key="goes-well-2")
    change("rules", drafts.change_rules, {"trigger": "customer.birthday"})
    after = said(flow), "customer.birthday"
    undone = []
    while edit := history.undo(flow, by=alice, now=clock.read()):
        undone.append(edit.says)
    draft.refresh_from_db()
    assert undone == ["rules", "for", "another", "off", "out", "moved"]
    assert (said(flow), draft.trigger, draft.taken_out) == (*seen[0], [])
    while history.redo(flow, by=alice, now=clock.read()):
        pass
    draft.refresh_from_db()
    assert (said(flow), draft.trigger) == after
    assert Step.objects.filter(version=flow.version, key="tips").exists()


def test_writing_on_is_one_change_a_pause_begins_another_and_a_new_change_cuts_off_what_was_undone(flow, change, alice):
    for minutes, name in ((0, "T"), (0, "Ti"), (0, "Tips"), (5, "Tips!")):
        revision = drafts.begin(flow, now=clock.read()).steps.get(key="tips").revision
        change("written", drafts.edit, "tips", revision=revision, changes={"name": name}, by=alice, minutes=minutes, step_key="tips")
    assert DraftEdit.objects.count() == 2
    history.undo(flow, by=alice, now=clock.read())
    assert said(flow)["tips"][0] == "Tips"
    change("off", drafts.switch, "tips", is_off=True, by=alice, minutes=9)
    assert history.redo(flow, by=alice, now=clock.read()) is None
    change("nothing", drafts.switch, "tips", is_off=True, by=alice, minutes=9)
    assert [edit.says for edit in DraftEdit.objects.order_by("pk")] == ["written", "off"]


def test_what_comes_back_is_newer_than_any_open_page_and_points_at_nothing_that_is_gone(flow, change, alice, store):
    vip = Segment.objects.create(store=store, name="Best", rule={}, created_at=clock.read())
    change("for", drafts.edit, "tips", revision=1, changes={"only_if": vip}, by=alice)
    change("out", drafts.remove, "tips")
    draft = drafts.of(flow)
    assert draft is not None
    DraftEdit.objects.filter(says="for").delete()
    vip.delete()
    history.undo(flow, by=alice, now=clock.read())
    back = draft.steps.get(key="tips")
    assert (back.revision, back.only_if) == (3, None)
    with pytest.raises(drafts.Stale):
        drafts.edit(flow, "tips", revision=2, changes={"name": "Mine"}, by=alice, now=clock.read())
