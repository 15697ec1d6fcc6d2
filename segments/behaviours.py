"""What happened, as sets of customers: each row of this kind is a subquery over one table of orders, lines, events, answers or members.

All of them have the columns `customer_id` and `at`, one row for each time; who is meant is said inside, so that the database may begin
with the few rows of one person, or with the index of a kind or a product.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from customers.models import Metrics
from engagement import interests, kinds
from segments.columns import Piece, nth_latest, one_of, within
from segments.rules.catalogue import CATALOGUE
from segments.rules.tree import Row
from segments.setting import Setting

_REAL = "{0}.cancelled_at IS NULL AND {0}.financial_status <> 'voided' AND NOT {0}.is_test"


@dataclass(frozen=True)
class Source:
    """Where times of a thing are found: FROM and WHERE (its row is `x`), the moment of one, and what makes two of them different."""

    tables: str
    where: Piece
    at: str
    each: str = ""


def times(row: Row, setting: Setting, people: Sequence[int] | None, *, counted: bool = False, member: str = "") -> Piece:
    """Return the customers of whom the row's `times` are reached; with `counted` all of whom any is, with `n` and `last`.

    `member` is the name of a membership outside, since which is asked of its customer alone.
    """
    if is_kept(row) and not counted:
        row, source = replace(row, times=1), _kept(row, setting)
    else:
        source = _SOURCES[CATALOGUE[row.what].family](row, setting)
    tables, when = _timed(row, source, setting, member)
    wheres = [source.where, *when]
    if people is not None:
        wheres.append(Piece("x.customer_id = ANY(%s)", (list(people),)))
    found = Piece(" AND ".join(piece.sql for piece in wheres), tuple(value for piece in wheres for value in piece.values))
    number = f"count(DISTINCT {source.each})" if source.each else "count(*)"
    body = f"FROM {tables} WHERE {found.sql}"
    if row.op == "did_together":
        number, values = "count(*)", (*found.values, len(row.values))
        body = (
            f"FROM (SELECT x.customer_id, x.order_id, min({source.at}) AS at {body} GROUP BY 1, 2"
            f" HAVING count(DISTINCT x.product_id) = %s) x"
        )
        found, source = Piece("", values), Source("", Piece(""), "x.at")
    if counted:
        return Piece(f"SELECT x.customer_id, {number} AS n, max({source.at}) AS last {body} GROUP BY 1", found.values)
    if row.times > 1:
        return Piece(f"SELECT x.customer_id {body} GROUP BY 1 HAVING {number} >= %s", (*found.values, row.times))
    return Piece(f"SELECT x.customer_id{', x.entered_at' if row.what == 'segment' else ''} {body}", found.values)


def _timed(row: Row, source: Source, setting: Setting, member: str) -> tuple[str, list[Piece]]:
    """Return the tables, and the condition that a time of the thing lies in the row's time."""
    if row.when.kind != "since_segment":
        return source.tables, [] if row.when.kind == "ever" else [within(source.at, row.when, setting)]
    # Nobody's time begins before that of who is in it longest: a bound at which an index of the thing begins.
    bound = Piece(f"{source.at} >= (SELECT min(entered_at) FROM segments_membership WHERE segment_id = {row.when.segment:d})")
    if member:
        return source.tables, [bound, Piece(f"x.customer_id = {member}.customer_id AND {source.at} >= {member}.entered_at")]
    entered = f"JOIN segments_membership e ON e.segment_id = {row.when.segment:d} AND e.customer_id = x.customer_id"
    return f"{source.tables} {entered}", [bound, Piece(f"{source.at} >= e.entered_at")]


def is_kept(row: Row) -> bool:
    """Say whether customers' figures answer how often they ordered: the moments of their last orders are among them."""
    return row.what == "ordered" and row.when.end is None and (row.when.kind == "ever" or row.times <= Metrics.LATEST)


def is_once(row: Row) -> bool:
    """Say whether `times` names each customer once."""
    return row.times > 1 or row.what == "segment" or is_kept(row)


def _kept(row: Row, setting: Setting) -> Source:
    of_store = Piece("x.store_id = %s", (setting.store_id,))
    if row.when.kind == "ever":
        of_store = Piece(f"{of_store.sql} AND x.orders_count >= %s", (*of_store.values, row.times))
    return Source("customers_metrics x", of_store, nth_latest(row, "x"))


def _ordered(row: Row, setting: Setting) -> Source:
    return Source("orders_order x", Piece(f"x.store_id = %s AND {_REAL.format('x')}", (setting.store_id,)), "x.placed_at")


def _bought(row: Row, setting: Setting) -> Source:
    products = [int(value) for value in row.values]
    which = one_of("x.product_id", products)
    return _lines(Piece(f"x.store_id = %s AND {which.sql}", (setting.store_id, *which.values)))


def _category(row: Row, setting: Setting) -> Source:
    asked = "lower(category) = ANY(%s)" if row.what == "category" else "tags && %s::varchar[]"
    values = [value.lower() for value in row.values] if row.what == "category" else list(row.values)
    return _lines(Piece(f"x.product_id IN (SELECT id FROM catalog_product WHERE store_id = %s AND {asked})", (setting.store_id, values)))


def _lines(which: Piece) -> Source:
    tables = f"orders_orderline x JOIN orders_order o ON o.id = x.order_id AND {_REAL.format('o')}"
    return Source(tables, which, "x.placed_at", each="x.order_id")


def _event(row: Row, setting: Setting) -> Source:
    which = one_of("x.kind", row.values)
    return Source("customers_event x", Piece(f"x.store_id = %s AND {which.sql}", (setting.store_id, *which.values)), "x.occurred_at")


def _action(row: Row, setting: Setting) -> Source:
    keys = [kinds.key_of(value) for value in row.values]
    asked = "x.store_id = %s AND x.kind = ANY(%s) AND x.customer_id IS NOT NULL"
    return Source("engagement_action x", Piece(asked, (setting.store_id, keys)), "x.at")


def _answer(row: Row, setting: Setting) -> Source:
    asked = {"at_most": " AND x.score <= %s", "at_least": " AND x.score >= %s", "exactly": " AND x.score = %s"}.get(row.op, "")
    values = (setting.store_id, row.low) if asked else (setting.store_id,)
    return Source("surveys_response x", Piece(f"x.store_id = %s AND x.answered_at IS NOT NULL{asked}", values), "x.answered_at")


def _interest(row: Row, setting: Setting) -> Source:
    topics = [interests.topic_key(value) for value in row.values]
    left = "x.weight * power(2.0, -(extract(epoch FROM %s::timestamptz - x.at)::float8 / 86400 / %s))"
    asked = f"x.store_id = %s AND x.topic = ANY(%s) AND x.weight >= %s AND {left} >= %s"
    values = (setting.store_id, topics, interests.LEAST, setting.now, interests.HALF_LIFE_DAYS, interests.LEAST)
    return Source("engagement_interest x", Piece(asked, values), "x.at")


def _segment(row: Row, setting: Setting) -> Source:
    asked = Piece("x.store_id = %s AND x.segment_id = %s", (setting.store_id, row.segment))
    return Source("segments_membership x", asked, "x.entered_at")


_SOURCES: dict[str, Callable[[Row, Setting], Source]] = {
    "ordered": _ordered, "bought": _bought, "category": _category, "event": _event, "action": _action, "answer": _answer,
    "interest": _interest, "segment": _segment,
}  # fmt: skip
FAMILIES = frozenset(_SOURCES)
