"""Editing a draft: each verb, what stays live meanwhile, and two editors at once."""

import pytest

from campaigns import flows, recipes
from campaigns.models import Flow, FlowVersion, Frozen, Step
from campaigns.writing import drafts
from stores import clock


def line(version: FlowVersion) -> list[tuple[str, str, int]]:
    return [(step.key, step.anchor, step.offset_hours) for step in version.steps.all()]


LIVE = [
    ("confirmation", "placed", 0), ("tips", "shipped", 24), ("goes-well", "received", 96), ("check-in", "received", 168),
    ("thanks", "received", 336),
]  # fmt: skip


@pytest.fixture
def edit(live_flow, alice):
    """Call a verb of drafts on the live flow as Alice, now."""

    def call(verb, *args, **kwargs):
        return verb(live_flow, *args, by=alice, now=clock.read(), **kwargs)

    return call


def test_a_draft_is_a_copy_beside_the_live_version_and_begun_once(live_flow):
    draft = drafts.begin(live_flow, now=clock.read())
    assert (draft.number, draft.based_on, draft.published_at, line(draft)) == (2, live_flow.version, None, LIVE)
    assert drafts.begin(Flow.objects.get(), now=clock.read()) == draft
    assert line(live_flow.version) == LIVE
    tips, copied = live_flow.version.steps.get(key="tips"), draft.steps.get(key="tips")
    kept = {field.attname for field in Step._meta.concrete_fields} - {"id", "version_id"}
    assert {name: getattr(tips, name) for name in kept} == {name: getattr(copied, name) for name in kept}


def test_a_flow_that_was_never_published_is_its_own_draft(store, alice):
    flow = recipes.install(store, "win-back", now=clock.read())
    assert drafts.begin(flow, now=clock.read()) == flow.version
    drafts.remove(flow, "a-reason", now=clock.read())
    assert (flow.version.steps.count(), FlowVersion.objects.count()) == (1, 1)


def test_a_published_version_refuses_edits(live_flow):
    step = live_flow.version.steps.get(key="tips")
    step.name = "Other tips"
    with pytest.raises(Frozen, match="“Other tips” belongs to a published version"):
        step.save()
    assert Step.objects.get(key="tips").name == "Usage tips"


def test_a_mail_is_added_after_another_a_day_later_or_at_its_stop_at_once(edit, live_flow):
    edit(drafts.add, anchor="received", after="goes-well")
    edit(drafts.add, anchor="shipped")
    assert line(live_flow.draft) == [
        LIVE[0], ("mail-3", "shipped", 0), LIVE[1], LIVE[2], ("mail-2", "received", 120), *LIVE[3:],
    ]  # fmt: skip


def test_moved_past_another_a_step_changes_moments_with_it_and_past_a_stop_it_hangs_from_that_one(edit, live_flow):
    edit(drafts.move, "thanks", places=-1)
    assert line(live_flow.draft)[3:] == [("thanks", "received", 168), ("check-in", "received", 336)]
    edit(drafts.move, "goes-well", places=-1)
    assert line(live_flow.draft)[1:3] == [("tips", "shipped", 24), ("goes-well", "shipped", 48)]
    edit(drafts.move, "goes-well", places=-2)
    assert line(live_flow.draft)[:2] == [("confirmation", "placed", 0), ("goes-well", "placed", 24)]
    edit(drafts.move, "goes-well", places=-9)
    assert line(live_flow.draft)[:2] == [("goes-well", "placed", 0), ("confirmation", "placed", 24)]
    edit(drafts.move, "goes-well", places=4)
    assert line(live_flow.draft)[1:4] == [("tips", "shipped", 24), ("goes-well", "received", 144), ("thanks", "received", 168)]
    assert edit(drafts.move, "tips", places=1).not_after_anchor == ""


def test_a_copy_comes_a_day_later_under_a_key_nobody_ever_had(edit, live_flow):
    edit(drafts.duplicate, "check-in")
    second = live_flow.draft.steps.get(key="check-in-2")
    assert (second.name, second.offset_hours, second.content == live_flow.draft.steps.get(key="check-in").content) == (
        "Check-in, again", 192, True,
    )  # fmt: skip
    drafts.remove(live_flow, "check-in-2", now=clock.read())
    assert edit(drafts.duplicate, "check-in").key == "check-in-3"


def test_what_is_taken_out_can_be_put_back_as_it_was(edit, live_flow, alice):
    edit(drafts.edit, "goes-well", revision=1, changes={"name": "Pairs well"})
    drafts.remove(live_flow, "goes-well", now=clock.read())
    assert [key for key, *_ in line(live_flow.draft)] == ["confirmation", "tips", "check-in", "thanks"]
    step = drafts.put_back(live_flow, "goes-well", now=clock.read())
    assert step is not None
    assert (step.name, f"{step.time_of_day:%H:%M}", step.edited_by, line(live_flow.draft)) == ("Pairs well", "10:00", alice, LIVE)
    assert drafts.put_back(live_flow, "goes-well", now=clock.read()) is None


def test_who_saves_over_a_change_they_have_not_seen_is_told_of_it(edit, live_flow, alice):
    edit(drafts.edit, "tips", revision=1, changes={"name": "Tips by Alice"})
    with pytest.raises(drafts.Stale, match="Alice changed “Tips by Alice” in the meantime") as told:
        edit(drafts.edit, "tips", revision=1, changes={"name": "Tips by Mara"})
    assert (told.value.step.name, told.value.step.revision) == ("Tips by Alice", 2)
    assert edit(drafts.edit, "tips", revision=1, changes={"name": "Tips by Alice"}).revision == 2
    assert edit(drafts.edit, "tips", revision=2, changes={"name": "Tips by Mara", "use_by_hours": 48}).revision == 3
    with pytest.raises(ValueError, match="not edited: key"):
        edit(drafts.edit, "tips", revision=3, changes={"key": "confirmation"})


def test_a_step_that_is_switched_off_is_planned_for_nobody(store, alice, placed, runs, at):
    clock.set_to(at("2026-11-02 09:00"))
    flow = recipes.install(store, "post-purchase", now=clock.read())
    drafts.switch(flow, "tips", is_off=True, by=alice, now=clock.read())
    flows.activate(flow, now=clock.read())
    order = placed()
    from campaigns import triggers

    triggers.read(now=clock.read())
    assert sorted(runs(order)) == ["check-in", "confirmation", "goes-well", "thanks"]
    for key in ("confirmation", "goes-well", "check-in", "thanks"):
        Step.objects.filter(key=key).update(is_off=True)
    with pytest.raises(flows.CannotActivate, match="no steps"):
        flows.activate(Flow.objects.get(), now=clock.read())


def test_a_draft_that_is_thrown_away_stands_in_the_history_and_can_be_restored(edit, live_flow):
    edit(drafts.add, anchor="placed")
    thrown = drafts.discard(live_flow)
    assert (Flow.objects.get().draft, live_flow.version.number) == (None, 1)
    assert thrown is not None
    again = drafts.restore(thrown, now=clock.read())
    assert (again.number, line(again)) == (3, line(thrown))
    assert Flow.objects.get().draft == again
