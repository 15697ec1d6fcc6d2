"""One customer's page: what is to come above what was, and what support may do about it."""

import pytest

from campaigns import flows, recipes
from campaigns.models import Enrollment, StepRun
from campaigns.tasks import sweep_until_quiet
from customers import notes, tasks_for_staff
from customers.models import Event, Note, Task
from messaging.models import Suppression
from segments import saving
from tests.factories.orders import NOW


@pytest.fixture
def url(order):
    return f"/s/marlow/customers/{order.customer_id}/"


def run_of(order, step):
    return StepRun.objects.get(order=order, step_key=step)


def test_shows_every_future_mail_with_its_reason_above_the_past(url, bob, signed_in):
    page = signed_in(bob).get(url).content.decode()
    for name in ("Confirmation", "Usage tips", "Goes well with it", "Check-in", "Thanks, for a time"):
        assert name in page
    assert "once the order is shipped" in page
    assert page.index('id="next"') < page.index('id="past"')
    assert "Placed" in page[page.index('id="past"') :]


def test_shows_times_in_the_customers_zone(url, order, bob, signed_in):
    """The order is placed at 11:00 UTC by somebody in Great Britain; the title carries UTC."""
    page = signed_in(bob).get(url).content.decode()
    assert "Times in Europe/London" in page or "Times in Europe/Berlin" in page
    assert "UTC" in page


@pytest.mark.parametrize(("verb", "state"), [("skip", "skipped"), ("hold", "held"), ("send-now", "planned")])
def test_support_changes_one_planned_mail(url, order, bob, signed_in, verb, state):
    run = run_of(order, "confirmation")
    answer = signed_in(bob).post(f"{url}next/{run.pk}/{verb}/")
    assert (answer.status_code, answer["Location"]) == (303, url)
    run.refresh_from_db()
    assert run.state == state


def test_a_skip_can_be_undone(url, order, bob, signed_in):
    run, browser = run_of(order, "tips"), signed_in(bob)
    browser.post(f"{url}next/{run.pk}/skip/")
    assert "Undo" in browser.get(url).content.decode()
    browser.post(f"{url}next/{run.pk}/release/")
    run.refresh_from_db()
    assert run.state in StepRun.OPEN


def test_holds_and_releases_all_mails(url, order, bob, signed_in):
    browser = signed_in(bob)
    browser.post(f"{url}next/hold/", {"days": "30"})
    assert all("held_until" in run.facts for run in order.runs.all())
    assert run_of(order, "confirmation").state == "held"
    browser.post(f"{url}next/release/")
    assert not any("held_until" in run.facts for run in order.runs.all())
    assert run_of(order, "confirmation").state == "planned"


def test_an_ended_mail_is_left_as_it_is(url, order, bob, signed_in):
    run = run_of(order, "tips")
    StepRun.objects.filter(pk=run.pk).update(state="handed_over")
    page = signed_in(bob).post(f"{url}next/{run.pk}/skip/", follow=True).content.decode()
    assert "nothing was changed" in page
    run.refresh_from_db()
    assert run.state == "handed_over"


def test_keeps_a_note_and_shows_it(url, bob, signed_in):
    browser = signed_in(bob)
    browser.post(f"{url}note/", {"text": "Wants <b>blue</b>"})
    assert Note.objects.get().author == bob
    assert "Wants &lt;b&gt;blue&lt;/b&gt;" in browser.get(url).content.decode()


def test_an_empty_note_is_not_kept(url, bob, signed_in):
    signed_in(bob).post(f"{url}note/", {"text": "  "})
    assert not Note.objects.exists()


def test_writes_down_that_offers_are_unwanted(url, order, bob, signed_in):
    signed_in(bob).post(f"{url}withdraw/", {"topic": "marketing"})
    order.customer.refresh_from_db()
    assert order.customer.marketing == "unsubscribed"
    assert order.customer.consents.get().source == "staff"


def test_closes_a_task_and_returns_to_the_page(url, order, bob, signed_in):
    task = tasks_for_staff.open_task(order.customer, kind="call", key="call:1", title="Call back", due_at=NOW, now=NOW)
    answer = signed_in(bob).post(f"/s/marlow/tasks/{task.pk}/close/", {"next": url})
    assert answer["Location"] == url
    assert Task.objects.get().closed_by == bob


def test_never_redirects_to_a_foreign_site(url, order, bob, signed_in):
    task = tasks_for_staff.open_task(order.customer, kind="call", key="call:1", title="Call back", due_at=NOW, now=NOW)
    answer = signed_in(bob).post(f"/s/marlow/tasks/{task.pk}/close/", {"next": "https://evil.example/"})
    assert answer["Location"] == "/s/marlow/tasks/"


