"""Order history a second: `import_orders` of generic orders, beside the same rows written straight into the tables."""

import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from psycopg2.extras import execute_values

from bench import scratch, shop
from bench.figures import Figure
from customers.models import Customer
from orders.models import Order, OrderLine
from stores import clock
from stores.models import Store


def measure() -> Iterator[Figure]:
    count, now = scratch.size("ORDERS", 8_000), clock.read()
    placed = now - timedelta(days=400)
    plain = _plain(shop.open_shop("plain", now=now), list(shop.on_the_wire(count, placed=placed)), now=now)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(order) + "\n" for order in shop.on_the_wire(count, placed=placed))
        ours = _ours(shop.open_shop("import", now=now), file, count)
        again = _ours(Store.objects.get(slug="import"), file, count)
    beside = "execute_values of finished rows: customers, orders, lines"
    yield Figure(f"order history read in, {count:,} orders", "/s", ours, plain, beside)
    yield Figure("the same file once more, unchanged", "/s", again, plain, beside)


def _ours(store: Store, file: Path, count: int) -> float:
    said = io.StringIO()
    began = perf_counter()
    call_command("import_orders", str(file), store=store.slug, format="jsonl", json=True, stdout=said, stderr=io.StringIO())
    seconds = perf_counter() - began
    result = json.loads(said.getvalue())
    if (result["read"], result["bad"], Order.objects.filter(store=store).count()) != (count, [], count):
        raise AssertionError(f"the import said {result}")
    return count / seconds


def _plain(store: Store, orders: list[dict[str, Any]], *, now: datetime) -> float:
    """Return orders a second of writing finished rows; making them is not counted."""
    people = {order["customer"]["email"]: order["customer"]["name"] for order in orders}
    customers = {
        email: Customer(
            pk=pk, store=store, email=email, email_key=email, name=name, first_name="Ana", marketing="subscribed", created_at=now
        )
        for pk, (email, name) in zip(_ids("customers_customer", len(people)), people.items(), strict=True)
    }
    rows = [
        Order(
            pk=pk, store=store, customer=customers[order["customer"]["email"]], external_id=order["external_id"], number=order["number"],
            email=order["customer"]["email"], placed_at=order["placed_at"], currency="EUR", total_minor=9980, shop_currency="EUR",
            shop_total_minor=9980, financial_status="paid", is_history=True, shipping_address=order["shipping_address"],
            source_updated_at=order["updated_at"], created_at=now,
        )
        for pk, order in zip(_ids("orders_order", len(orders)), orders, strict=True)
    ]  # fmt: skip
    pairs = [(row, line) for row, order in zip(rows, orders, strict=True) for line in order["lines"]]
    lines = [
        OrderLine(
            pk=pk, store=store, order=row, customer=row.customer, placed_at=row.placed_at, external_id=line["external_id"], sku=line["sku"],
            name=line["name"], quantity=1, unit_price_minor=4990, position=1,
        )
        for pk, (row, line) in zip(_ids("orders_orderline", len(pairs)), pairs, strict=True)
    ]  # fmt: skip
    return len(orders) / _time_to_write([list(customers.values()), rows, lines])


def _ids(table: str, count: int) -> list[int]:
    """Take ids off a table's sequence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [pk for (pk,) in cursor.fetchall()]


def _time_to_write(tables: Sequence[Sequence[Model]]) -> float:
    """Insert finished rows in one transaction; return the seconds it took."""
    statements = []
    for rows in tables:
        fields = rows[0]._meta.concrete_fields
        columns = ", ".join(field.column for field in fields)
        values = [tuple(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields) for row in rows]
        statements.append((f"INSERT INTO {rows[0]._meta.db_table} ({columns}) VALUES %s", values))
    began = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, values in statements:
            execute_values(cursor.cursor, statement, values, page_size=1000)
    return perf_counter() - began
