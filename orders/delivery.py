"""How long a parcel usually takes to the door: learned from the store's own parcels, else what the store says. Pure.

Learned every night (`orders.learning`) by the way they went, the country and the weekday of leaving. The way is the method chosen at the
checkout, and the carrier. Of too few parcels nothing is learned, and what is known of more of them stands in: the method to that country,
the carrier to that country, the method, the carrier, the store as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

#: Hours within which half and eight of ten parcels were there, and how many parcels say so; by `key`.
Learned = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Usual:
    """The usual time on the way, in days; `parcels` is how many it was learned from, 0 where the store said it."""

    middle: float
    most: float
    parcels: int = 0


def usual(
    learned: Learned, *, said_days: int, method: str = "", carrier: str = "", country: str = "", left: datetime | None = None,
    zone: str = "UTC",
) -> Usual:  # fmt: skip
    """Return the usual time of a parcel by the finest figures there are; what is planned by it waits for `most`."""
    if not learned:
        return Usual(said_days, said_days)
    weekday = left.astimezone(ZoneInfo(zone)).isoweekday() if left else 0
    for name in _from_the_finest(method, carrier, country, weekday):
        if name in learned:
            middle, most, parcels = learned[name]
            return Usual(middle / 24, most / 24, int(parcels))
    return Usual(said_days, said_days)


def key(way: str = "", country: str = "", weekday: int = 0) -> str:
    return "|".join((way, country, str(weekday or ""))).rstrip("|")


def method_key(name: str) -> str:
    """Return a method's name as figures are kept by; its sign keeps it apart from a carrier of that name."""
    bare = carrier_key(name)
    return f"={bare}" if bare else ""


def carrier_key(name: str) -> str:
    """Return a carrier's name as figures are kept by: "DHL Paket" and "dhl-paket" are one."""
    return "".join(letter for letter in name.lower() if letter.isalnum())[:40]


def _from_the_finest(method: str, carrier: str, country: str, weekday: int) -> Iterator[str]:
    ways = [way for way in (method_key(method), carrier_key(carrier)) if way]
    for place in ((country, weekday), (country, 0), ("", 0)):
        yield from (key(way, *place) for way in ways)
    yield key()
