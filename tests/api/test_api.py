import jsonschema
import pytest

from customers import tasks_for_staff
from customers.models import Customer
from orders.models import Order
from stores import clock
from stores.models import ApiKey
from tests.factories.orders import payload
from tests.factories.stores import bearer

pytestmark = pytest.mark.django_db


def test_an_order_is_created_then_unchanged_then_changed(call):
    answers = [call("orders", payload()), call("orders", payload()), call("orders", payload(total="70", updated_at="2026-03-01T11:30:00Z"))]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (201, {"result": "new", "external_id": "1001"}),
        (200, {"result": "unchanged", "external_id": "1001"}),
        (200, {"result": "changed", "external_id": "1001"}),
    ]


def test_what_was_posted_is_read_back(call):
    call("orders", payload(currency="KWD", total="1.250", lines=[]))
    parcel = {"order_external_id": "1001", "external_id": "s1", "status": "in_transit", "expected_at": "2026-03-05T12:00:00+01:00"}
    call("shipments", parcel)
    call("refunds", {"order_external_id": "1001", "external_id": "r1", "amount": "0.250"})
    order = call("orders/1001").json()
    assert {name: order[name] for name in ("external_id", "number", "email", "currency", "total", "placed_at", "financial_status")} == {
        "external_id": "1001", "number": "#1001", "email": "ada@example.com", "currency": "KWD", "total": "1.250",
        "placed_at": "2026-03-01T11:00:00Z", "financial_status": "partially_refunded",
    }  # fmt: skip
    assert (order["fulfillment_status"], order["cancelled_at"], order["refunds"][0]["amount"]) == ("unfulfilled", None, "0.250")
    parcel = order["shipments"][0]
    assert (parcel["external_id"], parcel["status"], parcel["expected_at"], parcel["delivered_at"]) == (
        "s1", "in_transit", "2026-03-05T11:00:00Z", None,
    )  # fmt: skip


def test_a_customer_is_found_in_any_case_with_their_figures(call):
    call("orders", payload("1", customer={"email": "Ada@Example.com", "name": "Ada", "marketing_consent": "subscribed"}))
    call("orders", payload("2", customer={"email": "ada@example.com"}, total="0.10"))
    found = call("customers?email=ADA@example.com").json()
    assert found["next"] is None
    [customer] = found["items"]
    assert (customer["email"], customer["name"], customer["orders_count"], customer["total_spent"], customer["marketing_consent"]) == (
        "ada@example.com", "Ada", 2, "60.00", "subscribed",
    )  # fmt: skip
    events = call(f"customers/{customer['id']}/events").json()["items"]
    assert {event["kind"] for event in events} == {"order.placed", "order.paid", "consent.granted"}
    assert set(events[0]) == {"kind", "at", "key", "data"}
    assert call(f"customers/{customer['id']}/planned").json() == {"items": [], "next": None}


def test_lists_are_walked_by_cursor_without_gaps_or_repeats(call):
    for number in range(5):
        call("orders", payload(str(number)))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = call(f"orders?limit=2&cursor={cursor}").json()
        seen += [order["external_id"] for order in page["items"]]
        cursor = page["next"]
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("path", ["orders", "customers", "messages", "tasks"])
def test_empty_lists_say_so(call, path):
    assert call(path).json() == {"items": [], "next": None}


def test_a_task_names_its_order_as_mails_and_plans_do(call, store):
    call("orders", payload("7001", number="#A-7"))
    customer = Customer.objects.get(store=store)
    now = clock.read()
    for key, number in (("of-order", "#A-7"), ("of-none", "")):
        tasks_for_staff.open_task(customer, kind="low_score", key=key, title=key, due_at=now, now=now, order_number=number)
    assert [(task["title"], task["order"]) for task in call("tasks").json()["items"]] == [("of-order", "7001"), ("of-none", None)]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b'{"external_id": }', 400, "line 1 column 17 (char 16)"),
        (b"[]", 400, "not a JSON object"),
        (b'{"total": NaN}', 400, "NaN is not JSON"),
        (b'{"total": ' + b"9" * 5000 + b"}", 400, "The body is not JSON: an integer with too many digits"),
        ({}, 422, "external_id: Field required"),
        (payload(currency="XXZ"), 422, "currency: 'XXZ' is not an ISO 4217 currency code"),
        (payload(total="12.345"), 422, "total: '12.345' has more decimals than EUR has"),
        (payload(total="-1"), 422, "total:"),
        (payload(placed_at="2026-03-01T11:00:00"), 422, "placed_at: Input should have timezone info"),
        (payload(placed_at="2999-01-01T11:00:00Z"), 422, "placed_at: 2999-01-01T11:00:00+00:00 lies in the future"),
        (payload(lines=[{"name": "x", "quantity": -1}]), 422, "lines[0].quantity:"),
        (payload(external_id="x" * 121), 422, "external_id:"),
    ],
)
def test_bad_input_is_refused_naming_what_is_wrong(call, body, status, detail):
    answer = call("orders", body)
    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), answer.json()
    assert not Order.objects.exists()


def test_a_key_opens_its_own_store_only(call, other):
    call("orders", payload())
    theirs = bearer(other)
    pk = Customer.objects.get().pk
    assert call("orders", headers=theirs).json()["items"] == []
    for path in ("orders/1001", f"customers/{pk}/events", f"customers/{pk}/planned"):
        assert call(path, headers=theirs).status_code == 404
    assert call("orders", payload(), headers=theirs).status_code == 201
    assert Order.objects.count() == 2


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer dk_wrong"}, {"Authorization": "Basic x"}])
def test_without_a_key_nothing_is_read_or_written(call, headers):
    assert call("orders", headers=headers).status_code == 401
    assert call("orders", payload(), headers=headers).status_code == 401
    assert not Order.objects.exists()


def test_a_revoked_key_is_refused_and_use_is_noted(call, store):
    call("orders")
    key = ApiKey.objects.get(store=store)
    assert key.last_used_at is not None
    ApiKey.objects.update(revoked_at=key.last_used_at)
    assert call("orders").status_code == 401


@pytest.mark.parametrize("path", ["orders/none", "customers/1/events", "customers/99999999999999999999/planned"])
def test_what_is_not_there_is_404(call, path):
    assert call(path).status_code == 404


def test_a_strange_cursor_is_refused_in_words(call):
    for cursor in ("x", "WzEsMl0", "bnVsbA"):
        assert call(f"orders?cursor={cursor}").status_code == 422


def test_people_and_products_are_taken_in(call):
    assert call("customers", {"external_id": "c", "email": "ada@example.com", "marketing_consent": "unsubscribed"}).status_code == 201
    assert call("customers", {"external_id": "c", "email": "ada@example.com"}).json()["result"] == "unchanged"
    assert call("customers?email=ada@example.com").json()["items"][0]["marketing_consent"] == "unsubscribed"
    assert [call("products", {"external_id": "p", "title": "Cup", "price": "5.00"}).status_code for _ in range(2)] == [201, 200]


def test_the_description_docs_and_order_schema_are_open(client, db):
    assert "/api/v1/orders" in client.get("/api/v1/openapi.json").json()["paths"]
    docs = client.get("/api/v1/docs").content.decode()
    assert "POST /api/v1/orders" in docs
    assert "<script" not in docs
    schema = client.get("/api/v1/schemas/order.json").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(payload(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"external_id": "1"}, schema)
