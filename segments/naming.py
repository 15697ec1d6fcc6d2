"""What the numbers in rules are called, for many rules at once."""

from collections.abc import Iterable

from catalog.models import Product
from segments.models import Segment
from segments.rules.tree import Node, products_of, segments_of
from segments.rules.wording import Names
from stores.models import Store


def names_of(store: Store, nodes: Iterable[Node]) -> Names:
    """Return the names of all products and segments in these trees; at most two queries."""
    trees = list(nodes)
    products = {pk for node in trees for pk in products_of(node)}
    others = {pk for node in trees for pk in segments_of(node)}
    return Names(
        store.currency,
        dict(Product.objects.filter(store=store, pk__in=products).values_list("pk", "title")) if products else {},
        dict(Segment.objects.filter(store=store, pk__in=others).values_list("pk", "name")) if others else {},
    )
