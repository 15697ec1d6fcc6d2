"""Uploaded files: columns, the check that writes nothing, the import that may be killed, cancelled and run twice."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.models import Enrollment
from customers.models import Unread
from integrations import imports, pieces, uploads
from integrations.files import example
from integrations.models import ImportJob
from orders.models import Order, OrderLine, Shipment
from stores import clock
from tests.factories.orders import NOW, payload


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path, travel):
    settings.MEDIA_ROOT = tmp_path
    travel(NOW)


def upload(store, alice, text, name="orders.csv"):
    body = text if isinstance(text, bytes) else text.encode()
    return uploads.receive(store, SimpleUploadedFile(name, body), owner=alice, now=NOW)


def again(job):
    """Return the job as it is now, after one sweep."""
    assert uploads.sweep(now=clock.read())
    job.refresh_from_db()
    return job


def lines(count, **bad):
    return b"\n".join(json.dumps(payload(f"{n}", **bad.get(f"at{n}", {}))).encode() for n in range(1, count + 1))


def test_the_example_is_read_whole(store, alice):
    job = again(upload(store, alice, example.OF["orders"]))
    assert (job.state, job.total, job.refused, job.bad) == ("checked", 2, 0, [])
    assert (job.new, job.changed, job.unchanged) == (2, 0, 0)
    assert not Order.objects.exists()
    assert uploads.run(job)
    job = again(job)
    assert (job.state, job.read, job.new, job.refused, job.file.name) == ("done", 2, 2, 0, "")
    first = Order.objects.get(external_id="1001")
    assert (first.number, first.total_minor, first.customer.name, first.is_history) == ("#1001", 9400, "Ana Ribeiro", True)
    assert sorted(OrderLine.objects.filter(order=first).values_list("name", "quantity", "unit_price_minor")) == [
        ("Paper filters", 2, 750), ("Pour-over kettle", 1, 7900),
    ]  # fmt: skip
    assert Shipment.objects.get(order=first).delivered_at is not None
    assert Order.objects.get(external_id="1002").placed_at.isoformat() == "2026-01-15T23:00:00+00:00"
    assert not Unread.objects.exists()
    assert not Enrollment.objects.exists()


def test_a_file_whose_columns_cannot_be_told_waits_for_a_person(store, alice):
    job = upload(store, alice, "Order ID;Date;Colour\n1;2026-01-01;red\n")
    how = uploads.reading_of(job)
    assert how is not None
    assert (job.state, how.questions) == ("mapping", ["Which column is the total?"])
    assert not uploads.sweep(now=NOW)
    settled = uploads.read_as(job, replace(how, targets=["external_id", "placed_at", "total"]))
    assert settled.questions == []
    job = again(job)
    assert (job.state, job.bad[0]["reason"]) == ("checked", "total: 'red' is not an amount, with the decimal point: 1,234.50")


def test_a_date_that_may_be_two_days_is_asked_and_never_guessed(store, alice):
    job = upload(store, alice, "external_id,placed_at,total\n1,03/04/2025,5\n2,05/06/2025,6\n")
    how = uploads.reading_of(job)
    assert how is not None
    assert (job.state, how.questions) == ("mapping", ["In dates, does the day or the month come first?"])
    uploads.read_as(job, how, dates="mdy")
    job = again(job)
    assert [row["placed_at"][:10] for row in job.sample] == ["2025-03-03", "2025-05-05"]  # 4 March and 6 May begin in Berlin


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The file is empty."),
        ("  \n", "The file is empty."),
        ("[{}]", "This is one JSON list. Write one order a line instead, without brackets around them."),
        ('{\n "external_id": 1\n}', "This is JSON over several lines. Write each order on one line."),
        (b"\x1f\x8bnonsense", "The file cannot be read: Unknown compression method"),
        (b"PK\x03\x04nonsense", "This is a spreadsheet or a zip archive. Save it as CSV (in Excel: Save as → CSV UTF-8) and upload that."),
    ],
)
def test_what_cannot_be_orders_is_said_at_once(store, alice, text, problem):
    job = upload(store, alice, text)
    assert (job.state, job.problem) == ("failed", problem)


def test_bad_rows_have_their_lines_and_the_good_ones_go_in(store, alice):
    text = (
        "external_id,placed_at,total,currency,item_name,item_price\n"
        '1,2026-01-01,"12,50",EUR,Mug,"12,50"\n'
        "2,New Year,5.00,EUR,Mug,5.00\n"
        "\n"
        "3,2026-01-02,abc,EUR,Mug,5.00\n"
        "1,2026-01-03,7.00,EUR,Cup,7.00\n"
        "4,2026-01-02 10:00:00 +0200,8.00,,Mug,8.00\n"
    )
    job = again(upload(store, alice, text))
    assert (job.total, job.refused) == (5, 3)
    assert [(bad["line"], bad["reason"].split(":")[0]) for bad in job.bad] == [
        (3, "placed_at"),
        (5, "total"),
        (6, "order 1 stands further up already; the rows of one order must stand together"),
    ]
    uploads.run(job)
    again(job)
    assert list(Order.objects.order_by("external_id").values_list("external_id", "total_minor", "currency")) == [
        ("1", 1250, "EUR"), ("4", 800, "EUR"),
    ]  # fmt: skip


def test_a_packed_file_of_json_is_taken_in(store, alice):
    job = again(upload(store, alice, gzip.compress(lines(3, at2={"currency": "?"})), "history.jsonl.gz"))
    assert (job.kind, job.total, job.bad) == ("jsonl", 3, [{"line": 2, "reason": "currency: '?' is not an ISO 4217 currency code"}])
    uploads.run(job)
    assert again(job).new == 2


def test_goes_on_where_a_slice_ended(store, alice, monkeypatch):
    monkeypatch.setattr(uploads, "BATCH", 2)
    job = upload(store, alice, lines(5), "a.jsonl")
    seen = []
    for _ in range(4):
        assert uploads.sweep(now=clock.read(), seconds=0)
        job.refresh_from_db()
        seen.append((job.state, job.line, job.read))
    assert seen == [("uploaded", 2, 2), ("uploaded", 4, 4), ("uploaded", 5, 5), ("checked", 5, 5)]


def test_a_killed_worker_costs_no_order_and_no_number(store, alice, monkeypatch):
    monkeypatch.setattr(uploads, "BATCH", 2)
    job = again(upload(store, alice, lines(5), "a.jsonl"))
    uploads.run(job)
    original, calls = imports.write, []

    def dies_at_the_second_batch(*args, **options):
        calls.append(1)
        report = original(*args, **options)
        if len(calls) == 2:
            raise SystemExit
        return report

    monkeypatch.setattr(imports, "write", dies_at_the_second_batch)
    with pytest.raises(SystemExit):
        uploads.sweep(now=clock.read())
    assert Order.objects.count() == 2
    assert not uploads.sweep(now=clock.read())  # the dead worker's lease still stands
    monkeypatch.setattr(imports, "write", original)
    clock.set_to(NOW + timedelta(minutes=2))
    job = again(job)
    assert (job.state, job.read, job.new, job.unchanged, Order.objects.count()) == ("done", 5, 5, 0, 5)


def test_who_reads_over_what_is_done_of_a_long_file_keeps_the_lease(store, alice, monkeypatch):
    job = upload(store, alice, lines(5), "a.jsonl")
    job.claim, job.lease_until = uuid4(), NOW
    job.save()
    seconds = count(10**9, step=90)
    monkeypatch.setattr(uploads, "monotonic", lambda: next(seconds))
    clock.set_to(NOW + timedelta(minutes=5))
    with uploads._opened(job, is_leased=True) as file:
        assert file.read() == lines(5)
    job.refresh_from_db()
    assert timedelta(minutes=6) < job.lease_until - NOW < timedelta(minutes=7)


def test_the_same_file_again_changes_nothing(store, alice):
    for expected in ((3, 0), (0, 3)):
        job = again(upload(store, alice, lines(3), "a.jsonl"))
        uploads.run(job)
        job = again(job)
        assert (job.new, job.unchanged) == expected


def test_a_cancelled_import_stops_and_keeps_no_file(store, alice, monkeypatch, tmp_path):
    monkeypatch.setattr(uploads, "BATCH", 2)
    job = again(upload(store, alice, lines(5), "a.jsonl"))
    uploads.run(job)
    uploads.sweep(now=clock.read(), seconds=0)
    job.refresh_from_db()
    assert uploads.cancel(job, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.file.name, Order.objects.count()) == ("cancelled", "", 2)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not uploads.sweep(now=clock.read())
    assert not uploads.cancel(job, now=NOW)


def test_a_cancel_during_a_batch_takes_the_batch_back(store, alice, monkeypatch):
    job = again(upload(store, alice, lines(3), "a.jsonl"))
    uploads.run(job)
    original = imports.write

    def cancelled_meanwhile(*args, **options):
        report = original(*args, **options)
        ImportJob.objects.filter(pk=job.pk).update(state="cancelled")
        return report

    monkeypatch.setattr(imports, "write", cancelled_meanwhile)
    uploads.sweep(now=clock.read())
    assert not Order.objects.exists()


def test_only_a_checked_file_is_imported(store, alice):
    job = upload(store, alice, lines(1), "a.jsonl")
    assert not uploads.run(job)
    job = again(job)
    assert uploads.run(job)
    assert not uploads.run(job)


def test_a_file_nobody_goes_on_with_is_forgotten_after_a_week(store, alice, tmp_path):
    job = again(upload(store, alice, lines(1), "a.jsonl"))
    uploads.sweep(now=NOW + timedelta(days=8))
    job.refresh_from_db()
    assert (job.state, [path for path in tmp_path.rglob("*") if path.is_file()]) == ("cancelled", [])


def test_a_file_in_pieces_goes_on_from_what_is_here_and_is_then_a_file_like_any(store, alice, bob, tmp_path):
    text = lines(3)
    first, second = text[:1000], text[1000:]
    send = partial(pieces.add, store, name="a.jsonl", size=len(text), now=NOW)
    job = send(owner=alice, at=0, piece=first)
    assert (job.state, job.arrived, job.total) == ("uploading", 1000, 0)
    with open(job.file.path, "ab") as file:
        file.write(b"of a process that died")
    for at in (0, 500, 1001):
        assert send(owner=alice, at=at, piece=second[:9]).arrived == 1000
    assert send(owner=bob, at=0, piece=b"").arrived == 0
    assert not uploads.sweep(now=NOW)
    done = send(owner=alice, at=1000, piece=second)
    assert (done.pk, done.state, again(done).state, done.new) == (job.pk, "uploaded", "checked", 3)
    assert uploads.run(done)
    assert (again(done).state, Order.objects.count()) == ("done", 3)
    uploads.sweep(now=NOW + timedelta(days=8))
    assert ImportJob.objects.get(owner=bob).state == "cancelled"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("size", "at", "piece"), [(0, 0, b""), (uploads.LARGEST + 1, 0, b"a"), (3, 1, b"abc"), (9, -1, b"a")])
def test_what_cannot_be_a_piece_is_refused_and_keeps_nothing(store, alice, size, at, piece):
    with pytest.raises(pieces.Refused, match="up to 2 GB"):
        pieces.add(store, owner=alice, name="a", size=size, at=at, piece=piece, now=NOW)
    assert not ImportJob.objects.exists()


def test_what_cannot_be_read_is_said_once_its_last_piece_is_here(store, alice, tmp_path):
    job = pieces.add(store, owner=alice, name="a.xlsx", size=8, at=0, piece=b"PK\x03\x04abcd", now=NOW)
    assert (job.state, "spreadsheet" in job.problem, list(tmp_path.rglob("*.*"))) == ("failed", True, [])
