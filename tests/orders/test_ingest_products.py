import pytest

from catalog.models import Pairing, Product, ProductGuide
from integrations.generic import adapter
from orders import ingest
from orders.incoming import Unusable
from tests import side_by_side
from tests.factories.orders import NOW

GUIDE = {"headline": "a first brew", "tips": ["Rinse it once.", "Fill it."], "mistake": "Never boil it dry.", "care": "Wipe it.",
         "video_url": "https://shop.example/v", "return_days": 60, "warranty_months": 36}  # fmt: skip


def take(store, external_id="p1", **fields):
    data = adapter.product({"external_id": external_id, "title": external_id.title(), **fields})
    return ingest.upsert_product(store, data, now=NOW).result


def suggested(external_id="p1"):
    return list(Pairing.objects.filter(product__external_id=external_id).values_list("suggested__external_id", "reason", "rank"))


@pytest.mark.django_db
def test_a_product_brings_its_guide(store):
    assert [take(store, guide=GUIDE) for _ in range(2)] == ["new", "unchanged"]
    guide = ProductGuide.objects.get(store=store)
    assert {name: getattr(guide, name) for name in GUIDE} == GUIDE


@pytest.mark.django_db
def test_what_a_payload_does_not_say_of_a_guide_stays_as_people_wrote_it(store):
    take(store, guide=GUIDE)
    ProductGuide.objects.update(tips=["Written by hand."])
    assert (take(store), take(store, guide=None), take(store, guide={})) == ("unchanged",) * 3
    assert take(store, guide={"care": None, "return_days": None}) == "changed"
    guide = ProductGuide.objects.get()
    assert (guide.tips, guide.care, guide.return_days, guide.mistake) == (["Written by hand."], "", None, "Never boil it dry.")


@pytest.mark.django_db
def test_an_older_telling_changes_neither_guide_nor_pairings(store):
    take(store, updated_at="2026-03-01T11:00:00Z", guide={"care": "New."}, goes_with=[{"product_external_id": "p2", "reason": "Fits."}])
    assert take(store, updated_at="2026-03-01T10:00:00Z", guide={"care": "Old."}, goes_with=[]) == "unchanged"
    assert (ProductGuide.objects.get().care, suggested()) == ("New.", [("p2", "Fits.", 1)])


@pytest.mark.django_db
def test_a_category_and_tags_stay_until_others_are_told(store):
    assert take(store, category="Kettles", tags=["steel", " pour over ", "steel"]) == "new"
    assert take(store) == "unchanged"
    product = Product.objects.get()
    assert (product.category, product.tags) == ("Kettles", ["pour over", "steel"])
    assert take(store, category="", tags=[]) == "changed"
    product.refresh_from_db()
    assert (product.category, product.tags) == ("", [])


@pytest.mark.django_db
def test_pairings_are_the_list_that_is_told_in_its_order(store):
    first, second, third = ({"product_external_id": name, "reason": f"For {name}."} for name in ("p2", "p3", "p4"))
    assert take(store, goes_with=[first, second]) == "new"
    assert (take(store), take(store, goes_with=[first, second])) == ("unchanged", "unchanged")
    assert suggested() == [("p2", "For p2.", 1), ("p3", "For p3.", 2)]
    assert take(store, goes_with=[third, {**first, "reason": "Better."}]) == "changed"
    assert suggested() == [("p4", "For p4.", 1), ("p2", "Better.", 2)]
    assert take(store, goes_with=[]) == "changed"
    assert suggested() == []


@pytest.mark.django_db
def test_a_product_that_is_only_named_is_not_available_until_it_comes(store):
    take(store, goes_with=[{"product_external_id": "p2", "reason": "Fits."}])
    assert list(Product.objects.filter(external_id="p2").values_list("title", "is_available")) == [("p2", False)]
    take(store, "p2", goes_with=[{"product_external_id": "p1", "reason": "Fits too."}])
    assert list(Product.objects.order_by("external_id").values_list("title", "is_available")) == [("P1", True), ("P2", True)]
    assert (suggested(), suggested("p2")) == ([("p2", "Fits.", 1)], [("p1", "Fits too.", 1)])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"guide": {"tips": [""]}}, "guide.tips[0]: String should have at least 1 character"),
        ({"guide": {"return_days": -1}}, "guide.return_days: Input should be greater than or equal to 0"),
        ({"guide": {"headline": "x" * 121}}, "guide.headline: String should have at most 120 characters"),
        ({"goes_with": [{"product_external_id": "p2"}]}, "goes_with[0].reason: Field required"),
        ({"goes_with": [{"product_external_id": "p1", "reason": "x"}]}, "goes_with[0].product_external_id: 'p1' is the product itself"),
        ({"goes_with": [{"product_external_id": "p2", "reason": "x"}] * 2}, "goes_with[1].product_external_id: 'p2' is named twice"),
    ],
)
def test_a_guide_or_pairing_that_cannot_be_is_refused_naming_the_field(fields, reason):
    with pytest.raises(Unusable) as refusal:
        adapter.product({"external_id": "p1", "title": "Kettle", **fields})
    assert str(refusal.value) == reason


def test_an_address_that_is_none_is_left_out():
    assert adapter.product({"external_id": "p", "title": "P", "guide": {"video_url": "javascript:alert(1)"}}).guide == {"video_url": ""}


@pytest.mark.django_db(transaction=True)
def test_products_that_name_each_other_may_come_at_the_same_time(store):
    pairs = [("p1", "p2"), ("p2", "p3"), ("p3", "p1")] * 3
    side_by_side.run(*[lambda a=a, b=b: take(store, a, goes_with=[{"product_external_id": b, "reason": "Fits."}]) for a, b in pairs])
    assert sorted(Product.objects.values_list("external_id", "is_available")) == [("p1", True), ("p2", True), ("p3", True)]
    assert [suggested(name) for name in ("p1", "p2", "p3")] == [[("p2", "Fits.", 1)], [("p3", "Fits.", 1)], [("p1", "Fits.", 1)]]
