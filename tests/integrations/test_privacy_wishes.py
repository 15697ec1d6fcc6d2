"""What Shopify hands on of people's wishes about their data: acted on, answered with 200, and refused unsigned."""

import pytest

from campaigns.tasks import sweep_until_quiet
from customers.models import Customer, Task
from integrations import connections, inbox
from integrations.models import InboxItem, Payload
from stores import clock
from tests.factories.customers import customer
from tests.factories.integrations import connect, deliver
from tests.factories.orders import place

#: As documented under "Privacy law compliance".
PERSON = {
    "shop_id": 954889,
    "shop_domain": "marlow.example",
    "customer": {"id": 191167, "email": "ada@example.com", "phone": "555-625-1199"},
}
SHOP = {"shop_id": 954889, "shop_domain": "marlow.example"}


@pytest.fixture
def shopify(store):
    return connect(store, "shopify")


@pytest.fixture
def ada(store) -> Customer:
    place(store, customer={"external_id": "191167", "email": "ada@example.com", "name": "Ada Lovelace"})
    return Customer.objects.get()


def tell(client, connection, topic, body):
    assert deliver(client, connection, topic, body).status_code == 200
    sweep_until_quiet()
    return InboxItem.objects.latest("id")


def test_a_redaction_forgets_the_person_and_its_own_words(client, shopify, ada):
    item = tell(client, shopify, "customers/redact", PERSON | {"orders_to_redact": [299938]})
    ada.refresh_from_db()
    assert (ada.email, ada.name, ada.erased_at is not None) == ("", "", True)
    assert (item.state, inbox.body_of(item)) == ("done", None)
    assert ada.events.get(kind="customer.erased").data == {"by": "Shopify"}


def test_a_redaction_of_somebody_known_by_address_alone_is_done_and_of_a_stranger_is_nothing(client, store, shopify):
    bo = customer(store, "bo@example.com", name="Bo")
    assert tell(client, shopify, "customers/redact", {"customer": {"id": 7, "email": "BO@example.com"}}).state == "done"
    assert tell(client, shopify, "customers/redact", {"customer": {"id": 8, "email": "cy@example.com"}}).state == "done"
    bo.refresh_from_db()
    assert (bo.name, Customer.objects.count()) == ("", 1)


def test_a_request_for_data_becomes_a_task_of_thirty_days(client, shopify, ada):
    item = tell(client, shopify, "customers/data_request", PERSON | {"data_request": {"id": 9999}})
    task = Task.objects.get()
    assert (task.customer, task.title, (task.due_at - clock.read()).days) == (ada, "Send Ada Lovelace a copy of their data", 29)
    assert (item.state, inbox.body_of(item)) == ("done", None)


def test_a_shop_that_has_left_is_forgotten_with_all_its_customers(client, store, other, shopify, ada):
    there = customer(other, "ada@example.com", name="Ada")
    customer(store, "bo@example.com", name="Bo")
    tell(client, shopify, "orders/create", {"id": 1})
    connections.uninstall(shopify, now=clock.read())
    tell(client, shopify, "shop/redact", SHOP)
    assert list(Customer.objects.filter(store=store).values_list("name", "email")) == [("", ""), ("", "")]
    assert list(InboxItem.objects.values_list("topic", flat=True)) == ["shop/redact"]
    assert not Payload.objects.exists()
    there.refresh_from_db()
    assert there.name == "Ada"


def test_a_store_that_another_connection_feeds_is_not_emptied_by_one_that_left(client, store, shopify, ada):
    connect(store)
    item = tell(client, shopify, "shop/redact", SHOP)
    ada.refresh_from_db()
    assert (item.state, ada.name) == ("failed", "Ada Lovelace")
    assert item.reason.startswith("Another connection still feeds this store.")


@pytest.mark.parametrize("topic", ["customers/redact", "customers/data_request", "shop/redact"])
def test_unsigned_wishes_are_refused(client, shopify, ada, topic):
    assert deliver(client, shopify, topic, PERSON, secret="wrong").status_code == 401
    sweep_until_quiet()
    ada.refresh_from_db()
    assert (ada.name, Task.objects.count()) == ("Ada Lovelace", 0)
