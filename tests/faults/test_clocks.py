"""Clocks that are wrong: only the database's says what is due, and when a mail went."""

from datetime import timedelta

import pytest

from messaging.models import Message
from stores import clock
from tests.factories.stores import StoreFactory
from tests.faults import clocks, processes
from tests.journeys.conftest import open_shop, order

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not clocks.LIBRARY, reason=clocks.WHY_NOT),
]


@pytest.mark.parametrize("by", ["-2h", "+2h"])
def test_a_process_whose_clock_is_hours_off_confirms_an_order_at_the_databases_time(tmp_path, database_url, by):
    shop = open_shop(StoreFactory(slug="marlow"))
    now = clock.read()
    given = processes.deliveries(shop.path, shop.secret, [order(at=now)])
    with processes.mail_server(tmp_path) as server:
        road = {"DATABASE_URL": database_url, "EMAIL_URL": f"smtp://127.0.0.1:{server.port}", **clocks.skewed(by)}
        with processes.mother(road) as mother:
            assert mother.run("hooks", **given) == 0
            assert mother.run("sweep") == 0
        (sent,) = Message.objects.all()
        assert (sent.state, sum(server.taken().values())) == ("sent", 1)
    assert sent.sent_at is not None
    assert timedelta(0) <= sent.sent_at - now < timedelta(minutes=1)
