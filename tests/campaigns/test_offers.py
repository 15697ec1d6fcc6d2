"""Offers: one code a person, a deadline that is true, and none where there is none."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import offers
from campaigns.models import Offer, OfferCode, StepRun
from campaigns.tasks import sweep_until_quiet
from stores import clock

pytestmark = pytest.mark.usefixtures("live_flow")

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


@pytest.fixture
def offer(store) -> Offer:
    return Offer.objects.get(store=store)


@pytest.fixture
def pool(store, offer):
    offer.kind, offer.code = Offer.Kind.POOL, ""
    offer.save()
    OfferCode.objects.bulk_create(OfferCode(store=store, offer=offer, code=f"ONE-{number}") for number in range(3))
    return offer


@pytest.fixture
def thanks(placed):
    """Return the thanks of a fresh order."""

    def make(number: str) -> StepRun:
        order = placed(number, email=f"{number}@example.com")
        sweep_until_quiet()
        return StepRun.objects.get(order=order, step_key="thanks")

    return make


def test_a_shared_code_is_everybodys_and_ends_two_weeks_on_at_the_end_of_the_stores_day(offer, thanks):
    given = [offers.issue(offer, thanks(number), now=NOW) for number in "ab"]
    assert given == [offers.Promise("10% off", "THANKS10", datetime(2026, 12, 4, 22, 59, tzinfo=UTC), "")] * 2


@pytest.mark.parametrize(
    ("now", "ends_at"),
    [
        ("2026-03-20T13:00", "2026-04-03T21:59"),  # across the night clocks go forward
        ("2026-10-20T13:00", "2026-11-03T22:59"),  # across the night they go back
        ("2026-11-20T23:30", "2026-12-05T22:59"),  # already the 21st in Berlin
        ("2028-02-15T13:00", "2028-02-29T22:59"),
    ],
)
def test_the_deadline_is_the_end_of_a_day_by_the_stores_clock(offer, now, ends_at):
    promise = offers.promise(offer, code="X", now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert promise.ends_at == datetime.fromisoformat(ends_at).replace(tzinfo=UTC)


def test_the_shops_own_end_comes_first_where_it_is_earlier(offer, thanks):
    for days, ends_at in [(3, NOW + timedelta(days=3)), (99, datetime(2026, 12, 4, 22, 59, tzinfo=UTC))]:
        offer.ends_at = NOW + timedelta(days=days)
        promise = offers.promise(offer, code="X", now=NOW)
        assert promise.ends_at == ends_at


def test_each_person_gets_a_code_of_their_own_and_the_same_one_again(pool, thanks):
    first, second = thanks("a"), thanks("b")
    codes = [promise.code for run in (first, second, first) if (promise := offers.issue(pool, run, now=NOW))]
    assert codes == ["ONE-0", "ONE-1", "ONE-0"]
    held = OfferCode.objects.get(run=first)
    assert (held.issued_at, held.expires_at) == (NOW, datetime(2026, 12, 4, 22, 59, tzinfo=UTC))
    assert OfferCode.objects.filter(issued_at=None).count() == 1


def test_an_empty_pool_gives_nothing_and_says_so_beforehand(pool, thanks):
    given = [offers.issue(pool, thanks(number), now=NOW) for number in "abcd"]
    assert [promise.code if promise else None for promise in given] == ["ONE-0", "ONE-1", "ONE-2", None]
    assert offers.with_code([pool], now=NOW) == frozenset()


def test_an_offer_has_a_code_to_give_while_it_runs(offer, store, pool):
    shared = Offer.objects.create(store=store, name="shared", code="S")
    bare = Offer.objects.create(store=store, name="bare")
    over = Offer.objects.create(store=store, name="over", code="O", ends_at=NOW)
    ends = Offer.objects.create(store=store, name="ends", code="E", ends_at=NOW + timedelta(seconds=1))
    assert offers.with_code([shared, bare, over, ends, pool], now=NOW) == frozenset({shared.pk, ends.pk, pool.pk})


def test_a_code_whose_mail_was_taken_back_is_given_to_the_same_person_again(pool, thanks):
    from campaigns import runs
    from stores.models import User

    run = thanks("a")
    by = User.objects.create_user("bob2@example.com", "x")
    runs.send_now(run, by=by, now=clock.read())
    sweep_until_quiet()
    run.refresh_from_db()
    assert (run.state, run.facts["offer"]["code"], OfferCode.objects.get(run=run).code) == ("handed_over", "ONE-0", "ONE-0")
