"""Workers and web processes that die at each named place, and at two of them: no mail is lost, none goes twice.

One place at a time runs with the other tests; all pairs run with FAULTS=all (`make faults`).
"""

import itertools
import os
from datetime import timedelta

import pytest

from campaigns.models import Enrollment
from customers.models import Customer
from messaging.models import Message
from messaging.roads import accounts
from stores import clock, failpoints
from tests.factories.stores import StoreFactory
from tests.faults import invariants, processes
from tests.journeys.conftest import open_shop, order
from tests.messaging.providers_speaking import account

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 4
#: An order's way to its accepted confirmation, and on to what its provider tells and to the erasure of its customer, passes all of them
#: but those of campaigns (test_campaigns).
POINTS = sorted(failpoints.NAMES - failpoints.OF_CAMPAIGNS)
PAIRS = [*itertools.product(POINTS, repeat=2)] if os.environ.get("FAULTS") == "all" else []


@pytest.fixture(scope="module")
def _server(tmp_path_factory):
    with processes.mail_server(tmp_path_factory.mktemp("mails")) as held:
        yield held


@pytest.fixture
def server(_server):
    """The mail server with an empty book."""
    (_server.folder / "taken").write_text("")
    return _server


@pytest.fixture(scope="module")
def mother(_server, database_url):
    with processes.mother({"DATABASE_URL": database_url, "EMAIL_URL": f"smtp://127.0.0.1:{_server.port}"}) as held:
        yield held


def live_through(mother, server, *points: str) -> int:
    """Let orders be confirmed and a customer be forgotten by processes that die at these places, one by one; return how many died."""
    shop = open_shop(StoreFactory(slug="marlow"))
    now = clock.read()
    payloads = [
        {**order(f"{number}", at=now), "customer": {"email": f"p{number}@example.com", "name": f"Ana {number}"}} for number in range(ORDERS)
    ]
    road = account(shop.store, "postmark", stream="marketing", now=now)
    given = {
        **processes.deliveries(shop.path, shop.secret, payloads), "hook_path": road.hook_path,
        "hook_key": accounts.hook_secrets(road)["key"], "taken": str(server.folder / "taken"), "asks_to_be_forgotten": "p0@example.com",
    }  # fmt: skip
    died = sum(processes.killed(mother.run("life", failpoint=f"{point}:kill", **given)) for point in points)
    assert mother.run("life", **given) == 0
    clock.set_to(now + timedelta(minutes=30))  # leases run out, pauses end
    assert mother.run("life", **given) == 0
    assert invariants.unsettled(server.taken()) == []
    assert not Customer.objects.filter(email_key="p0@example.com").exists()
    assert not Message.objects.filter(to_email="p0@example.com").exists()
    return died


@pytest.mark.parametrize("point", POINTS)
def test_a_death_at_any_place_loses_no_confirmation_and_doubles_none(mother, server, point):
    died = live_through(mother, server, point)
    assert (died, Enrollment.objects.count(), Message.objects.count()) == (1, ORDERS, ORDERS)
    assert invariants.broken(server.taken(), most_unknown=1) == []


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_deaths_lose_no_confirmation_and_double_none(mother, server, first, second):
    died = live_through(mother, server, first, second)
    assert (died >= 1, Enrollment.objects.count(), Message.objects.count()) == (True, ORDERS, ORDERS)
    assert invariants.broken(server.taken(), most_unknown=died) == []
