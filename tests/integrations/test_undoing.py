"""An import taken back: what only the file made goes, what has a life of its own stays with its reason; and on what a yes rests."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Product
from customers import consent, notes
from customers.models import Consent, Customer, Event, Identity, Metrics
from customers.shop_words import Basis
from engagement import history, reader
from engagement.models import Action, Engagement, Interest, Visitor
from integrations import undoing, uploads
from integrations.models import ImportJob, ImportTrace
from orders import by_hand, ingest
from orders.incoming import CustomerData
from orders.models import Order, OrderLine
from stores import clock
from tests.factories.orders import NOW, payload, place

HEAD = "email,name,city,tags,accepts_marketing,consent_date,unsubscribed,customer_id\n"
BASIS = Basis("file: a box at checkout", "“Yes, news please” under the address field, since 2023")


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path, travel):
    settings.MEDIA_ROOT = tmp_path
    travel(NOW)


def person(email, **said):
    return CustomerData(email=email, **said)


def bring(store, alice, text, basis=None, name="a.csv"):
    """Upload, check, import; return the job."""
    job = uploads.receive(store, SimpleUploadedFile(name, text.encode()), owner=alice, now=clock.read())
    assert uploads.sweep(now=clock.read())
    assert uploads.run(job, basis=basis)
    assert uploads.sweep(now=clock.read())
    job.refresh_from_db()
    assert job.state == "done"
    return job


def undo(job, alice):
    assert undoing.start(job, by=alice, now=clock.read())
    assert uploads.sweep(now=clock.read())
    job.refresh_from_db()
    assert job.state == "undone"
    return job.undone


def lines(*numbers, **changed):
    return "\n".join(json.dumps(payload(str(n), **changed)) for n in numbers)


def facts(store):
    """Return everything that an import may make, as plain rows."""
    kinds = (Order, OrderLine, Customer, Identity, Metrics, Event, Consent)
    return {kind.__name__: list(kind.objects.filter(store=store).order_by("pk").values()) for kind in kinds}


def test_what_was_reckoned_from_orders_goes_with_them(store, alice):
    Product.objects.create(store=store, external_id="p1", title="Kettle", category="Tea ware")
    own = place(store, "own").customer
    reader.read(now=NOW)
    before = Engagement.objects.values_list("value", "parts").get(customer=own)
    interested = Interest.objects.values_list("topic", "weight").get(customer=own)
    job = bring(store, alice, lines(1, 2), name="a.jsonl")
    history.take_in(now=clock.read(), kept_from=NOW - timedelta(days=60), has_time=lambda: True)
    assert Action.objects.count() == 3
    undo(job, alice)
    assert [action.data["order"] for action in Action.objects.all()] == [Order.objects.get().pk]
    after = Engagement.objects.values_list("value", "parts").get(customer=own)
    assert (round(after[0], 1), {key: round(n, 2) for key, n in after[1].items()}) == (round(before[0], 1), {"purchase": 1.0})
    assert Interest.objects.get(customer=own, topic=interested[0]).weight == pytest.approx(interested[1], abs=0.01)


def test_an_import_that_nobody_has_touched_leaves_nothing_behind(store, alice):
    job = bring(store, alice, lines(1, 2, 3), name="a.jsonl")
    assert (Order.objects.count(), Customer.objects.count()) == (3, 1)
    undone = undo(job, alice)
    assert (undone["orders"], undone["customers"], "kept" in undone) == (3, 1, False)
    assert facts(store) == {name: [] for name in ("Order", "OrderLine", "Customer", "Identity", "Metrics", "Event", "Consent")}
    assert not ImportTrace.objects.exists()
    assert not undoing.start(job, by=alice, now=NOW)


def test_who_was_here_before_stays_with_their_own_orders_and_figures_are_worked_out_anew(store, alice):
    place(store, "own", history=True)
    before = facts(store)
    job = bring(store, alice, lines("own", 1, 2), name="a.jsonl")
    assert (job.new, job.unchanged, Metrics.objects.get().orders_count) == (2, 1, 3)
    undone = undo(job, alice)
    assert (undone["orders"], undone["customers"]) == (2, 0)
    assert facts(store) == before


def test_an_order_that_has_a_life_of_its_own_stays_and_the_reason_is_told(store, alice, bob):
    job = bring(store, alice, lines(1, 2, 3), name="a.jsonl")
    clock.set_to(NOW + timedelta(hours=1))
    place(store, "1", cancelled_at="2026-03-01T12:30:00Z", updated_at="2026-03-01T12:30:00Z", now=clock.read())
    by_hand.mark_received(Order.objects.get(external_id="2"), by=bob, now=clock.read())
    undone = undo(job, alice)
    assert undone["orders"] == 1
    assert undone["kept"]["orders"] == {"the shop has told more of it since": 1, "somebody of the staff has worked on it": 1}
    assert undone["kept"]["customers"] == {"they have orders": 1}
    assert sorted((one["what"], one["name"]) for one in undone["examples"]) == [
        ("customers", "Ada Lovelace"), ("orders", "#1"), ("orders", "#2"),
    ]  # fmt: skip
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["1", "2"]


def test_a_customer_with_a_note_stays_and_changed_details_come_back(store, alice):
    ingest.take_people(store, [person("ana@example.com", name="Ana", city="Porto")], now=NOW)
    job = bring(store, alice, HEAD + "ana@example.com,Anna,Lisboa,vip,,,,\ntom@example.com,Tom,,,,,,\nkim@example.com,Kim,,,,,,\n")
    ana = Customer.objects.get(email="ana@example.com")
    assert (ana.name, ana.city, ana.tags, job.new, job.changed) == ("Anna", "Lisboa", ["vip"], 2, 1)
    notes.add(Customer.objects.get(email="kim@example.com"), text="Called.", by=alice, now=clock.read())
    undone = undo(job, alice)
    ana.refresh_from_db()
    assert (ana.name, ana.city, ana.tags) == ("Ana", "Porto", [])
    assert (undone["restored"], undone["customers"]) == (1, 1)
    assert list(undone["kept"]["customers"].values()) == [1]
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ana", "Kim"]


def test_what_somebody_has_changed_once_more_is_left_as_it_is(store, alice):
    ingest.take_people(store, [person("ana@example.com", name="Ana", city="Porto")], now=NOW)
    job = bring(store, alice, HEAD + "ana@example.com,Anna,Lisboa,,,,,\n")
    Customer.objects.update(name="Ana Maria")
    undone = undo(job, alice)
    assert (undone["restored"], undone["kept"]["restored"]) == (0, {"they were changed once more since": 1})
    assert Customer.objects.values_list("name", "city").get() == ("Ana Maria", "Porto")


def test_a_yes_goes_into_the_ledger_with_its_basis_and_the_date_of_its_row(store, alice):
    job = bring(store, alice, HEAD + "ana@example.com,Ana,,,yes,2024-05-06,,\ntom@example.com,Tom,,,yes,,,\n", basis=BASIS)
    assert (job.granted, job.withdrawn) == (2, 0)
    word = Consent.objects.get(customer__name="Ana")
    assert (word.source, word.wording, word.is_granted) == (BASIS.source, BASIS.wording, True)
    assert word.at.isoformat() == "2024-05-05T22:00:00+00:00"  # midnight in Berlin
    assert Customer.objects.filter(marketing="subscribed").count() == 2


def test_without_a_basis_every_yes_is_left_out_and_every_no_is_kept(store, alice):
    job = bring(store, alice, HEAD + "ana@example.com,Ana,,,yes,,,\ntom@example.com,Tom,,,yes,,yes,\n")
    assert (job.granted, job.withdrawn) == (1, 1)
    assert sorted(Customer.objects.values_list("name", "marketing")) == [("Ana", "never"), ("Tom", "unsubscribed")]
    assert Consent.objects.get().is_granted is False


@pytest.mark.parametrize("how", ["csv", "jsonl"])
def test_no_file_turns_a_no_into_a_yes_whatever_its_date(store, alice, how):
    ingest.take_people(store, [person("ana@example.com")], now=NOW)
    consent.withdraw(Customer.objects.get(), topic="marketing", source="unsubscribe link", now=NOW)
    clock.set_to(NOW + timedelta(days=2))
    if how == "csv":
        bring(store, alice, HEAD + "ana@example.com,Ana,,,yes,2026-03-02,,\n", basis=BASIS)
    else:
        buyer = {"email": "ana@example.com", "marketing_consent": "subscribed", "marketing_consent_at": clock.read().isoformat()}
        bring(store, alice, lines(1, customer=buyer), basis=BASIS, name="a.jsonl")
    assert Customer.objects.get().marketing == "unsubscribed"
    assert Consent.objects.count() == 1


def test_an_undone_yes_was_never_given_and_a_no_stays(store, alice):
    ingest.take_people(store, [person("ana@example.com"), person("tom@example.com"), person("kim@example.com")], now=NOW)
    rows = "ana@example.com,,,,yes,2024-05-06,,\ntom@example.com,,,,,,yes,\nkim@example.com,,,,yes,2024-05-06,,\n"
    job = bring(store, alice, HEAD + rows, basis=BASIS)
    consent.withdraw(Customer.objects.get(email="kim@example.com"), topic="marketing", source="unsubscribe link", now=clock.read())
    undone = undo(job, alice)
    assert (undone["consents"], undone["kept"]["consents"]) == (1, {"their customers have spoken for themselves since": 1})
    assert sorted(Customer.objects.values_list("email", "marketing")) == [
        ("ana@example.com", "never"), ("kim@example.com", "unsubscribed"), ("tom@example.com", "unsubscribed"),
    ]  # fmt: skip
    assert not Event.objects.filter(customer__email="ana@example.com").exists()


def test_the_same_file_of_people_again_changes_nothing(store, alice):
    text = HEAD + 'ana@example.com,Ana,Porto,"a, b",yes,2024-05-06,,c-1\ntom@example.com,Tom,,,,,yes,c-2\nANA@example.com,Anna,,,,,,\n'
    assert (first := bring(store, alice, text, basis=BASIS)).new == 2
    before = facts(store)
    again = bring(store, alice, text, basis=BASIS)
    assert (first.unchanged, again.new, again.changed, again.unchanged, facts(store)) == (1, 0, 0, 3, before)
    assert not undoing.is_possible(again, now=NOW)


def test_the_check_says_what_would_happen_and_writes_nothing(store, alice):
    ingest.take_people(store, [person("ana@example.com", name="Ana")], now=NOW)
    before = facts(store)
    text = HEAD + "ana@example.com,Anna,,,yes,,,\ntom@example.com,Tom,Madrid,vip,,,,\nnobody,,,,,,,\n"
    job = uploads.receive(store, SimpleUploadedFile("a.csv", text.encode()), owner=alice, now=NOW)
    uploads.sweep(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.new, job.changed, job.unchanged, job.refused, job.granted) == ("checked", 1, 1, 0, 1, 1)
    assert [(row["line"], row["name"], row["place"], row["tags"]) for row in job.sample] == [
        (2, "Anna", "", ""),
        (3, "Tom", "Madrid", "vip"),
    ]
    assert facts(store) == before
    assert not ImportTrace.objects.exists()


def test_after_thirty_days_nothing_can_be_undone_and_the_traces_are_gone(store, alice):
    job = bring(store, alice, lines(1), name="a.jsonl")
    assert undoing.is_possible(job, now=NOW + timedelta(days=29))
    late = NOW + timedelta(days=31)
    assert not undoing.start(job, by=alice, now=late)
    uploads.sweep(now=late)
    assert (ImportTrace.objects.count(), Order.objects.count()) == (0, 1)


def test_a_killed_undo_goes_on_where_it_was(store, alice, monkeypatch):
    monkeypatch.setattr(uploads, "BATCH", 2)
    job = bring(store, alice, lines(1, 2, 3, 4, 5), name="a.jsonl")
    assert undoing.start(job, by=alice, now=NOW)
    left = []
    for _ in range(6):
        uploads.sweep(now=clock.read(), seconds=0)
        left.append(Order.objects.count())
    job.refresh_from_db()
    assert (left, Customer.objects.count()) == ([4, 2, 0, 0, 0, 0], 0)
    assert (job.undone["orders"], job.undone["customers"]) == (5, 1)


def test_a_cancelled_import_can_be_undone_as_well(store, alice, monkeypatch):
    monkeypatch.setattr(uploads, "BATCH", 2)
    job = uploads.receive(store, SimpleUploadedFile("a.jsonl", lines(1, 2, 3).encode()), owner=alice, now=NOW)
    while ImportJob.objects.get().state == "uploaded":
        uploads.sweep(now=NOW)
    uploads.run(job)
    uploads.sweep(now=NOW, seconds=0)
    uploads.cancel(job, now=NOW)
    assert Order.objects.count() == 2
    job.refresh_from_db()
    assert undo(job, alice)["orders"] == 2


def test_who_was_on_the_site_since_stays_and_scores_of_orders_keep_nobody(store, alice):
    job = bring(store, alice, HEAD + "ana@example.com,Ana,,,,,,\ntom@example.com,Tom,,,,,,\n")
    ana, tom = Customer.objects.order_by("email")
    Action.objects.create(store=store, customer=ana, kind="purchase", at=NOW, key="order:1")
    Visitor.objects.create(store=store, customer=tom, anonymous_id="v", seen_at=NOW)
    undone = undo(job, alice)
    assert (undone["customers"], undone["kept"]["customers"]) == (1, {"they have been on the site": 1})
    assert (Customer.objects.get(), Action.objects.count()) == (tom, 0)
