"""Products, offers, connections, keys, settings, and one's own page: what they change and for whom."""

from datetime import UTC, datetime

import pytest

from catalog.models import Pairing, Product, ProductGuide
from integrations import inbox
from integrations.models import Connection, InboxItem
from offers.models import Offer, OfferCode
from predictions.models import Together
from stores import clock, tasks, tokens
from stores.models import ApiKey
from tests.factories.integrations import connect, refused


@pytest.fixture
def filters(store):
    return Product.objects.create(store=store, external_id="p2", title="Filters")


def test_lists_gaps_first(order, store, filters, vic, signed_in):
    page = signed_in(vic).get("/s/marlow/products/").content.decode()
    assert page.index("Filters") < page.index("Kettle")
    Together.objects.create(store=store, product_id=filters.pk, suggested_id=filters.pk, buyers=91)
    assert "Sold to 91, no tips" in signed_in(vic).get("/s/marlow/products/?show=gaps").content.decode()


def test_saves_a_guide_with_one_tip_a_line(filters, mara, signed_in):
    url = f"/s/marlow/products/{filters.pk}/"
    assert (
        signed_in(mara).post(url, {"tips": "Fold it.\r\n\r\n Rinse it. ", "return_days": "14", "replenish_days": "40"}).status_code == 303
    )
    guide = ProductGuide.objects.get(product=filters)
    assert (guide.tips, guide.return_days, guide.replenish_days) == (["Fold it.", "Rinse it."], 14, 40)


def test_sets_a_pairing_by_hand_once(kettle, filters, mara, signed_in):
    browser, url = signed_in(mara), f"/s/marlow/products/{kettle.pk}/pairings/"
    assert browser.post(url, {"suggested": filters.title, "reason": "It fits"}).status_code == 303
    assert browser.post(url, {"suggested": filters.title, "reason": "Again"}).status_code == 422
    pairing = Pairing.objects.get()
    browser.post(f"{url}{pairing.pk}/remove/")
    assert not Pairing.objects.exists()


def test_never_pairs_with_a_strangers_product(kettle, other, mara, signed_in):
    foreign = Product.objects.create(store=other, external_id="x", title="Foreign")
    assert signed_in(mara).post(f"/s/marlow/products/{kettle.pk}/pairings/", {"suggested": foreign.title, "reason": "x"}).status_code == 422
    assert not Pairing.objects.exists()


def test_makes_an_offer_and_fills_its_pool(store, mara, signed_in):
    data = {"name": "Spring", "kind": "pool", "value": "€10", "days_valid": "14", "new_codes": "A1\nA2\nA1\n"}
    browser = signed_in(mara)
    assert browser.post("/s/marlow/offers/new/", data).status_code == 303
    assert set(OfferCode.objects.values_list("code", flat=True)) == {"A1", "A2"}
    assert browser.post("/s/marlow/offers/new/", data).status_code == 422
    assert Offer.objects.count() == 1


def test_an_offer_ends_by_the_stores_clock(store, mara, signed_in):
    data = {"name": "Spring", "kind": "shared", "code": "SPRING", "days_valid": "14", "ends_at": "2026-06-01T12:00"}
    browser = signed_in(mara)
    browser.post("/s/marlow/offers/new/", data)
    offer = Offer.objects.get()
    assert offer.ends_at == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert "2026-06-01T12:00" in browser.get(f"/s/marlow/offers/{offer.pk}/").content.decode()


def test_warns_of_an_empty_pool(store, vic, signed_in):
    Offer.objects.create(store=store, name="Empty", kind="pool")
    assert "Empty" in signed_in(vic).get("/s/marlow/offers/?show=empty").content.decode()
    assert "offer without a code" in signed_in(vic).get("/s/marlow/").content.decode()


@pytest.mark.parametrize(
    ("path", "data"), [("offers/new/", {"name": "X", "kind": "shared", "days_valid": 1}), ("products/{}/", {"tips": "X"})]
)
def test_support_does_not_change_products_or_offers(kettle, bob, signed_in, path, data):
    assert signed_in(bob).post(f"/s/marlow/{path.format(kettle.pk)}", data).status_code == 403
    assert not Offer.objects.exists()
    assert kettle.guide.tips == ["Rinse it.", "Heat it.", "Pour slowly."]


def test_shows_a_connections_secret_once(store, alice, signed_in):
    browser = signed_in(alice)
    made = browser.post("/s/marlow/connections/", {"platform": "generic"})
    connection = Connection.objects.get()
    secret = made.context["secret"]
    assert tokens.unseal(connection.sealed_secret) == secret
    assert secret in made.content.decode()
    later = browser.get("/s/marlow/connections/").content.decode()
    assert secret not in later
    assert connection.path in later


@pytest.fixture
def failed(store):
    return refused(connect(store), '{"total": "<abc>"}', reason="total: 'abc' is not an amount")


def test_shows_and_retries_what_failed(failed, alice, signed_in):
    browser = signed_in(alice)
    assert "is not an amount" in browser.get("/s/marlow/connections/inputs/").content.decode()
    assert "&lt;abc&gt;" in browser.get(f"/s/marlow/connections/inputs/{failed.pk}/").content.decode()
    assert browser.post(f"/s/marlow/connections/inputs/{failed.pk}/retry/").status_code == 303
    failed.refresh_from_db()
    assert failed.state == "received"


