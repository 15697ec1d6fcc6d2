"""A shop of many customers: two years of orders, mails, plans and events, a minute for 100,000 people.

The database computes the rows from their numbers, so that every run has the same ones.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from bench import shop
from campaigns import flows, recipes
from campaigns.models import Enrollment, StepRun
from catalog.models import Product, ProductGuide
from customers.models import Customer, Event, Metrics, Task
from messaging.models import Account, Message, ProviderEvent
from orders.models import Order, OrderLine, Shipment
from stores.models import Store
from surveys.models import Response, Survey

BUSY, BUSY_EVENTS = 1, 10_000  # the customer with a long past, and how long it is
_FIRST = ["Ana", "Ben", "Chloe", "Dario", "Emma", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Klara", "Luis", "Mona", "Nils", "Olga"]
_FAMILY = ["Silva", "Becker", "Rossi", "Novak", "Larsen", "Dubois", "Meyer", "Costa", "Kowalski", "Jensen", "Moreau", "Weber", "Horvat"]
_SUBJECTS = ["Got it, Ana", "Before it arrives", "Goes well with it", "How is life with it?", "Thank you, and 10% off"]

_NAME = "(%(first)s)[1 + mod(n, 15)] || ' ' || (%(family)s)[1 + mod(n / 15, 13)]"
_EMAIL = "lower((%(first)s)[1 + mod(n, 15)] || '.' || (%(family)s)[1 + mod(n / 15, 13)]) || n || '@home' || mod(n, 40) || '.example'"
_LONG_AGO = "%(now)s::timestamptz - interval '730 days'"
_PLACED = f"{_LONG_AGO} + n * (interval '730 days' / %(orders)s)"
#: The first orders are everybody's first; the later ones are mostly by few people.
_BUYER = "CASE WHEN n <= %(people)s THEN 1 + mod(n * 48271, %(people)s) ELSE 1 + mod(n * 48271, %(people)s) ^ 2 / %(people)s END::bigint"
#: The newest hundredth of the orders waits, the two before it are on the way.
_IS_NEW, _IS_MOVING = "n > 0.99 * %(orders)s", "n > 0.97 * %(orders)s"
_RUNS = """(
    SELECT n, s, (n - 1) * 5 + s AS id, o.id AS order_id, o.customer_id, due_at, CASE
        WHEN due_at <= %(now)s AND (s IN (1, 4) OR mod(n * 7 + s, 3) = 0) THEN 'handed_over' WHEN due_at <= %(now)s THEN 'skipped'
        WHEN mod(n, 50) = 3 THEN 'held' WHEN s > 2 THEN 'waiting' ELSE 'planned' END AS state
    FROM generate_series(1, %(people)s) AS n JOIN orders_order o ON o.id = %(people)s + n, generate_series(1, 5) AS s,
        LATERAL (SELECT o.placed_at + (ARRAY['0', '1 day', '7 days', '10 days', '17 days']::interval[])[s] AS due_at) AS plan) AS run"""
_EVENT = {name: name for name in ("customer_id", "kind", "occurred_at", "key", "data")} | {"recorded_at": "occurred_at"}
_OF_ORDERS = """(
    SELECT o.customer_id, k.kind, k.at AS occurred_at, k.kind || ':' || o.id AS key,
        jsonb_build_object('order', o.id, 'number', o.number, 'amount', o.total_minor, 'currency', 'EUR') AS data
    FROM orders_order o JOIN orders_shipment p ON p.id = o.id, LATERAL (VALUES ('order.placed', o.placed_at), ('order.paid', o.paid_at),
        ('shipment.shipped', p.shipped_at), ('shipment.delivered', p.delivered_at)) AS k (kind, at) WHERE k.at IS NOT NULL) AS happened"""
_OF_MAILS = """(
    SELECT customer_id, 'mail.sent' AS kind, sent_at AS occurred_at, 'mail.sent:' || id AS key,
        jsonb_build_object('message', id, 'subject', subject, 'step', step) AS data
    FROM messaging_message WHERE sent_at IS NOT NULL) AS happened"""
_OF_THE_BUSY = """(
    SELECT %(busy)s AS customer_id, (ARRAY['note.added', 'mail.clicked', 'shipment.moved', 'staff.acted'])[1 + mod(n, 4)] AS kind,
        %(now)s::timestamptz - n * interval '100 minutes' AS occurred_at, 'busy:' || n AS key, jsonb_build_object('text', 'Called') AS data
    FROM generate_series(1, %(busy_events)s) AS n) AS happened"""

Table = tuple[type[Model], dict[str, str], str]
#: Table by table: the model, its columns as expressions, and what they are selected from.
_TABLES: tuple[Table, ...] = (
    (
        Product,
        {"id": "n", "external_id": "'p' || n", "title": "'Stoneware ' || n", "sku": "'SKU-' || n"},
        "generate_series(1, %(products)s) AS n",
    ),
    (
        ProductGuide,
        {"product_id": "n", "headline": "'a first brew'", "tips": "'[\"Rinse it.\"]'"},
        "generate_series(1, %(products)s, 3) AS n",
    ),
    (
        Customer,
        {
            "id": "n", "email": _EMAIL, "email_key": _EMAIL, "name": _NAME, "first_name": "(%(first)s)[1 + mod(n, 15)]", "country": "'DE'",
            "marketing": "(ARRAY['subscribed', 'never', 'unsubscribed'])[1 + mod(n, 3)]", "token": "md5('c' || n)",
            "has_ordered": "true", "created_at": f"{_LONG_AGO} + n * (interval '730 days' / %(people)s)",
        },
        "generate_series(1, %(people)s) AS n",
    ),
    (
        Order,
        {
            "id": "n", "customer_id": _BUYER, "external_id": "'w' || n", "number": "'#' || 1000 + n", "placed_at": _PLACED,
            "paid_at": _PLACED, "created_at": _PLACED, "currency": "'EUR'", "total_minor": "2000 + mod(n * 37, 20000)",
            "shop_currency": "'EUR'", "shop_total_minor": "2000 + mod(n * 37, 20000)", "financial_status": "'paid'",
            "fulfillment_status": f"CASE WHEN {_IS_NEW} THEN 'unfulfilled' ELSE 'fulfilled' END",
            "cancelled_at": f"CASE WHEN mod(n, 100) = 7 THEN {_PLACED} + interval '2 hours' END",
            "shipping_address": "'{\"city\": \"Lisbon\", \"country\": \"PT\"}'", "token": "md5('o' || n)",
        },
        "generate_series(1, %(orders)s::bigint) AS n",
    ),
    (
        Metrics,
        {
            "customer_id": "customer_id", "orders_count": "count(*)", "total_spent_minor": "sum(total_minor)",
            "first_order_at": "min(placed_at)", "last_order_at": "max(placed_at)",
        },
        "orders_order GROUP BY customer_id",
    ),
    (
        OrderLine,
        {
            "order_id": "o.id", "customer_id": "customer_id", "placed_at": "placed_at", "external_id": "position::text", "quantity": "1",
            "position": "position", "name": "'Stoneware ' || product", "product_id": "product", "unit_price_minor": "total_minor / 2",
        },
        "orders_order o, generate_series(1, 2) AS position, LATERAL (SELECT 1 + mod(o.id * 7 + position, %(products)s) AS product) AS it",
    ),
    (
        Shipment,
        {
            "id": "n", "order_id": "n", "external_id": "'s1'", "carrier": "'DHL'", "tracking_number": "'JJD' || 10000000 + n",
            "status": f"CASE WHEN {_IS_NEW} THEN 'pending' WHEN {_IS_MOVING} THEN (ARRAY['in_transit', 'out_for_delivery'])[1 + mod(n, 2)]"
            " WHEN mod(n, 100) = 13 THEN 'failure' WHEN mod(n, 100) = 14 THEN 'returned' ELSE 'delivered' END",
            "shipped_at": f"CASE WHEN NOT {_IS_NEW} THEN {_PLACED} + interval '1 day' END", "is_scanned": "true",
            "expected_at": f"{_PLACED} + interval '4 days'",
            "delivered_at": f"CASE WHEN NOT {_IS_MOVING} AND mod(n, 100) NOT IN (13, 14) THEN {_PLACED} + interval '4 days' END",
        },
        "generate_series(1, %(orders)s) AS n",
    ),
    (
        Response,
        {
            "survey_id": "%(survey)s", "customer_id": "customer_id", "order_id": "id", "token": "md5('r' || id)", "score": "1 + mod(id, 5)",
            "comment": "'It is all right'", "asked_at": "placed_at + interval '9 days'", "answered_at": "placed_at + interval '10 days'",
        },
        "orders_order WHERE mod(id / 7, 5) = 2 AND placed_at < %(now)s::timestamptz - interval '10 days'",
    ),
    (
        Task,
        {
            "customer_id": "n", "title": "'Call ' || n", "kind": "'call'", "key": "'call:' || n", "opened_at": "%(now)s",
            "state": "CASE WHEN mod(n, 10) = 1 THEN 'open' ELSE 'closed' END", "due_at": "%(now)s::timestamptz - n * interval '1 minute'",
            "closed_at": "CASE WHEN mod(n, 10) <> 1 THEN %(now)s::timestamptz - n * interval '1 minute' END",
        },
        "generate_series(1, %(people)s, 5) AS n",
    ),
    (
        Enrollment,
        {
            "id": "id - %(people)s", "flow_id": "%(flow)s", "version_id": "%(version)s", "customer_id": "customer_id", "order_id": "id",
            "entry_key": "'order:' || id", "entered_at": "placed_at",
            "state": "CASE WHEN placed_at > %(now)s::timestamptz - interval '17 days' THEN 'active' ELSE 'done' END",
        },
        "orders_order WHERE id > %(people)s",
    ),
    (
        StepRun,
        {
            "id": "id", "enrollment_id": "n", "step_id": "(%(steps)s)[s]", "step_key": "(%(step_keys)s)[s]", "customer_id": "customer_id",
            "order_id": "order_id", "message_id": "CASE WHEN state = 'handed_over' THEN id END", "state": "state", "is_urgent": "s = 1",
            "reason": "CASE WHEN state = 'skipped' THEN (ARRAY['no_consent', 'no_tips', 'bought_since'])[1 + mod(n, 3)] ELSE '' END",
            "facts": "'{\"basis\": \"placed\"}'", "due_at": "due_at", "use_by": "due_at + interval '2 days'",
            "wake_at": "CASE WHEN state IN ('planned', 'held') THEN due_at END",
            "decided_at": "CASE WHEN due_at <= %(now)s THEN due_at END",
        },
        _RUNS,
    ),
    (
        Message,
        {
            "id": "r.id", "customer_id": "r.customer_id", "order_id": "r.order_id", "dedupe_key": "'step:' || r.id",
            "is_urgent": "is_urgent", "flow": "'post-purchase'", "step": "step_key", "purpose": "(%(purposes)s)[1 + mod(r.id - 1, 5)]",
            "to_email": "c.email",
            "state": "CASE mod(r.enrollment_id, 200) WHEN 9 THEN 'failed' WHEN 19 THEN 'cancelled' ELSE 'sent' END", "to_name": "c.name",
            "from_email": "'hello@marlow.example'", "html": "%(html)s", "text": "repeat('Rinse it once with hot water. ', 20)",
            "subject": "(%(subjects)s)[1 + mod(r.id - 1, 5)] || ' (#' || 1000 + r.order_id || ')'", "token": "md5('m' || r.id)",
            "created_at": "due_at", "due_at": "due_at", "use_by": "use_by",
            "sent_at": "CASE WHEN mod(r.enrollment_id, 200) NOT IN (9, 19) THEN due_at END",
        },
        "campaigns_steprun r JOIN customers_customer c ON c.id = r.customer_id WHERE r.message_id IS NOT NULL",
    ),
    (
        ProviderEvent,
        {
            "account_id": "%(account)s", "dedupe_key": "'e' || id", "received_at": "sent_at", "acted_at": "sent_at",
            "occurred_at": "sent_at", "kind": "CASE WHEN mod(id, 300) = 2 THEN 'soft' ELSE 'delivered' END",
            "message_id": "id", "email_key": "to_email",
        },
        "messaging_message WHERE sent_at IS NOT NULL",
    ),
    (Event, _EVENT, _OF_ORDERS),
    (Event, _EVENT, _OF_MAILS),
    (Event, _EVENT, _OF_THE_BUSY),
)  # fmt: skip

_INDEXES = """
SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %%I', i.relname) ELSE format('ALTER TABLE %%s DROP CONSTRAINT %%I', x.indrelid::regclass, c.conname) END,
    CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.oid) ELSE
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', x.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) END
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = i.oid AND c.contype = 'u'
WHERE x.indrelid = ANY(%s::regclass[]) AND NOT x.indisprimary
"""  # noqa: E501


def open_filled(people: int, *, now: datetime) -> Store:
    """Open a shop in an empty database with so many customers, twice as many orders, and everything that hangs from them."""
    store = shop.open_shop("big", now=now)
    flow = recipes.install(store, "post-purchase", now=now)
    flows.activate(flow, now=now)
    assert flow.version
    steps = list(flow.version.steps.all())
    values = {
        "now": now, "store": store.pk, "people": people, "orders": 2 * people, "products": 500, "first": _FIRST, "family": _FAMILY,
        "subjects": _SUBJECTS, "busy": BUSY, "busy_events": BUSY_EVENTS, "flow": flow.pk, "version": flow.version_id,
        "steps": [step.pk for step in steps], "step_keys": [step.key for step in steps], "purposes": [step.purpose for step in steps],
        "survey": Survey.objects.get(store=store).pk, "html": "<p>Rinse it once with hot water.</p>" * 60,
        "account": Account.objects.create(store=store, stream="all", provider="resend", created_at=now).pk,
    }  # fmt: skip
    fill(_TABLES, values)
    return store


def fill(tables: Sequence[Table], values: dict[str, Any]) -> None:
    """Write tables in their order; of `values` the columns' expressions are made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the keys are right: no foreign key is checked
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_INDEXES, [list({model._meta.db_table for model, *_ in tables})])
        indexes = cursor.fetchall()  # made at the end, each in one sweep
        for drop, _ in indexes:
            cursor.execute(drop)
        insert(tables, values)
        for _, make in indexes:
            cursor.execute(make)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def insert(tables: Sequence[Table], values: dict[str, Any]) -> None:
    """Write tables as they are, within a transaction."""
    with connection.cursor() as cursor:
        for model, columns, source in tables:
            _write(cursor, model, {"store_id": "%(store)s", **columns}, source, dict(values))


def _write(cursor: Any, model: type[Model], columns: dict[str, str], source: str, values: dict[str, Any]) -> None:
    """Insert what a SELECT from `source` gives; a column that is not named gets its field's default."""
    for field in model._meta.concrete_fields:
        if field.column not in columns and not field.null and not field.primary_key:
            columns[field.column] = f"%(default_{field.column})s"
            values[f"default_{field.column}"] = field.get_db_prep_save(field.get_default(), connection)
    table = model._meta.db_table
    cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {source}", values)
    if "id" in columns:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
