"""Facts that stand in a column: which one, in which table, and the condition that a row of a rule puts on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from babel.numbers import get_currency_precision

from segments.rules.catalogue import CATALOGUE
from segments.rules.tree import Row, When
from segments.setting import Setting

#: The tables with one row a customer, or none, beside `customers_customer c`: alias → table.
SIDES = {"m": "customers_metrics", "f": "customers_rfm", "p": "predictions_prediction", "g": "engagement_engagement"}


@dataclass(frozen=True)
class Column:
    """An expression over one of the tables; `counts`: who has no row there has 0; `is_whole`: its numbers are integers."""

    table: str
    sql: str
    counts: bool = False
    is_whole: bool = False


@dataclass(frozen=True)
class Piece:
    """A part of a statement and its parameters, in order."""

    sql: str
    values: tuple[Any, ...] = ()


_AVERAGE = "m.total_spent_minor::float8 / nullif(m.orders_count, 0)"
COLUMNS = {
    "orders_count": Column("m", "m.orders_count", counts=True, is_whole=True),
    "spent": Column("m", "m.total_spent_minor", counts=True, is_whole=True),
    "average_order": Column("m", _AVERAGE),
    "items_count": Column("m", "m.items_count", counts=True, is_whole=True),
    "returns_count": Column("m", "m.returns_count", counts=True, is_whole=True),
    "refunded": Column("m", "m.refunded_minor", counts=True, is_whole=True),
    "coupon_orders": Column("m", "m.coupon_orders_count", counts=True, is_whole=True),
    "days_between": Column("m", "m.days_between_orders"),
    "first_product": Column("m", "m.first_product_id"),
    "first_source": Column("m", "lower(m.first_source)"),
    "last_source": Column("m", "lower(m.last_source)"),
    "first_order": Column("m", "m.first_order_at"),
    "second_order": Column("m", "m.second_order_at"),
    "last_order": Column("m", "m.last_order_at"),
    "anniversary": Column("m", "m.first_order_at"),
    "rfm_group": Column("f", 'f."group"'),
    "stage": Column("f", "f.stage"),
    "rfm_recency": Column("f", "f.recency", is_whole=True),
    "rfm_frequency": Column("f", "f.frequency", is_whole=True),
    "rfm_monetary": Column("f", "f.monetary", is_whole=True),
    "p_alive": Column("p", "p.p_alive"),
    "churn_risk": Column("p", "p.churn_risk"),
    "expected_orders": Column("p", "p.expected_orders_90"),
    "expected_value": Column("p", "p.expected_value_90_minor", is_whole=True),
    "next_order": Column("p", "p.next_order_at"),
    "value_score": Column("g", "g.value", counts=True),
    "impact_score": Column("g", "g.impact", counts=True),
    "customer_since": Column("c", "c.created_at"),
    "birthday": Column("c", "c.birth_month * 100 + c.birth_day"),
    "country": Column("c", "c.country"),
    "region": Column("c", "lower(c.region)"),
    "city": Column("c", "lower(c.city)"),
    "postal_code": Column("c", "upper(c.postal_code)"),
    "language": Column("c", "split_part(replace(lower(c.language), '_', '-'), '-', 1)"),
    "tag": Column("c", "c.tags"),
    "marketing": Column("c", "c.marketing"),
    "service": Column("c", "c.objected_to_service_at"),
}
#: What a person is shown where the compared expression is not it.
SHOWN = {
    "first_source": "m.first_source", "last_source": "m.last_source", "region": "c.region", "city": "c.city",
    "postal_code": "c.postal_code", "language": "c.language",
    "service": "CASE WHEN c.objected_to_service_at IS NULL THEN 'allowed' ELSE 'objected' END",
}  # fmt: skip

#: Who may get marketing (contracts, "Permission"), as `messaging.permission` says it of one person.
_MAY_GET = """c.marketing = ANY(%s::varchar[]) AND c.email_key <> '' AND NOT EXISTS (
SELECT 1 FROM messaging_suppression s WHERE s.store_id = c.store_id AND s.email_key = c.email_key AND s.lifted_at IS NULL
AND (s.expires_at IS NULL OR s.expires_at > %s))"""


def of(table: str) -> list[str]:
    """Return what a rule may ask about that stands in a table."""
    return [what for what, column in COLUMNS.items() if column.table == table]


def condition(row: Row, setting: Setting) -> Piece:
    """Return what the row asks, before "none of" and "not known" turn it round; NULL stands for no."""
    return _CONDITIONS[CATALOGUE[row.what].family](row, COLUMNS[row.what], setting)


def holds_without(row: Row) -> bool:
    """Say whether `condition` holds for who has no row in the column's table: only counts are then known, to be 0."""
    column = COLUMNS[row.what]
    if not column.counts or row.op == "top_percent":
        return False
    assert row.low is not None
    return row.op == "at_most" or row.low == 0


