"""Reads what only WooCommerce says, or says in its own way."""

from datetime import datetime

from integrations.bodies import Body, moment_or_utc, text


def moment(body: Body, name: str) -> datetime | None:
    """Return a time: `<name>_gmt`, else the site's own time, of which nothing better is known. None for none."""
    return moment_or_utc(body.get(f"{name}_gmt"), name=f"{name}_gmt") or moment_or_utc(body.get(name), name=name)


def meta(body: Body, *keys: str) -> object:
    """Return what plugins noted under the first of these keys that is set; None for none."""
    told = body.get("meta_data")
    noted = {text(each.get("key")): each.get("value") for each in told if isinstance(each, dict)} if isinstance(told, list) else {}
    return next((noted[key] for key in keys if noted.get(key)), None)
