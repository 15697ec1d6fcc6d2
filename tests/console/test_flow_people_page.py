"""The people of a flow: many mails are held, skipped or sent at once, and what was done is taken back."""

from datetime import timedelta

import pytest

from campaigns import triggers
from campaigns.models import Enrollment, RunAct, StepRun
from customers.models import Event
from stores import clock
from tests.factories.orders import NOW, place

URL = "/s/marlow/flows/post-purchase/people/"


@pytest.fixture
def browser(order, bob, signed_in, store):
    """Three orders of three people, planned; a member of support looks at them."""
    for number, name in ((2, "zoe"), (3, "yan")):
        place(store, f"{number}", customer={"external_id": name, "email": f"{name}@example.com", "name": name.title()})
    triggers.read(now=NOW)
    return signed_in(bob)


def html(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def states(step: str) -> list[tuple[str, str]]:
    return list(StepRun.objects.filter(step_key=step).order_by("pk").values_list("state", "reason"))


def plans() -> list[tuple[object, ...]]:
    return list(StepRun.objects.order_by("pk").values_list("state", "reason", "due_at", "use_by", "wake_at", "facts"))


def test_all_that_the_filters_show_is_skipped_and_taken_back(browser):
    before = plans()
    page = html(browser.get(f"{URL}?step=tips"))
    assert page.count('type="checkbox" name="pk"') == 3
    answer = browser.post(f"{URL}act/", {"verb": "skip", "scope": "all", "here": "step=tips&state=waiting"}, follow=True)
    assert "3 mails skipped." in html(answer)
    assert states("tips") == [("skipped", "staff")] * 3
    assert set(states("check-in")) == {("waiting", "")}
    assert Event.objects.filter(kind="staff.acted", data__text="Usage tips: skipped").count() == 3
    done = RunAct.objects.get()
    page = html(browser.get(URL))
    assert "3 mails skipped" in page
    assert "by Bob" in page
    assert "Taken back: 3 mails planned again." in html(browser.post(f"{URL}act/{done.pk}/undo/", follow=True))
    assert plans() == before
    assert "taken back already" in html(browser.post(f"{URL}act/{done.pk}/undo/", follow=True))


def test_ticked_mails_are_held_until_later_and_their_hold_is_taken_back(browser):
    before = plans()
    chosen = StepRun.objects.filter(step_key="tips")[0]
    assert "1 mail on hold." in html(browser.post(f"{URL}act/", {"verb": "hold", "days": "30", "pk": [chosen.pk]}, follow=True))
    chosen.refresh_from_db()
    until = (max(clock.read(), chosen.due_at) + timedelta(days=30)).isoformat()
    assert (chosen.state, chosen.reason, chosen.facts["held_until"]) == ("waiting", "paused", until)
    browser.post(f"{URL}act/{RunAct.objects.get().pk}/undo/")
    assert plans() == before
    nobody = browser.post(f"{URL}act/", {"verb": "hold", "pk": ["1x"]}, follow=True)
    assert "nothing was changed" in html(nobody)


def test_mails_sent_by_hand_wait_ten_minutes_in_which_they_are_taken_back(browser):
    before = plans()
    answer = browser.post(f"{URL}act/", {"verb": "send-now", "scope": "all", "here": "step=check-in"}, follow=True)
    assert "They go in 10 minutes" in html(answer)
    due = RunAct.objects.get().at + timedelta(minutes=10)
    assert set(StepRun.objects.filter(step_key="check-in").values_list("state", "wake_at")) == {("planned", due)}
    triggers.read(now=clock.read())
    assert set(StepRun.objects.filter(step_key="check-in").values_list("state", "due_at")) == {("planned", due)}
    browser.post(f"{URL}act/{RunAct.objects.get().pk}/undo/")
    assert plans() == before


def test_whoever_has_nothing_left_is_done_until_that_is_taken_back(browser):
    browser.post(f"{URL}act/", {"verb": "skip", "scope": "all"})
    assert set(Enrollment.objects.values_list("state", flat=True)) == {"done"}
    browser.post(f"{URL}act/{RunAct.objects.get().pk}/undo/")
    assert set(Enrollment.objects.values_list("state", flat=True)) == {"active"}
    assert browser.post(f"{URL}act/", {"verb": "eat"}).status_code == 404


def test_who_may_only_look_is_offered_nothing(browser, vic, signed_in):
    page = html(signed_in(vic).get(URL))
    assert 'name="verb"' not in page
    assert 'type="checkbox"' not in page


def test_one_mail_is_moved_to_a_moment_of_the_customers_clock(order, browser):
    run = StepRun.objects.get(order=order, step_key="tips")
    url = f"/s/marlow/customers/{order.customer_id}/next/{run.pk}/"
    assert "That moment is not ahead" in html(browser.post(f"{url}move/", {"at": "2020-01-01T10:00"}, follow=True))
    assert "Say the day and the time" in html(browser.post(f"{url}move/", {"at": "soon"}, follow=True))
    page = html(browser.post(f"{url}move/", {"at": "2026-03-09T18:30"}, follow=True))
    assert "goes at the moment you chose" in page
    run.refresh_from_db()
    assert (run.state, f"{run.due_at:%d %H:%M}", run.facts["basis"]) == ("planned", "09 18:30", "staff")
    browser.post(f"{url}release/")
    run.refresh_from_db()
    assert run.state == "waiting"
