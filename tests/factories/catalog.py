"""Products as rows."""

import factory

from catalog.models import Product


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    external_id = factory.Sequence(lambda n: f"p{n}")
    title = "Kettle"


def product(store, external_id="p1", title="Kettle", **fields) -> Product:
    thing: Product = ProductFactory(store=store, external_id=external_id, title=title, **fields)
    return thing
