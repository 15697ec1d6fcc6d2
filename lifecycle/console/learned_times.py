"""How long parcels took, as it was learned: by the way they went, the country and the weekday they left on."""

from dataclasses import dataclass

from babel import Locale

from enquiries.hours import DAYS
from orders import delivery
from orders.models import Order, Shipment
from stores.models import Store

_MOST, _LATEST = 20, 1000
_COUNTRIES = Locale("en").territories


@dataclass(frozen=True)
class Row:
    """Of so many parcels half were there within `middle` days, and eight of ten within `most`."""

    way: str
    country: str
    weekday: str
    middle: float
    most: float
    parcels: int


def rows(store: Store) -> list[Row]:
    """Return what was learned of most parcels first; the ways by the names they last had."""
    names = _names(store) if store.delivery_times else {}
    held = sorted(store.delivery_times.items(), key=lambda item: -item[1][2])[:_MOST]
    return [_row(name, figures, names) for name, figures in held]


def _row(name: str, figures: list[float], names: dict[str, str]) -> Row:
    way, country, weekday = (*name.split("|"), "", "")[:3]
    middle, most, parcels = figures
    named = names.get(way, way.lstrip("=").capitalize()) or "All parcels"
    day = DAYS[int(weekday) - 1] if weekday else ""
    return Row(named, _COUNTRIES.get(country, country), day, middle / 24, most / 24, int(parcels))


def _names(store: Store) -> dict[str, str]:
    carriers = Shipment.objects.filter(store=store).order_by("-pk").values_list("carrier", flat=True)[:_LATEST]
    methods = Order.objects.filter(store=store).order_by("-pk").values_list("shipping_method", flat=True)[:_LATEST]
    return {delivery.carrier_key(name): name for name in carriers if name} | {delivery.method_key(name): name for name in methods if name}
