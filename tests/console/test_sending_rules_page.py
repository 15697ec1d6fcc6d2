"""The rules of sending: what stands there is what holds, and a rule that makes no sense is refused beside its field."""

from datetime import time, timedelta

import pytest

from campaigns.models import Flow, StepRun
from campaigns.tasks import sweep_until_quiet
from stores import clock, stopping

PATH = "/s/marlow/settings/sending/"
pytestmark = pytest.mark.usefixtures("flow")


@pytest.fixture
def rules(flow):
    """Return what the page's form says as it stands, with changes."""

    def filled(**changes) -> dict[str, object]:
        as_it_stands = {
            "quiet_from": "", "quiet_until": "", "marketing_days": list("1234567"), "cap_mails": "", "cap_days": "7",
            "track_clicks": "bulk", "cart_quiet_hours": "1", "consent_months": "24",
            f"flow-{flow.pk}-cap_mails": "", f"flow-{flow.pk}-cap_days": "7", f"flow-{flow.pk}-priority": "10",
        }  # fmt: skip
        return {**as_it_stands, **changes}

    return filled


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_marketer_sets_the_rules_and_reads_them_back(store, flow, mara, rules, signed_in):
    browser = signed_in(mara)
    said = rules(
        quiet_from="21:00", quiet_until="08:00", marketing_days=["1", "5"], cap_mails="2", cap_days="14", soft_opt_in="on",
        **{f"flow-{flow.pk}-cap_mails": "1", f"flow-{flow.pk}-cap_days": "3", f"flow-{flow.pk}-priority": "4"},
    )  # fmt: skip
    assert browser.post(PATH, said)["Location"] == PATH
    store.refresh_from_db()
    flow.refresh_from_db()
    assert (store.quiet_from, store.quiet_until, store.marketing_days, store.cap_mails, store.cap_days) == (time(21), time(8), "15", 2, 14)
    assert (store.soft_opt_in, store.strict_service, store.is_paused) == (True, False, False)
    assert (flow.cap_mails, flow.cap_days, flow.priority) == (1, 3, 4)
    shown = text_of(browser.get(PATH))
    assert 'value="21:00"' in shown and 'value="08:00"' in shown and shown.count("checked") == 3
    assert "Order mails are never held by this and never count." in shown


def test_what_is_left_empty_is_off(store, alice, rules, signed_in):
    store.quiet_from, store.quiet_until, store.cap_mails = time(21), time(8), 2
    store.save()
    assert signed_in(alice).post(PATH, rules()).status_code == 303
    store.refresh_from_db()
    assert (store.quiet_from, store.quiet_until, store.cap_mails) == (None, None, None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cap_mails": "0"}, "Enter 1 or more, or nothing for no limit."),
        ({"cap_days": ""}, "Enter a number."),
        ({"quiet_from": "21:00"}, "Enter both ends of the quiet hours, or neither."),
        ({"quiet_from": "08:00", "quiet_until": "08:00"}, "less than an hour a day"),
        ({"quiet_from": "08:30", "quiet_until": "08:00"}, "less than an hour a day"),
        ({"quiet_from": "25:00", "quiet_until": "08:00"}, "Enter a valid time."),
        ({"marketing_days": []}, "Choose at least one day."),
        ({"marketing_days": ["8"]}, "Select a valid choice."),
    ],
)
def test_what_would_hold_everything_is_refused_beside_its_field(store, alice, rules, signed_in, wrong, words):
    answer = signed_in(alice).post(PATH, rules(**wrong))
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert "field-error" in text_of(answer) and "<title>Error: " in text_of(answer)
    store.refresh_from_db()
    assert (store.cap_mails, store.cap_days, store.quiet_from, store.marketing_days) == (None, 7, None, "1234567")


def test_everything_is_paused_and_goes_on(store, order, alice, rules, signed_in):
    browser = signed_in(alice)
    browser.post(PATH, rules(is_paused="on"))
    store.refresh_from_db()
    assert store.is_paused and not order.runs.filter(state="planned").exists()
    browser.post(PATH, rules())
    store.refresh_from_db()
    assert not store.is_paused and order.runs.filter(state="planned").exists()


def test_new_rules_are_looked_at_for_what_waits(store, order, alice, rules, signed_in):
    Flow.objects.update(cap_mails=1, cap_days=30)
    StepRun.objects.filter(order=order, step_key="tips").update(
        state="held", reason="cap", due_at=clock.read(), wake_at=clock.read() + timedelta(days=2)
    )
    signed_in(alice).post(PATH, rules())
    waiting = StepRun.objects.get(order=order, step_key="tips")
    assert (waiting.state, waiting.reason, waiting.wake_at) == ("planned", "", waiting.due_at)


def test_the_place_of_a_flow_is_asked_for_once_there_are_two(store, alice, signed_in):
    browser = signed_in(alice)
    assert "Its place" not in text_of(browser.get(PATH))
    Flow.objects.create(store=store, key="win-back", name="Win-back")
    shown = text_of(browser.get(PATH))
    assert shown.count("Its place") == 2
    assert shown.index("Post-purchase, 5 mails") < shown.index("Win-back")


@pytest.mark.parametrize(
    ("who", "tabs"),
    [("alice", ["General", "Brand", "Sender", "Sending rules", "Mail accounts"]), ("mara", ["Sending rules", "Mail accounts"])],
)
def test_each_role_has_the_tabs_it_may_open(request, signed_in, who, tabs):
    browser = signed_in(request.getfixturevalue(who))
    shown = text_of(browser.get(PATH))
    nav = shown[shown.index('<nav class="tabs"') :].partition("</nav>")[0]
    assert [label for label in ("General", "Brand", "Sender", "Sending rules", "Mail accounts") if f">{label}</a>" in nav] == tabs
    assert 'aria-current="page">Sending rules</a>' in nav


def test_a_held_mail_says_when_and_why_on_its_customers_page_and_among_the_flows_people(store, order, alice, rules, signed_in):
    browser = signed_in(alice)
    browser.post(PATH, rules(quiet_from="00:00", quiet_until="22:00"))
    StepRun.objects.filter(order=order, step_key="tips").update(state="planned", due_at=clock.read(), wake_at=clock.read())
    sweep_until_quiet()
    held = StepRun.objects.get(order=order, step_key="tips")
    assert (held.state, held.reason) == ("held", "quiet_hours")
    shown = text_of(browser.get(f"/s/marlow/customers/{order.customer_id}/"))
    assert "On hold: quiet hours. Until <time" in shown
    listed = text_of(browser.get("/s/marlow/flows/post-purchase/people/?state=held"))
    assert 'Quiet hours<br><span class="soft small">until <time' in listed


def test_every_page_says_that_the_installation_is_stopped_and_why(alice, signed_in):
    browser = signed_in(alice)
    assert "Sending is stopped" not in text_of(browser.get("/s/marlow/"))
    stopping.stop(why="The provider called <now>", now=clock.read())
    for path in ("", "settings/sending/", "customers/"):
        assert "every shop of this installation: The provider called &lt;now&gt;. Nothing is lost" in text_of(
            browser.get(f"/s/marlow/{path}")
        )


def test_a_step_says_how_long_its_mail_is_of_use(alice, signed_in):
    shown = text_of(signed_in(alice).get("/s/marlow/flows/post-purchase/steps/confirmation/"))
    assert "It goes at once, with the order. Of no use 2 days after that: then it is skipped." in shown