def shown(row: Row, setting: Setting) -> Piece:
    """Return the value of a row's column as `rules.wording.fact` takes it."""
    column = COLUMNS[row.what]
    if row.what == "anniversary":
        return _month_and_day(setting)
    return Piece(SHOWN.get(row.what) or (f"coalesce({column.sql}, 0)" if column.counts else column.sql))


def _number(row: Row, column: Column, setting: Setting) -> Piece:
    if row.op == "top_percent":
        assert row.low is not None
        cut = setting.cuts[row.low]
        bought = "" if cut else "m.orders_count > 0 AND "  # who has spent something has bought
        return Piece(f"{bought}{column.sql} >= %s", (cut,))
    expression = f"coalesce({column.sql}, 0)" if holds_without(row) else column.sql
    low, high = _scaled(row.low, row, setting), _scaled(row.high, row, setting)
    assert low is not None
    if row.op == "at_most":
        return Piece(f"{expression} <= %s", (_as(low, column, ROUND_FLOOR),))
    if row.op == "at_least":
        return Piece(f"{expression} >= %s", (_as(low, column, ROUND_CEILING),))
    top = low if high is None else high
    return Piece(f"{expression} BETWEEN %s AND %s", (_as(low, column, ROUND_CEILING), _as(top, column, ROUND_FLOOR)))


def _scaled(value: Decimal | None, row: Row, setting: Setting) -> Decimal | None:
    """Return a number in the unit of its column: minor units, a share of 1."""
    family = CATALOGUE[row.what].family
    if value is None or family == "number":
        return value
    return value / 100 if family == "share" else value.scaleb(get_currency_precision(setting.currency))


def _as(value: Decimal, column: Column, rounding: str) -> int | float:
    """Return a bound of the column's own type, so that an index serves it."""
    return int(value.to_integral_value(rounding)) if column.is_whole else float(value)


def _moment(row: Row, column: Column, setting: Setting) -> Piece:
    if row.op in ("known", "unknown"):
        return Piece(f"{column.sql} IS NOT NULL")
    if row.op == "in_next":
        until = setting.now + timedelta(days=row.when.days)
        return Piece(f"{column.sql} >= %s AND {column.sql} < %s", (setting.now, until))
    if row.op == "before_last":
        return Piece(f"{column.sql} < %s", (setting.days_ago(row.when.days),))
    return within(column.sql, row.when, setting)


def within(column: str, when: When, setting: Setting) -> Piece:
    """Return the condition that a moment lies in a time."""
    if when.kind == "in_last":
        return Piece(f"{column} >= %s", (setting.days_ago(when.days),))
    bounds = []
    if when.start:
        bounds.append((f"{column} >= %s", setting.begin_of(when.start)))
    if when.end:
        bounds.append((f"{column} < %s", setting.begin_of(when.end + timedelta(days=1))))
    return Piece(" AND ".join(sql for sql, _ in bounds), tuple(value for _, value in bounds))


