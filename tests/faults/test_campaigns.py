"""Workers that die while a campaign is frozen, called up and sent: everybody gets it, and nobody twice."""

from datetime import timedelta

import pytest

from campaigns.models import Enrollment, StepRun
from campaigns.one_off import drafts, scheduling
from campaigns.one_off.models import Campaign
from stores import clock
from tests.factories.customers import customer
from tests.factories.stores import MembershipFactory, StoreFactory
from tests.faults import invariants, processes

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 25
CONTENT = {"subject": "New", "preheader": "You", "blocks": [{"kind": "text", "text": "Words"}]}
#: One life after the other, each ended at its place.
DEATHS = ("in_freeze:kill", "in_line:kill", "after_claim:kill", "after_sending_commit:kill", "before_sent_commit:kill@2")


def test_deaths_on_the_way_lose_nobody_and_double_nothing(tmp_path, database_url):
    store = StoreFactory(slug="marlow", sender_email="jo@marlow.example", postal_address="1 Quay Street")
    for number in range(PEOPLE):
        customer(store, f"p{number}@example.com", marketing="subscribed")
    now = clock.read()
    campaign = drafts.create(store, name="New", content=CONTENT, now=now)
    scheduling.schedule(campaign, by=MembershipFactory(store=store, role="marketer").user, now=now)
    Campaign.objects.update(starts_at=now, wake_at=now)
    with processes.mail_server(tmp_path) as server:
        road = {"DATABASE_URL": database_url, "EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}
        with processes.mother(road) as mother:
            for ahead, death in enumerate(DEATHS):
                clock.set_to(now + timedelta(minutes=30 * ahead))  # the leases of the dead run out
                assert processes.killed(mother.run("sweep", failpoint=death)), death
                assert Enrollment.objects.count() == (0 if death.startswith("in_freeze") else PEOPLE)
            clock.set_to(now + timedelta(hours=6))
            assert mother.run("sweep") == 0
        assert invariants.broken(server.taken(), most_unknown=20) == []  # two windows of ten were under way
        assert len(server.taken()) + 10 >= PEOPLE
    assert Campaign.objects.get().state == "done"
    assert StepRun.objects.filter(state="handed_over").count() == PEOPLE
