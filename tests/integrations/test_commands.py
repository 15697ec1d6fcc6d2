import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from customers.models import Event, Unread
from integrations.models import Connection, ImportJob
from orders.models import Order
from stores import tokens
from stores.models import ApiKey, Membership, Store, User
from tests.factories.orders import payload, place
from tests.orders.test_ingest import picture

pytestmark = pytest.mark.django_db


def run(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return json.loads(out.getvalue())


def bring(path, store, *rows):
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows))
    return run("import_orders", str(path), "--store", store.slug, "--format", "jsonl", "--json")


def test_good_lines_go_in_and_bad_ones_are_named(store, tmp_path):
    rows = [payload("1"), b'{"external_id": ', b"", payload("2", currency="?"), b'"\xff"', payload("1"), payload("3")]
    report = bring(tmp_path / "orders.jsonl", store, *rows)
    assert {name: report[name] for name in ("read", "new", "changed", "unchanged")} == {"read": 6, "new": 2, "changed": 0, "unchanged": 1}
    assert [bad["line"] for bad in report["bad"]] == [2, 4, 5]
    assert report["bad"][1] == {"line": 4, "reason": "currency: '?' is not an ISO 4217 currency code"}
    assert set(report) == {"read", "new", "changed", "unchanged", "bad"}
    job = ImportJob.objects.get()
    assert (job.new, job.file_name, len(job.bad)) == (2, "orders.jsonl", 3)


def test_the_same_file_again_changes_nothing_and_nobody_is_told(store, tmp_path):
    rows = [payload(str(number), customer={"email": f"b{number % 3}@example.com"}) for number in range(20)]
    assert bring(tmp_path / "a", store, *rows)["new"] == 20
    events = Event.objects.count()
    assert bring(tmp_path / "a", store, *rows) == {"read": 20, "new": 0, "changed": 0, "unchanged": 20, "bad": []}
    assert (Order.objects.count(), Event.objects.count(), Unread.objects.count()) == (20, events, 0)
    assert Order.objects.filter(is_history=True).count() == 20


def test_a_file_and_a_hook_end_in_the_same_rows_and_events(store, other, tmp_path):
    fields = {
        "fulfillment_status": "fulfilled",
        "shipments": [{"external_id": "s", "status": "delivered", "delivered_at": "2026-03-01T11:30:00Z"}],
        "refunds": [{"external_id": "r", "amount": "9.90", "at": "2026-03-01T11:40:00Z"}],
    }
    bring(tmp_path / "a", store, payload(**fields))
    place(other, live_since=None, history=False, **fields)
    Order.objects.update(is_history=False, created_at="2026-03-01T12:00:00Z")
    assert picture(store) == picture(other)


def test_gzip_is_unpacked(store, tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(payload()).encode()))
    assert run("import_orders", str(path), "--store", store.slug, "--json")["new"] == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nowhere.jsonl", "--store", "marlow"], "cannot be read"),
        (["x", "--store", "none"], "There is no store 'none'"),
        (["x", "--store", "marlow", "--format", "xml"], "--format .xml. is not known. There are auto, jsonl, csv"),
    ],
)
def test_what_cannot_be_imported_is_said(store, words, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("import_orders", *words)


SHOPIFY = "Name,Email,Financial Status,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Accepts Marketing,Id\n"
ROW = "#7,a@example.com,paid,20.00,2026-01-02 09:00:00 +0100,2,Mug,10.00,yes,777\n"


@pytest.mark.parametrize("form", ["auto", "csv", "shopify-csv", "shopify-orders"])
def test_an_export_is_taken_in_by_the_command_as_well(store, tmp_path, form):
    path = tmp_path / "orders.csv"
    path.write_text(SHOPIFY + ROW + "#8,a@example.com,paid,never,2026-01-02 09:00:00 +0100,1,Cup,1.00,yes,778\n")
    report = run("import_orders", str(path), "--store", store.slug, "--format", form, "--json")
    assert (report["read"], report["new"], report["bad"][0]["line"]) == (2, 1, 3)
    assert Order.objects.values_list("external_id", "number", "total_minor", "customer__marketing").get() == ("777", "#7", 2000, "never")
    again = run("import_orders", str(path), "--store", store.slug, "--consent", "A box at checkout", "--json")
    assert (again["new"], again["unchanged"], Order.objects.get().customer.marketing) == (0, 1, "subscribed")


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        (SHOPIFY + ROW, "woocommerce-csv", "does not look like WooCommerce orders"),
        ("a,b\n1,2\n", "auto", "Which column is the order id or order number"),
        ("external_id,placed_at,total\n1,03/04/2026,5\n", "csv", "does the day or the month come first"),
    ],
)
def test_a_file_that_leaves_questions_is_sent_to_the_browser(store, tmp_path, text, form, reason):
    path = tmp_path / "orders.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=reason):
        call_command("import_orders", str(path), "--store", store.slug, "--format", form)
    assert not Order.objects.exists()


