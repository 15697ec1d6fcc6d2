"""What a mail's blocks ask before they are drawn: which order of theirs it is, what was bought, how long it is until a day. Pure.

Answered only as far as a block of the content wants to know.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from messaging.rendering import blocks
from offers.giving import Promise
from orders.models import OrderLine
from stores import dates
from stores.phrases import Phrases


def values(
    content: Mapping[str, Any], lines: Collection[OrderLine], offer: Promise | None, *, place: int, now: datetime, zone: ZoneInfo,
    words: Phrases,
) -> dict[str, Any]:  # fmt: skip
    """Return `order_place`, `bought_names` and `countdowns`, each as far as a block of the content asks for it."""
    parts = content.get("blocks", ())
    wanted = {block.get("until") or "offer" for block in parts if block.get("kind") == "countdown"}
    ends = {day: _end(day, offer, zone) for day in wanted}
    return {
        "order_place": place,
        "bought_names": _names(lines) if any(block.get("bought") for block in parts) else [],
        "countdowns": {day: _left(end, now=now, zone=zone, words=words) for day, end in ends.items() if end and end >= now},
    }


def _names(lines: Collection[OrderLine]) -> list[str]:
    """Return what was bought by every name it goes by: its own, its product's, its category's."""
    names = [name for line in lines for name in (line.name, *((line.product.title, line.product.category) if line.product else ()))]
    return list(dict.fromkeys(blocks.named(name) for name in names if name))


def _end(day: str, offer: Promise | None, zone: ZoneInfo) -> datetime | None:
    """Return the end of a countdown: the offer's own, or the last minute of a day by the customer's clock."""
    if day == "offer":
        return offer.ends_at if offer else None
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59), zone)
    except ValueError:
        return None


def _left(end: datetime, *, now: datetime, zone: ZoneInfo, words: Phrases) -> dict[str, str]:
    days = (end.astimezone(zone).date() - now.astimezone(zone).date()).days
    left = words.say_many(days, "{n} day left", "{n} days left") if days else words.say("Today is the last day")
    return {"left": left, "day": dates.day(end, now=now, zone=zone, words=words)}
