"""Order history a second: `import_orders` of generic orders, beside the same rows written straight into the tables."""

import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from psycopg2.extras import execute_values

from bench import scratch, shop
from bench.figures import Figure
from orders.models import Order
from stores import clock, tokens
from stores.models import Store


def measure() -> Iterator[Figure]:
    count, now = scratch.size("ORDERS", 20_000), clock.read()
    placed = now - timedelta(days=400)
    plain = _plain(shop.open_shop("plain", now=now), list(shop.on_the_wire(count, placed=placed)), now=now)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(order) + "\n" for order in shop.on_the_wire(count, placed=placed))
        ours = _ours(shop.open_shop("import", now=now), file, count)
        again = _ours(Store.objects.get(slug="import"), file, count)
    beside = "execute_values into the same tables: customers, orders, lines"
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


@transaction.atomic
def _plain(store: Store, orders: list[dict[str, Any]], *, now: datetime) -> float:
    """Write the rows of the orders; return orders a second."""
    began = perf_counter()
    people = {order["customer"]["email"]: order["customer"]["name"] for order in orders}
    customers = _insert(
        "customers_customer",
        "email_key",
        (
            {
                "store_id": store.pk, "email": email, "email_key": email, "name": name, "first_name": "Ana", "phone": "", "language": "",
                "timezone": "", "country": "", "marketing": "subscribed", "token": tokens.public_token(), "created_at": now,
            }
            for email, name in people.items()
        ),
    )  # fmt: skip
    ids = _insert("orders_order", "external_id", (_order(store, order, customers[order["customer"]["email"]], now) for order in orders))
    lines = ((ids[order["external_id"]], customers[order["customer"]["email"]], order, line) for order in orders for line in order["lines"])
    _insert("orders_orderline", "external_id", (_line(store, *each) for each in lines))
    return len(orders) / (perf_counter() - began)


def _order(store: Store, order: dict[str, Any], customer: int, now: datetime) -> dict[str, Any]:
    money = {
        f"{whose}{what}": value
        for whose in ("", "shop_")
        for what, value in (("currency", "EUR"), ("total_minor", 9980), ("refunded_minor", 0))
    }
    return {
        "store_id": store.pk, "customer_id": customer, "external_id": order["external_id"], "number": order["number"],
        "email": order["customer"]["email"], "placed_at": order["placed_at"], **money, "financial_status": "paid",
        "fulfillment_status": "unfulfilled", "is_test": False, "is_history": True, "shipping_address": json.dumps(order["shipping_address"]),
        "language": "", "token": tokens.public_token(), "source_updated_at": order["updated_at"], "created_at": now,
    }  # fmt: skip


def _line(store: Store, order_id: int, customer: int, order: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    return {
        "store_id": store.pk, "order_id": order_id, "customer_id": customer, "placed_at": order["placed_at"],
        "external_id": line["external_id"], "sku": line["sku"], "name": line["name"], "kind": "physical", "quantity": 1,
        "refunded_quantity": 0, "unit_price_minor": 4990, "position": 1,
    }  # fmt: skip


def _insert(table: str, key: str, rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Insert rows of the same columns; return their new ids by `key`."""
    values = list(rows)
    statement = f"INSERT INTO {table} ({', '.join(values[0])}) VALUES %s RETURNING {key}, id"
    with connection.cursor() as cursor:
        return dict(execute_values(cursor.cursor, statement, [tuple(row.values()) for row in values], page_size=1000, fetch=True))