def test_chips_show_a_part_of_the_past_with_its_count(url, order, bob, signed_in):
    notes.add(order.customer, text="Called", by=bob, now=NOW)
    page = signed_in(bob).get(f"{url}?show=notes").content.decode()
    past = page[page.index('id="past"') :]
    assert "Called" in past
    assert "Placed" not in past
    assert "Notes <b>1</b>" in page
    assert f"All <b>{Event.objects.count()}</b>" in page


def test_a_viewer_reads_and_is_shown_nothing_to_press(url, order, vic, signed_in):
    browser = signed_in(vic)
    page = browser.get(url).content.decode()
    assert "Send now" not in page
    assert 'name="text"' not in page
    assert browser.post(f"{url}next/{run_of(order, 'tips').pk}/skip/").status_code == 403
    assert run_of(order, "tips").state != "skipped"


def test_a_stranger_learns_nothing(url, order, mallory, signed_in):
    browser = signed_in(mallory)
    run = run_of(order, "tips")
    assert browser.get(url).status_code == 404
    assert browser.post(f"{url}next/{run.pk}/skip/").status_code == 404
    assert browser.get(url.replace("marlow", "other")).status_code == 404
    assert browser.post(f"{url}next/{run.pk}/skip/".replace("marlow", "other")).status_code == 404
    assert run_of(order, "tips").state != "skipped"


def test_an_address_says_that_it_takes_no_mail_while_it_is_on_the_list(url, order, store, bob, signed_in):
    browser = signed_in(bob)
    on_list = Suppression.objects.create(store=store, email_key=order.customer.email_key, cause=Suppression.Cause.MANUAL, at=NOW)
    assert "Address takes no mail" in browser.get(url).content.decode()
    Suppression.objects.filter(pk=on_list.pk).update(lifted_at=NOW)
    assert "Address takes no mail" not in browser.get(url).content.decode()


def test_permission_is_given_only_with_their_words(url, order, bob, signed_in):
    browser = signed_in(bob)
    assert "Nothing was changed" in browser.post(f"{url}grant/", {"topic": "marketing", "way": "phone"}, follow=True).content.decode()
    order.customer.refresh_from_db()
    assert (order.customer.marketing, order.customer.consents.count()) == ("never", 0)
    browser.post(f"{url}grant/", {"topic": "marketing", "way": "phone", "words": "Yes, <i>do</i> send me offers"})
    order.customer.refresh_from_db()
    said = order.customer.consents.get()
    assert (order.customer.marketing, said.source) == ("subscribed", "staff, by phone")
    assert said.wording == "“Yes, <i>do</i> send me offers” (written down by Bob)"
    assert "Yes, &lt;i&gt;do&lt;/i&gt; send me offers" in browser.get(url).content.decode()


def test_a_flow_begun_by_hand_is_taken_back_from_its_row(url, order, store, bob, signed_in):
    flow = recipes.install(store, "win-back", now=NOW)
    flows.activate(flow, now=NOW)
    browser = signed_in(bob)
    browser.post(f"{url}help/start-flow/", {"flow": flow.pk})
    begun = Enrollment.objects.get(flow=flow)
    row = Event.objects.get(kind="staff.acted")
    assert f"{url}undo/{row.pk}/" in browser.get(url).content.decode()
    browser.post(f"{url}undo/{row.pk}/")
    begun.refresh_from_db()
    assert (begun.state, begun.runs.exclude(state="cancelled").count()) == ("left", 0)
    page = browser.get(url).content.decode()
    assert "Taken back: Started “" in page
    assert f"{url}undo/{row.pk}/" not in page
    assert "not in this flow any more" in browser.post(f"{url}undo/{row.pk}/", follow=True).content.decode()


def test_says_which_segments_they_are_in_and_what_of_them_each_rests_on(url, order, store, vic, signed_in):
    rule = {"all": [{"what": "orders_count", "op": "at_least", "value": 1}]}
    saving.create(store, name="Buyers", rule=rule, now=NOW)
    saving.create(store, name="Nobody", rule={"all": [{"what": "orders_count", "op": "at_least", "value": 9}]}, now=NOW)
    sweep_until_quiet()
    browser = signed_in(vic)
    assert ("Buyers</a>" in (page := browser.get(url).content.decode()), "Nobody</a>" in page) == (True, False)
    assert "1 order" in browser.get(f"{url}segments/").content.decode()
