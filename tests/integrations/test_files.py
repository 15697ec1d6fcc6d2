"""Files as the world writes them: encodings, separators, torn rows, known exports; and bytes that are nothing at all."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations import imports
from integrations.files import decoding, people, reading, table, values
from integrations.files import orders as file_orders
from integrations.generic import adapter
from orders import ingest
from orders.models import Order
from stores.models import Store
from tests.factories.orders import payload
from tests.thoroughness import examples

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHOP = Store(currency="EUR", timezone="Europe/Berlin")
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data is not here")


def cells(data):
    return [list(row.cells) for row in table.rows(io.BytesIO(data), table.look(io.BytesIO(data)))]


def read(data, **how):
    data = data if isinstance(data, bytes) else data.encode()
    found = reading.guess(io.BytesIO(data), SHOP)
    for name, value in how.items():
        setattr(found, name, value)
    return found, list(imports.units(io.BytesIO(data), found, now=NOW))


@needs_shared
@pytest.mark.parametrize("name", ["french-1", "greek", "english.bom", "korean", "turkish", "russian-2"])
def test_encodings_are_told(name):
    expected = json.loads((SHARED / "nasty/encodings/expected.json").read_text())[f"sample-{name}.txt"]
    found = decoding.detect((SHARED / f"nasty/encodings/sample-{name}.txt").read_bytes())
    assert found == ("utf-8-sig" if expected == "utf_8" else expected)


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("Name;Ort\nJürgen Müller;Köln\n", "cp1252", "cp1252"),
        ("Preis;Name\n5 €;Æther\n", "cp1252", "cp1252"),
        ("İsim;Şehir\nÇağrı;İzmir\nGüneş;Muğla\n", "cp1254", "cp1254"),
        ("Имя,Город\nИван,Москва\nПётр,Казань\n", "cp1251", "cp1251"),
        ("a,b\nx,y\n", "utf-16", "utf-16"),
        ("a,b\nx,y\n", "utf-16-le", "utf-16-le"),
        ("a,b\nx,y\n", "utf-16-be", "utf-16-be"),
    ],
)
def test_old_and_wide_encodings_are_told(text, encoding, found):
    assert decoding.detect(text.encode(encoding)) == found
    assert cells(text.encode(encoding))[1] == text.splitlines()[1].replace(";", ",").split(",")


@needs_shared
@pytest.mark.parametrize(
    "path", sorted((SHARED / "nasty/csv_spectrum").glob("*.csv")) if SHARED.is_dir() else [], ids=lambda path: path.stem
)
def test_the_csv_spectrum_is_read_as_it_is_meant(path):
    rows = cells(path.read_bytes())
    meant = json.loads(path.with_suffix(".json").read_text())
    stripped = [{name: cell.strip().replace("\r\n", "\n") for name, cell in row.items()} for row in meant]
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [{name: cell.replace("\r\n", "\n") for name, cell in row.items()} for row in found] == stripped


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_separators_are_told_and_excel_may_name_its_own(sign):
    assert cells(f'a{sign}b\n"x{sign}y"{sign}1\n'.encode()) == [["a", "b"], [f"x{sign}y", "1"]]
    assert cells(f"sep={sign}\na{sign}b\n1{sign}2\n".encode()) == [["a", "b"], ["1", "2"]]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_only():
    rows = list(table.rows(io.BytesIO(b'a,b\n1,"open\n2,19" screen\n3,"two\nlines"\n'), table.Format("utf-8-sig", ",")))
    assert [(row.line, row.cells) for row in rows if not row.problem] == [
        (1, ("a", "b")),
        (3, ("2", '19" screen')),
        (4, ("3", "two\nlines")),
    ]
    assert [(row.line, row.problem) for row in rows if row.problem] == [(2, 'a quotation mark (") is opened in this line and never closed')]


def test_what_cannot_be_a_letter_or_is_endless_is_said_by_line():
    data = b"email,name\na@example.com,Jos\xe9\nb@example.com," + b"x" * 2_000_000 + b"\nc\0@example.com,C\n"
    rows = list(table.rows(io.BytesIO(data), table.Format("utf-8-sig", ",")))
    assert [row.problem.split(";")[0] for row in rows[1:3]] == [
        "a letter cannot be read in this encoding",
        "the line is longer than 1024 kB",
    ]
    assert (rows[3].line, rows[3].cells) == (4, ("c@example.com", "C"))


@needs_shared
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("shopify/csv/orders_export", 25, []),
        ("nasty/csv_broken/utf8_bom", 25, []),
        ("nasty/csv_broken/semicolon_cp1252", 25, []),
        ("nasty/csv_broken/unbalanced_quote", 24, [2]),
        ("nasty/csv_broken/ragged_rows", 18, [3, 11, 26, 33, 37, 44, 61]),
        ("nasty/csv_broken/only_header", 0, []),
    ],
)
def test_the_orders_export_of_shopify_is_recognised_and_its_rows_put_together(name, good, bad):
    how, units = read((SHARED / f"{name}.csv").read_bytes())
    assert (how.label, how.questions) == ("Shopify orders", [])
    assert (sum(unit.data is not None for unit in units), [unit.line for unit in units if unit.problem]) == (good, bad)
    whole = next((unit.data for unit in units if unit.data and unit.data.number == "#1050"), None)
    if whole:
        assert (whole.external_id, whole.total_minor, whole.currency, len(whole.lines)) == ("6798481490219", 1159400, "INR", 4)
        assert whole.placed_at == datetime(2025, 12, 6, 15, 37, 30, tzinfo=UTC)


def test_a_shopify_order_brings_refund_cancellation_source_and_address():
    how, units = read(
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Shipping,Taxes,"
        "Total,Discount Code,Discount Amount,Created at,Lineitem quantity,"
        "Lineitem name,Lineitem price,Lineitem requires shipping,Billing Name,Shipping Name,Shipping City,"
        "Shipping Country,Refunded Amount,Id,Source,Shipping Method\n"
        "#7,a@example.com,partially_refunded,2026-01-02 10:00:00 +0100,fulfilled,yes,EUR,2.50,,20.00,SPRING,-2.50,"
        "2026-01-02 09:00:00 +0100,2,Mug,10.00,false,Ana Ribeiro,Tom,Porto,PT,5.00,777,web,DHL Express\n"
    )
    (unit,) = units
    assert (how.label, unit.problem) == ("Shopify orders", "")
    assert (unit.data.external_id, unit.data.number, unit.data.customer.name, unit.data.customer.likely_name) == (
        "777",
        "#7",
        "Ana Ribeiro",
        "Tom",
    )
    assert [(refund.amount, refund.at) for refund in unit.data.refunds] == [(5, datetime(2026, 1, 2, 9, 0, tzinfo=UTC))]
    assert (unit.data.shipping_address["city"], unit.data.lines[0].kind, unit.data.fulfillment_status) == ("Porto", "digital", "fulfilled")
    assert (unit.data.customer.marketing, unit.data.shipping_method) == ("subscribed", "DHL Express")
    assert (unit.data.discount_minor, unit.data.shipping_minor, unit.data.tax_minor) == (250, 250, None)


WOO = (
    "order_id,order_number,order_date,status,order_total,order_currency,billing_email,billing_first_name,billing_last_name,"
    "shipping_city,shipping_country,item_name,item_quantity,item_total\n"
)


@pytest.mark.parametrize(
    ("word", "financial", "fulfillment"),
    [("wc-completed", "paid", "fulfilled"), ("processing", "paid", "unfulfilled"), ("on-hold", "pending", "unfulfilled"),
     ("cancelled", "voided", "unfulfilled"), ("refunded", "refunded", "unfulfilled")],
)  # fmt: skip
def test_an_order_of_woocommerce_is_recognised_with_its_states(word, financial, fulfillment):
    how, units = read(
        WOO + f"12,12,2026-01-05 10:00:00,{word},30.00,EUR,t@example.com,Tomás,Vega,Madrid,ES,Board,3,30.00\n"
        f"12,12,2026-01-05 10:00:00,{word},30.00,EUR,t@example.com,Tomás,Vega,Madrid,ES,Oil,1,0.00\n"
    )
    (unit,) = units
    assert (how.label, unit.problem) == ("WooCommerce orders", "")
    assert (unit.data.financial_status, unit.data.fulfillment_status, unit.data.customer.name) == (financial, fulfillment, "Tomás Vega")
    assert [(line.name, line.quantity, line.unit_price_minor) for line in unit.data.lines] == [("Board", 3, 1000), ("Oil", 1, 0)]
    assert sum(refund.amount for refund in unit.data.refunds) == (30 if word == "refunded" else 0)


def test_items_that_woocommerce_packs_into_cells_are_unpacked():
    how, (unit,) = read(
        "order_id,order_date,status,order_total,customer_email,coupon_items,line_item_1,line_item_2\n"
        "9,2026-01-05 10:00:00,completed,25.00,t@example.com,code:SPRING|amount:5,"
        '"name:Board, oiled|product_id:7|sku:B1|quantity:2|total:20.00|sub_total:20","name:Oil|product_id:8|sku:|quantity:1|total:5.00"\n'
    )
    assert (how.label, unit.problem, unit.data.discount_codes) == ("WooCommerce orders", "", ["SPRING"])
    assert [(line.name, line.quantity, line.unit_price_minor, line.sku, line.product_external_id) for line in unit.data.lines] == [
        ("Board, oiled", 2, 1000, "B1", "7"), ("Oil", 1, 500, "", "8"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        (
            "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address City,Default Address Province Code,"
            "Default Address Country Code,Default Address Zip,Phone,Total Spent,Total Orders,Tags\n"
            "'123,Ana,Ribeiro,ana@example.com,yes,Porto,13,PT,'4000-001,'+351912,12.00,1,\"vip, coffee\"\n",
            "Shopify customers",
            {
                "name": "Ana Ribeiro",
                "city": "Porto",
                "country": "PT",
                "phone": "+351912",
                "tags": ("coffee", "vip"),
                "marketing": "subscribed",
            },
        ),
        (
            "Name,Username,Email,Total Spend,AOV,Country / Region,City,Region,Postal code\n"
            "Tom Vega,tom,t@example.com,9,9,ES,Madrid,M,28001\n",
            "WooCommerce customers",
            {"name": "Tom Vega", "city": "Madrid", "postal_code": "28001", "country": "ES", "marketing": "never", "tags": None},
        ),
        (
            "Email,Klaviyo ID,First Name,City,State / Region,Country,Zip Code,Email Marketing Consent,Email Marketing Consent Timestamp\n"
            "k@example.com,01H,Kim,Lyon,ARA,France,69001,SUBSCRIBED,2024-02-03T10:00:00Z\n",
            "Klaviyo profiles",
            {"country": "FR", "region": "ARA", "marketing": "subscribed", "marketing_at": datetime(2024, 2, 3, 10, tzinfo=UTC)},
        ),
        (
            "Email,Klaviyo ID,Email Marketing Consent,Email Suppressions\nb@example.com,02,SUBSCRIBED,\"['HARD_BOUNCE']\"\n",
            "Klaviyo profiles",
            {"email": "b@example.com", "marketing": "unsubscribed", "marketing_at": None},
        ),
        (
            "Vorname;Nachname;E-Mail;Geburtstag;Ort;PLZ\nJo;Berg;jo@example.com;14.03.1990;Köln;50667\n",
            "Customers, columns by their names",
            {"name": "Jo Berg", "birthday": (1990, 3, 14), "city": "Köln", "postal_code": "50667"},
        ),
    ],
    ids=["shopify", "woocommerce", "klaviyo", "suppressed", "german"],
)
def test_people_are_read_from_the_exports_that_are_known_and_from_any_list(text, label, expected):
    how, (unit,) = read(text)
    assert (how.label, how.questions, unit.problem) == (label, [], "")
    assert {name: getattr(unit.data, name) for name in expected} == expected


def test_a_column_without_a_telling_name_is_known_by_what_it_holds():
    how, units = read("who,contact\nAna,ana@example.com\nTom,tom@example.com\n", subject="customers")
    assert reading.guess(io.BytesIO(b"who,contact\nAna,ana@example.com\n"), SHOP, subject="customers").targets == ["", "email"]
    assert how.samples == [["Ana", "Tom"], ["ana@example.com", "tom@example.com"]]
    assert len(units) == 2


def test_a_person_without_any_name_to_us_and_one_twice_are_told():
    _, units = read("email,name\n,Nobody\nnot an address,X\nana@example.com,Ana\nANA@example.com,Ana\n")
    assert [unit.problem.split(":")[0] for unit in units[:2]] == ["the row has no e-mail address and no customer id", "email"]
    assert [unit.is_repeat for unit in units[2:]] == [False, True]


@pytest.mark.parametrize(
    ("texts", "order"),
    [(["03/04/2026", "05/06/2026"], "unclear"), (["03/04/2026", "25/06/2026"], "dmy"), (["3/24/2026"], "mdy"), (["2026-01-02"], "ymd"),
     (["31.12.2025"], ""), (["Dec 6, 2025"], ""), ([], "")],
)  # fmt: skip
def test_the_order_of_dates_is_found_or_asked(texts, order):
    assert values.order_of(texts) == order


@pytest.mark.parametrize(
    ("texts", "mark"),
    [(["1,234"], "unclear"), (["1,234.5"], "."), (["12,50", "3"], ","), (["1.234.567"], ","), (["5"], ""), (["1.234,50 €"], ",")],
)
def test_the_mark_before_the_cents_is_found_or_asked(texts, mark):
    assert values.decimal_of(texts) == mark


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [("1.234,50 €", ",", "1234.50"), ("$1,234.50", ".", "1234.50"), ("12,50", ".", "12.50"), ("1'234.50", ".", "1234.50"),
     ("(12.00)", ".", "-12.00"), ("1 234,5", ",", "1234.5"), ("EUR 12.00", ".", "12.00")],
)  # fmt: skip
def test_amounts_are_read_as_they_are_written(text, mark, amount):
    assert values.amount(text, mark) == amount


@pytest.mark.parametrize("text", ["abc", "", "1.2.3", "12,3456", "--", "1,23,4"])
def test_what_is_no_amount_is_refused_and_never_guessed(text):
    with pytest.raises(values.NotSaid):
        values.amount(text, ".")


HEADS = (
    b"external_id,placed_at,total\n", b"email,birthday,tags,phone\n", b"Name,Created at,Total,Financial Status,Lineitem name\n",
)  # fmt: skip
BITS = (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"1", b"2026-01-01", b"03/04/26", b"a@b.co", b"1.5", b"\xc3\xa9", b";")
ANY = st.binary(max_size=400) | st.builds(
    lambda head, rest: head + rest, st.sampled_from(HEADS), st.lists(st.sampled_from(BITS), max_size=60).map(b"".join)
)


@settings(max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=ANY)
def test_no_bytes_whatever_break_the_reading(data):
    try:
        how = reading.guess(io.BytesIO(data), SHOP)
    except table.NotATable:
        return
    for dates, decimal in (("dmy", ","), ("mdy", ".")):
        how.dates, how.decimal = dates, decimal
        for units in (file_orders.units(io.BytesIO(data), how, now=NOW), people.units(io.BytesIO(data), how)):
            for unit in units:
                assert (unit.data is None) == bool(unit.problem)
                json.dumps(unit.cells).encode()


@pytest.mark.django_db
@pytest.mark.parametrize("is_told_first", [True, False])
def test_a_refund_that_a_file_sums_up_and_the_platform_tells_counts_once(store, is_told_first):
    text = "external_id,placed_at,total,refunded\n7,2026-01-02,20.00,5.00\n"
    (unit,) = read(text)[1]
    told = [{"external_id": "r1", "amount": "3.00", "at": "2026-01-03T10:00:00Z"}, {"external_id": "r2", "amount": "2.00"}]
    hook = adapter.order(payload("7", total="20.00", updated_at="2026-02-01T10:00:00Z", refunds=told))
    for data in (hook, unit.data) if is_told_first else (unit.data, hook, unit.data):
        ingest.upsert_order(store, data, now=NOW, history=True)
    order = Order.objects.get()
    assert (order.refunded_minor, sorted(order.refunds.values_list("external_id", "amount_minor"))) == (500, [("r1", 300), ("r2", 200)])
