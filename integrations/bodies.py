"""Reads single fields of a platform's bodies, saying by name what is missing or wrong."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orders.incoming import Gone, Unusable

Body = dict[str, Any]


def need(body: Body, names: Iterable[str]) -> None:
    """Raise Unusable if any of these fields is missing or empty, naming all that are."""
    missing = [name for name in names if body.get(name) in (None, "")]
    if missing:
        raise Unusable(f"missing: {', '.join(missing)}")


def ident(value: object, *, name: str) -> str:
    """Return a numeric id as a string; empty for none."""
    if value in (None, ""):
        return ""
    if isinstance(value, (bool, list, dict)) or len(str(value)) > 100:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not an id")
    return str(value)


def text(value: object, longest: int = 200) -> str:
    return "" if value is None or isinstance(value, (list, dict)) else str(value).strip()[:longest]


def moment(body: Body, *names: str) -> datetime | None:
    """Return the first of these fields that is set, as a time with an offset."""
    for name in names:
        if body.get(name) in (None, ""):
            continue
        try:
            found = datetime.fromisoformat(str(body[name]))
        except ValueError as error:
            raise Unusable(f"{name}: {str(body[name])[:40]!r} is not a time") from error
        if found.tzinfo is None:
            raise Unusable(f"{name}: {body[name]!r} has no offset from UTC")
        return found
    return None


def moment_or_utc(value: object, *, name: str) -> datetime | None:
    """Return a time; one without an offset is the place's own, of which we know no better than UTC. None for none."""
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not a time") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def whole(value: object, *, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not a whole number") from error
    if not 0 <= number <= 1_000_000:
        raise Unusable(f"{name}: {number} is out of range")
    return number


def decimal(value: object, *, name: str) -> Decimal:
    try:
        number = Decimal(str(value if value not in (None, "") else 0))
    except InvalidOperation as error:
        raise Unusable(f"{name}: {str(value)[:40]!r} is not an amount") from error
    if not number.is_finite():
        raise Unusable(f"{name}: {str(value)[:40]!r} is not an amount")
    return number


def items(value: object, *, name: str) -> list[Body]:
    """Return a list of objects; none for null."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unusable(f"{name}: is not a list of objects")
    return value


def child(body: Body, name: str) -> Body:
    """Return an object inside; empty for null."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unusable(f"{name}: is not an object")
    return found


def web(value: object, longest: int = 1000) -> str:
    """Return an address of the web; empty for anything else."""
    address = str(value or "")
    return address if address.startswith(("https://", "http://")) and len(address) <= longest else ""


def gone(noun: str, body: Body) -> Gone:
    """Return what a delivery of something deleted tells: its id and no more."""
    need(body, ["id"])
    return Gone(noun, ident(body["id"], name="id"))


def first(value: object) -> object:
    """Return the first of a list; None for anything else."""
    return value[0] if isinstance(value, list) and value else None