def test_retries_all(failed, alice, signed_in):
    assert signed_in(alice).post("/s/marlow/connections/inputs/retry/").status_code == 303
    failed.refresh_from_db()
    assert failed.state == "received"


def test_what_a_shop_delivered_goes_after_thirty_days_and_that_it_did_stays(store, travel, at, alice, signed_in):
    travel(at("2026-11-23 12:00"))
    tasks.keep_parts()
    item = refused(connect(store), '{"total": "<abc>"}')
    clock.set_to(at("2026-12-23 00:59"))
    tasks.keep_parts()
    assert inbox.body_of(item) == '{"total": "<abc>"}'
    clock.set_to(at("2026-12-23 01:00"))
    tasks.keep_parts()
    browser = signed_in(alice)
    page = browser.get(f"/s/marlow/connections/inputs/{item.pk}/").content.decode()
    assert ("What it said is no longer kept." in page, "Retry" in page) == (True, False)
    assert inbox.retry(InboxItem.objects.all()) == 0
    refused(item.connection, '{"total": "1"}')
    assert inbox.retry(InboxItem.objects.all()) == 1
    assert (InboxItem.objects.get().state, inbox.body_of(InboxItem.objects.get())) == ("received", '{"total": "1"}')


def test_makes_a_key_shows_it_once_and_revokes_it(store, alice, signed_in):
    browser = signed_in(alice)
    made = browser.post("/s/marlow/keys/", {"name": "Warehouse"}).context["made"]
    key = ApiKey.objects.get()
    assert key.digest == tokens.digest(made)
    assert made not in browser.get("/s/marlow/keys/").content.decode()
    browser.post(f"/s/marlow/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize("path", ["connections/", "connections/inputs/", "keys/", "settings/"])
def test_only_an_owner_sees_machines_and_settings(store, mara, signed_in, path):
    browser = signed_in(mara)
    assert browser.get(f"/s/marlow/{path}").status_code == 403
    assert f'href="/s/marlow/{path}"' not in browser.get("/s/marlow/").content.decode()


GENERAL = {"name": "Marlow", "timezone": "Europe/Berlin", "return_days": 30, "warranty_months": 24}
GENERAL["usual_delivery_days"] = 5


def test_saves_one_page_of_the_settings_and_leaves_the_others(store, alice, signed_in):
    changed = {"name": "Finch", "reorder_url": "https://shop.example/again?order={number}"}
    answer = signed_in(alice).post("/s/marlow/settings/", {**GENERAL, **changed, "sender_email": "evil@example.com"})
    assert (answer.status_code, answer["Location"]) == (303, "/s/marlow/settings/")
    store.refresh_from_db()
    assert (store.name, store.sender_email) == ("Finch", "hello@marlow.example")
    assert store.reorder_url == "https://shop.example/again?order={number}"


def test_changes_the_sender(store, alice, signed_in):
    data = {"sender_name": "Jo", "sender_email": "jo@marlow.example", "reply_to": "", "postal_address": "Quay 1"}
    assert signed_in(alice).post("/s/marlow/settings/sender/", data)["Location"] == "/s/marlow/settings/sender/"
    store.refresh_from_db()
    assert (store.sender_name, store.sender_email, store.postal_address) == ("Jo", "jo@marlow.example", "Quay 1")


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("", {"timezone": "Mars/Base"}), ("brand/", {"brand_color": "red"}), ("sender/", {"sender_email": "x"})],
)
def test_says_what_is_wrong_and_keeps_the_old(store, alice, signed_in, path, wrong):
    answer = signed_in(alice).post(f"/s/marlow/settings/{path}", {**GENERAL, **wrong})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.content.decode().replace("\n", "")
    store.refresh_from_db()
    assert (store.timezone, store.sender_email) == ("Europe/Berlin", "hello@marlow.example")


def test_one_store_is_entered_at_once(store, vic, signed_in):
    assert signed_in(vic).get("/stores/")["Location"] == "/s/marlow/"
    assert "Marlow &amp; Finch" in signed_in(vic).get("/stores/?all").content.decode()


def test_the_theme_is_kept_and_set_on_the_page(store, vic, signed_in):
    browser = signed_in(vic)
    assert browser.post("/me/", {"name": "Victor", "theme": "dark", "toast_seconds": 20}).status_code == 303
    page = browser.get("/s/marlow/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-toast="20"' in page
    assert browser.post("/me/", {"name": "Victor", "theme": "dark", "toast_seconds": 3}).status_code == 422


def test_signs_in_by_password(store, vic, client):
    assert "Sign in" in client.get("/login/").content.decode()
    answer = client.post("/login/", {"login": "vic@example.com", "password": "correct horse battery"})
    assert (answer.status_code, answer["Location"]) == (302, "/stores/")


@pytest.mark.parametrize("path", ["/login/code/", "/password/reset/"])
def test_the_other_ways_in_stand_open(db, client, path):
    assert client.get(path).status_code == 200
