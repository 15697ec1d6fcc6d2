"""Products as rows."""

from catalog.models import Product


def product(store, external_id="p1", title="Kettle", **fields) -> Product:
    return Product.objects.create(store=store, external_id=external_id, title=title, **fields)
