"""Kept members: found when a segment is made, brought up to date for touched customers and every night, told where it is watched."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.tasks import sweep_until_quiet
from customers import rfm_refresh, touching
from customers.models import Customer, Event, Touched, Unread
from engagement import actions
from engagement.actions import Done
from engagement.models import Engagement
from integrations.models import ImportJob
from orders import ingest
from orders.incoming import CustomerData
from segments import bulk, membership, saving
from segments.models import BulkAct, Count, Membership, Segment
from segments.rules import EVERYONE
from segments.rules.parsing import NotARule
from stores import clock
from tests.factories.customers import customer
from tests.factories.orders import NOW, place
from tests.segments.conftest import row

TWICE = row("orders_count", "at_least", value=2)


@pytest.fixture(autouse=True)
def now(travel):
    travel(NOW)


def members(segment: Segment) -> list[str]:
    return sorted(Membership.objects.filter(segment=segment).values_list("customer__name", flat=True))


def told() -> list[tuple[str, str]]:
    return list(Event.objects.filter(kind__startswith="segment.").order_by("pk").values_list("kind", "customer__name"))


def watched(store, name="Twice", rule=TWICE) -> Segment:
    segment = saving.create(store, name=name, rule=rule, now=clock.read(), is_watched=True)
    sweep_until_quiet()
    return segment


def test_a_new_segment_finds_its_people_and_tells_nobody(store):
    place(store, "1")
    segment = watched(store, rule=row("orders_count", "at_least", value=1))
    segment.refresh_from_db()
    assert (members(segment), segment.people, told()) == (["Ada Lovelace"], 1, [])
    assert segment.build_ms is not None and segment.refreshed_at is not None and not segment.problem
    assert list(Count.objects.values_list("day", "people")) == [(NOW.date(), 1)]


def test_what_happens_to_a_customer_moves_them_within_one_sweep_and_is_told(store):
    segment = watched(store)
    place(store, "1")
    sweep_until_quiet()
    assert (members(segment), told()) == ([], [])
    place(store, "2")
    sweep_until_quiet()
    assert (members(segment), told()) == (["Ada Lovelace"], [("segment.entered", "Ada Lovelace")])
    place(store, "2", cancelled_at="2026-03-01T11:30:00Z", updated_at="2026-03-01T11:30:00Z")
    sweep_until_quiet()
    assert (members(segment), told()[1:]) == ([], [("segment.left", "Ada Lovelace")])
    segment.refresh_from_db()
    assert segment.people == 0
    data = Event.objects.filter(kind="segment.entered").values_list("data", flat=True).get()
    assert data == {"segment": segment.pk, "name": "Twice"}
    assert not Unread.objects.filter(reader__in=["flows", "segments"]).exists()


def test_entering_a_segment_that_nobody_watches_is_not_told(store):
    segment = watched(store)
    saving.watch(segment, is_watched=False)
    place(store, "1")
    place(store, "2")
    sweep_until_quiet()
    assert (members(segment), told()) == (["Ada Lovelace"], [])


def test_time_that_passes_moves_people_in_the_night_of_the_store(store, travel, at):
    place(store, "1")
    segment = watched(store, rule=row("last_order", "in_last", days=3))
    assert members(segment) == ["Ada Lovelace"]
    travel(at("2026-03-05 03:59"))
    membership.sweep(now=clock.read())
    segment.refresh_from_db()
    assert segment.due_at == at("2026-03-05 04:00") or members(segment) == []
    travel(at("2026-03-05 04:00"))
    membership.sweep(now=clock.read())
    assert (members(segment), told()) == ([], [("segment.left", "Ada Lovelace")])
    assert list(Count.objects.order_by("day").values_list("people", flat=True))[-1] == 0


def test_a_file_of_history_brings_people_in_and_tells_nobody(store):
    segment = watched(store)
    place(store, "1", history=True)
    place(store, "2", history=True)
    sweep_until_quiet()
    assert members(segment) == []  # of history nobody is told
    job = ImportJob.objects.create(store=store, file_name="old.csv", started_at=NOW, finished_at=clock.read(), state="done")
    sweep_until_quiet()
    assert (members(segment), told()) == (["Ada Lovelace"], [])
    place(store, "2", cancelled_at="2026-03-01T11:30:00Z", updated_at="2026-03-01T11:30:00Z", history=True)
    ImportJob.objects.filter(pk=job.pk).update(state="undone", undone_at=clock.read())
    sweep_until_quiet()
    assert (members(segment), told()) == ([], [])


def test_while_a_file_comes_in_the_night_tells_nobody(store):
    segment = watched(store)
    ImportJob.objects.create(store=store, file_name="old.csv", started_at=NOW, state="waiting")
    place(store, "1", history=True)
    place(store, "2", history=True)
    Segment.objects.update(due_at=clock.read())
    membership.sweep(now=clock.read())
    assert (members(segment), told()) == (["Ada Lovelace"], [])


def test_a_changed_rule_is_filled_again_and_tells_nobody(store):
    place(store, "1")
    segment = watched(store)
    saving.change(segment, name="Once", rule=row("orders_count", "at_least", value=1), now=clock.read())
    sweep_until_quiet()
    assert (members(segment), told()) == (["Ada Lovelace"], [])


def test_a_segment_of_a_segment_follows_it_within_the_same_sweep(store):
    inner = watched(store)
    outer = watched(store, "Of twice", row("segment", "any", segment=inner.pk))
    place(store, "1")
    place(store, "2")
    sweep_until_quiet()
    assert (members(inner), members(outer)) == (["Ada Lovelace"], ["Ada Lovelace"])
    assert len(told()) == 2
    saving.change(inner, name="Thrice", rule=row("orders_count", "at_least", value=3), now=clock.read())
    sweep_until_quiet()
    assert (members(inner), members(outer)) == ([], [])
    assert told()[2:] == [("segment.left", "Ada Lovelace")]  # of the outer one, whose rule is what it was


def test_segments_that_ask_about_each_other_are_refused(store):
    first = saving.create(store, name="First", rule=EVERYONE, now=NOW)
    second = saving.create(store, name="Second", rule=row("segment", "any", segment=first.pk), now=NOW)
    with pytest.raises(NotARule, match="asks about “Second”, which in the end asks about this segment"):
        saving.change(first, name="First", rule=row("ordered", "did", when="since_segment", segment=second.pk), now=NOW)
    with pytest.raises(NotARule, match="“First”, which in the end"):
        saving.change(first, name="First", rule=row("segment", "none", segment=first.pk), now=NOW)
    first.refresh_from_db()
    assert first.rule == EVERYONE


def test_a_segment_of_another_store_is_none(store, other):
    theirs = saving.create(other, name="Theirs", rule=EVERYONE, now=NOW)
    with pytest.raises(NotARule, match="Row 1: This segment is not there any more"):
        saving.create(store, name="Mine", rule=row("segment", "any", segment=theirs.pk), now=NOW)


def test_names_are_given_once_and_are_not_empty(store):
    saving.create(store, name="First", rule=EVERYONE, now=NOW)
    for name in ("First", "  First ", "", "x" * 121):
        with pytest.raises(saving.Taken):
            saving.create(store, name=name, rule=EVERYONE, now=NOW)


def test_what_another_segment_asks_about_cannot_be_archived_and_what_is_archived_rests(store):
    inner = watched(store)
    outer = watched(store, "Outer", row("segment", "any", segment=inner.pk))
    with pytest.raises(saving.InUse, match="the rule of “Outer” asks about it"):
        saving.archive(inner, now=NOW)
    saving.archive(outer, now=NOW)
    saving.archive(inner, now=NOW)
    place(store, "1")
    place(store, "2")
    sweep_until_quiet()
    assert members(inner) == []
    saving.restore(inner, now=NOW)
    sweep_until_quiet()
    assert (members(inner), told()) == (["Ada Lovelace"], [])


def test_a_rule_that_can_no_longer_be_read_is_noted_and_stops_no_other(store):
    good = watched(store)
    odd = Segment.objects.create(store=store, name="Odd", rule={"kind": "moon"}, created_at=NOW, due_at=NOW)
    place(store, "1")
    place(store, "2")
    sweep_until_quiet()
    odd.refresh_from_db()
    assert odd.problem == "Row 1: Choose what this row is about."
    assert odd.due_at is not None and odd.due_at > clock.read() + timedelta(minutes=50)
    assert members(good) == ["Ada Lovelace"]
    Segment.objects.filter(pk=odd.pk).update(filled_at=NOW)
    place(store, "3")
    sweep_until_quiet()
    assert not Unread.objects.filter(failed_at__isnull=False).exists()


def test_a_list_is_filled_by_hand_and_rules_may_ask_about_it(store, other, who):
    listed = saving.create_list(store, name="Met at the fair", now=NOW)
    ana, stranger = customer(store, name="Ana"), customer(other, name="Theirs")
    assert saving.add_to_list(listed, Customer.objects.filter(pk__in=[ana.pk, stranger.pk]), now=NOW) == [ana.pk]
    assert saving.add_to_list(listed, Customer.objects.filter(pk=ana.pk), now=NOW) == []
    customer(store, email="bo@example.com", name="Bo")
    assert who(row("segment", "any", segment=listed.pk)) == ["Ana"]
    assert who(row("segment", "none", segment=listed.pk)) == ["Bo"]
    listed.refresh_from_db()
    assert listed.people == 1
    assert saving.take_from_list(listed, [ana.pk], now=NOW) == [ana.pk]
    assert (members(listed), Customer.objects.count()) == ([], 3)


def test_a_tag_a_score_and_a_place_that_no_event_tells_of_move_people_within_one_sweep(store, alice):
    ana = customer(store, "ana@example.com", name="Ana")
    made = {
        "tagged": watched(store, "Tagged", row("tag", "any", values=["vip"])),
        "keen": watched(store, "Keen", row("value_score", "at_least", value=1)),
        "there": watched(store, "In Porto", row("city", "any", values=["Porto"])),
        "of them": watched(store, "Of tagged", row("segment", "any", segment=Segment.objects.get(name="Tagged").pk)),
    }
    bulk.tag(store, Customer.objects.filter(pk=ana.pk), bulk.Verb.TAG, "vip", by=alice, now=NOW)
    actions.write([Done(store.pk, "product_added", NOW, "k", customer_id=ana.pk)], now=NOW)
    ingest.upsert_customer(store, CustomerData(email="ana@example.com", city="Porto"), now=NOW)
    ingest.upsert_customer(store, CustomerData(email="new@example.com", name="New", city="Porto"), now=NOW)
    sweep_until_quiet()
    found = {name: members(segment) for name, segment in made.items()}
    assert found == {"tagged": ["Ana"], "keen": ["Ana"], "there": ["Ana", "New"], "of them": ["Ana"]}
    assert len(told()) == 5
    assert not Touched.objects.exists()


def test_scores_worked_out_for_everybody_are_followed_by_one_sweep_of_the_segments_that_ask_about_them(store, travel):
    place(store, "1")
    segment = watched(store, "Lately", row("rfm_group", "any", values=["recent"]))
    other = watched(store, "Twice", TWICE)
    travel(NOW + timedelta(hours=1))
    rfm_refresh.refresh(store, now=clock.read())
    assert Touched.objects.values_list("store_id", "customer_id", "what").get() == (store.pk, None, "rfm")
    sweep_until_quiet()
    assert (members(segment), told()) == (["Ada Lovelace"], [("segment.entered", "Ada Lovelace")])
    segment.refresh_from_db()
    other.refresh_from_db()
    assert segment.refreshed_at is not None and segment.refreshed_at > NOW + timedelta(hours=1)
    assert other.refreshed_at is not None and other.refreshed_at < NOW + timedelta(minutes=1)


def test_scores_of_actions_long_past_bring_people_in_and_tell_nobody(store):
    ana = customer(store, "ana@example.com", name="Ana")
    segment = watched(store, "Keen", row("value_score", "at_least", value=1))
    Engagement.objects.create(store=store, customer=ana, value=5, as_of=NOW)
    touching.touch_all(store.pk, Touched.What.HISTORY)
    sweep_until_quiet()
    assert (members(segment), told()) == (["Ana"], [])


def test_what_is_done_with_many_is_taken_back_from_just_those_whom_it_changed(store, other, alice):
    ana = customer(store, "ana@example.com", name="Ana", tags=["vip"])
    customer(store, "ben@example.com", name="Ben")
    everybody = Customer.objects.filter(store=store)
    listed = saving.create_list(store, name="Met at the fair", now=NOW)
    saving.add_to_list(listed, everybody.filter(pk=ana.pk), now=NOW)
    assert bulk.tag(store, everybody, bulk.Verb.TAG, "vip", by=alice, now=NOW) == 1
    assert bulk.tag(store, everybody, bulk.Verb.TAG, "vip", by=alice, now=NOW) == 0
    assert bulk.put_on(listed, Customer.objects.all(), by=alice, now=NOW) == 1
    assert [(act.verb, len(act.people)) for act in bulk.lately(store, now=NOW)] == [("list", 1), ("tag", 1)]
    for act in bulk.lately(store, now=NOW):
        assert bulk.undo(act, now=NOW) == 1
        assert bulk.undo(act, now=NOW) is None
    assert members(listed) == ["Ana"]
    assert dict(everybody.values_list("name", "tags")) == {"Ana": ["vip"], "Ben": []}
    bulk.tag(store, everybody, bulk.Verb.UNTAG, "vip", by=alice, now=NOW)
    Customer.objects.filter(pk=ana.pk).update(tags=["new"])
    assert bulk.undo(BulkAct.objects.latest("pk"), now=NOW) == 1
    assert dict(everybody.values_list("name", "tags")) == {"Ana": ["new", "vip"], "Ben": []}
    bulk.forget(now=NOW + timedelta(days=31))
    assert not BulkAct.objects.exists()


def test_a_segment_filled_a_moment_ago_is_looked_through_without_a_join_of_all_with_all(store):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE segments_membership")
    Customer.objects.bulk_create(Customer(store=store, name="Ana", created_at=NOW) for _ in range(1000))
    segment = watched(store, rule=EVERYONE)
    Segment.objects.update(due_at=NOW)
    with CaptureQueriesContext(connection) as seen:
        assert membership.refresh(segment, now=NOW)
    [statement] = [each["sql"] for each in seen.captured_queries if "meant AS MATERIALIZED" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        assert "Nested Loop" not in "\n".join(line for (line,) in cursor.fetchall())
    assert segment.memberships.count() == 1000
