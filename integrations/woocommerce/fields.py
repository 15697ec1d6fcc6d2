"""Reads what only WooCommerce says, or says in its own way."""

from datetime import UTC, datetime

from integrations.bodies import Body, text
from orders.incoming import Unusable


def moment(body: Body, name: str) -> datetime | None:
    """Return a time: `<name>_gmt`, else the site's own time, of which nothing better is known. None for none."""
    for field in (f"{name}_gmt", name):
        if body.get(field) in (None, ""):
            continue
        try:
            found = datetime.fromisoformat(str(body[field]))
        except ValueError as error:
            raise Unusable(f"{field}: {str(body[field])[:40]!r} is not a time") from error
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def meta(body: Body, *keys: str) -> object:
    """Return what plugins noted under the first of these keys that is set; None for none."""
    told = body.get("meta_data")
    noted = {text(each.get("key")): each.get("value") for each in told if isinstance(each, dict)} if isinstance(told, list) else {}
    return next((noted[key] for key in keys if noted.get(key)), None)