MAKE = ["create_store", "--slug", "shop", "--name", "Shop", "--timezone", "Europe/Berlin", "--currency", "EUR", "--owner", "Jo@example.com"]


def test_a_store_comes_with_its_owner_a_key_and_a_draft():
    made = run(*MAKE, "--password", "correct horse", "--json")
    store = Store.objects.get(slug="shop")
    assert made["store"] == "shop"
    assert ApiKey.objects.get(digest=tokens.digest(made["api_key"])).store == store
    owner = Membership.objects.get(store=store)
    assert (owner.role, owner.user.email, owner.user.check_password("correct horse")) == ("owner", "jo@example.com", True)


@pytest.mark.parametrize(("country", "is_strict"), [("de", True), ("AT", False)])
def test_a_store_where_the_law_is_strict_sends_help_mails_to_subscribers_only(country, is_strict):
    run(*MAKE, "--password", "correct horse", "--country", country, "--json")
    assert Store.objects.get(slug="shop").strict_service is is_strict


def test_a_known_owner_keeps_their_password():
    User.objects.create_user("jo@example.com", "first")
    run(*MAKE, "--password", "second", "--json")
    assert User.objects.get().check_password("first")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--slug", "marlow"], "There is a store 'marlow' already"),
        (["--slug", "a b"], "--slug"),
        (["--timezone", "Mars/Base"], "not an IANA time zone"),
        (["--currency", "XXZ"], "not an ISO 4217 currency"),
        (["--owner", "nobody"], "not an e-mail address"),
        (["--activate", "nothing"], "no recipe"),
    ],
)
def test_a_store_that_cannot_be_is_refused_in_words_and_leaves_nothing(store, change, reason):
    with pytest.raises(CommandError, match=reason):
        call_command(*MAKE, "--password", "correct horse", *change)
    assert Store.objects.count() == 1
    assert not User.objects.exists()


def test_connecting_shows_path_and_secret_once_and_each_time_anew(store):
    first = run("connect", "--store", "marlow", "--platform", "shopify", "--secret", "given", "--json")
    second = run("connect", "--store", "marlow", "--platform", "generic", "--live-since", "2026-01-31", "--json")
    assert (first["secret"], len(second["secret"])) == ("given", 64)
    assert set(first) == {"path", "secret"}
    connection = Connection.objects.get(platform="generic")
    assert (second["path"], connection.live_since.isoformat()) == (connection.path, "2026-01-30T23:00:00+00:00")


@pytest.mark.parametrize(
    "words", [["--platform", "ebay"], ["--platform", "generic", "--live-since", "soon"], ["--platform", "generic", "--secret", " "]]
)
def test_a_connection_that_cannot_be_is_refused(store, words):
    with pytest.raises(CommandError):
        call_command("connect", "--store", "marlow", *words)
    assert not Connection.objects.exists()


def test_a_store_that_sells_by_mail_needs_its_postal_address(db, settings):
    settings.MAIL_LEAVES = True
    words = [*MAKE, "--password", "kettle-and-lamp", "--activate", "post-purchase", "--sender-email", "jo@finch.example", "--json"]
    with pytest.raises(CommandError, match="the shop’s postal address, which must stand in every marketing mail"):
        run(*words)
    assert not Store.objects.exists()
    run(*words, "--postal-address", "Quay 1, 20457 Hamburg")
    assert Store.objects.get().postal_address == "Quay 1, 20457 Hamburg"