def ordered(row: Row, setting: Setting) -> Piece:
    """Return the condition on kept figures that so many orders were placed, ever or lately (`behaviours.is_kept`)."""
    if row.when.kind == "ever":
        return Piece("m.orders_count >= %s", (row.times,))
    return within(nth_latest(row, "m"), row.when, setting)


def nth_latest(row: Row, alias: str) -> str:
    """Return when the order was placed that is, counted from the last, the row's number of times: with it they are reached."""
    return f"{alias}.last_order_at" if row.times == 1 else f"{alias}.latest_orders_at[{row.times:d}]"


def _yearly(row: Row, column: Column, setting: Setting) -> Piece:
    expression = Piece(column.sql) if row.what == "birthday" else _month_and_day(setting)
    asked = Piece(f"{expression.sql} = ANY(%s)", (*expression.values, _days(row, setting.today)))
    if row.what == "birthday":
        return asked
    # The anniversary of an order is a year after it at the earliest; none within the next two months began less than half a year ago.
    return Piece(f"{asked.sql} AND {column.sql} < %s", (*asked.values, setting.days_ago(180)))


def _month_and_day(setting: Setting) -> Piece:
    there = "m.first_order_at AT TIME ZONE %s"
    return Piece(f"(extract(month FROM {there}) * 100 + extract(day FROM {there}))::int", (setting.zone.key, setting.zone.key))


def _days(row: Row, today: date) -> list[int]:
    """Return the days asked for as month * 100 + day. Who was born on 29 February has their day on the 28th where there is no 29th."""
    if row.op != "in_next":
        month = row.month or today.month
        return [month * 100 + day for day in range(1, 32)]
    days = [today + timedelta(days=number) for number in range(row.when.days + 1)]
    found = [day.month * 100 + day.day for day in days]
    leaps = [day for day in days if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1]
    return [*found, 229] if leaps else found


def _choice(row: Row, column: Column, setting: Setting) -> Piece:
    if row.what == "service":
        asked = sorted({f"{column.sql} IS {'NULL' if value == 'allowed' else 'NOT NULL'}" for value in row.values})
        return Piece(f"({' OR '.join(asked)})")
    plain = [value for value in row.values if value != "may_get"]
    pieces = [one_of(column.sql, plain)] if plain else []
    if len(plain) < len(row.values):
        pieces.append(Piece(_MAY_GET, (["subscribed", "never"] if setting.soft_opt_in else ["subscribed"], setting.now)))
    if len(pieces) == 1:
        return pieces[0]
    return Piece(" OR ".join(f"({piece.sql})" for piece in pieces), tuple(value for piece in pieces for value in piece.values))


def _text(row: Row, column: Column, setting: Setting) -> Piece:
    if row.what == "tag":
        return Piece(f"{column.sql} && %s::varchar[]", (list(row.values),))
    if row.what == "postal_code":
        return Piece(f"{column.sql} LIKE ANY(%s)", ([_beginning(value) for value in row.values],))
    return one_of(column.sql, _in_case(row.what, row.values))


def one_of(expression: str, values: Sequence[str] | Sequence[int]) -> Piece:
    """Return the condition that an expression is one of some values; one alone is compared faster than a list of one."""
    return Piece(f"{expression} = %s", (values[0],)) if len(values) == 1 else Piece(f"{expression} = ANY(%s)", (list(values),))


def _in_case(what: str, values: Sequence[str]) -> list[str]:
    return [value.upper() if what == "country" else value.lower() for value in values]


def _beginning(value: str) -> str:
    return value.upper().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"


def _product(row: Row, column: Column, setting: Setting) -> Piece:
    return Piece(f"{column.sql} = ANY(%s::bigint[])", ([int(value) for value in row.values],))


_CONDITIONS: dict[str, Callable[[Row, Column, Setting], Piece]] = {
    "number": _number, "money": _number, "share": _number, "moment": _moment, "yearly": _yearly, "choice": _choice, "text": _text,
    "product": _product,
}  # fmt: skip
