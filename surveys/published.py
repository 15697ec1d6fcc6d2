"""The reviews that others read: those that staff have shown, of one product or of the whole shop, and how they stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from catalog.models import Product
from stores.models import Store
from surveys.models import Review, ReviewPhoto


@dataclass(frozen=True)
class Standing:
    """How many reviews there are of each number of stars, the best first."""

    by_stars: Mapping[int, int]

    @property
    def count(self) -> int:
        return sum(self.by_stars.values())

    @property
    def average(self) -> float | None:
        return sum(stars * number for stars, number in self.by_stars.items()) / self.count if self.count else None


def reviews(store: Store, product: str = "") -> QuerySet[Review]:
    """Return the shown reviews with their pictures; `product` is the shop's own id of one."""
    shown = Review.objects.filter(store=store, state=Review.State.SHOWN)
    shown = shown.filter(product__store=store, product__external_id=product) if product else shown
    return shown.prefetch_related(Prefetch("photos", ReviewPhoto.objects.defer("content")))


def standing(store: Store, product: str = "") -> Standing:
    counted = dict(reviews(store, product).order_by().values_list("stars").annotate(Count("pk")))
    return Standing({stars: counted.get(stars, 0) for stars in range(5, 0, -1)})


def photo(token: str) -> ReviewPhoto | None:
    """Return a picture that stands beside a shown review."""
    return ReviewPhoto.objects.filter(token=token, review__state=Review.State.SHOWN).first()


def structured(product: Product, stands: Standing, rows: Iterable[Review], *, picture: str) -> dict[str, Any]:
    """Return what search engines read of a product's reviews (schema.org); `picture` is the address of a picture, with TOKEN in it.

    Only products have this: engines take no shop's word on what is said of itself.
    """
    best = {"bestRating": 5, "worstRating": 1}
    rating = {"@type": "AggregateRating", "ratingValue": round(stands.average or 0, 1), "reviewCount": stands.count, **best}
    about = {"@context": "https://schema.org", "@type": "Product", "name": product.title, "aggregateRating": rating}
    about |= {"url": product.url, "@id": product.url} if product.url else {}
    about |= {"sku": product.sku} if product.sku else {}
    about |= {"image": product.image_url} if product.image_url else {}
    return about | {
        "review": [_said(row, picture) | {"reviewRating": {"@type": "Rating", "ratingValue": row.stars, **best}} for row in rows]
    }


def _said(row: Review, picture: str) -> dict[str, Any]:
    said: dict[str, Any] = {"@type": "Review", "author": {"@type": "Person", "name": row.name or "A customer"}}
    said |= {"datePublished": f"{row.given_at:%Y-%m-%d}"} if row.given_at else {}
    said |= {"reviewBody": row.text} if row.text else {}
    pictures = [picture.replace("TOKEN", photo.token) for photo in row.photos.all()]
    return said | ({"image": pictures} if pictures else {})
