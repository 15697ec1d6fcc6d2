"""The page of a flow's rules: who enters, whom it is for, who leaves, and what holds at once."""

import pytest

from campaigns.models import Flow, Step
from segments.models import Segment
from tests.console.test_flow_editor_page import form_of, html

URL = "/s/marlow/flows/post-purchase/"


RULES = {
    "name": "Post-purchase", "trigger": "order.placed", "reentry": "per_order", "cap_mails": "", "cap_days": "7", "priority": "10",
    "audience": "",
}  # fmt: skip


@pytest.fixture
def browser(flow, mara, signed_in):
    return signed_in(mara)


def test_rules_are_saved_into_the_draft_and_what_holds_at_once_holds_at_once(order, browser):
    page = html(browser.get(f"{URL}rules/"))
    assert "Whoever orders enters." in page
    browser.post(f"{URL}rules/", RULES | {"cap_mails": "2"})
    held = Flow.objects.get()
    assert (held.name, held.cap_mails, held.draft) == ("Post-purchase", 2, None)
    test = {"what1": "score", "how1": "at_least", "value1": "4", "what2": "number", "how2": "is_one_of", "value2": "1, a"}
    end = {
        "exit_event": "cart.started", "exit_what1": "amount", "exit_how1": "at_least", "exit_value1": "50", "exit_among": "ready:Champions",
    }  # fmt: skip
    answer = browser.post(f"{URL}rules/", RULES | test | end | {"trigger": "answer.given", "exits": ["bought"]})
    assert answer["Location"] == f"{URL}edit/"
    draft = Flow.objects.get().draft
    assert draft is not None
    champions = Segment.objects.get(name="Champions")
    assert (draft.trigger, champions.is_watched) == ("answer.given", True)
    assert draft.exits == [
        "bought",
        {"event": "cart.started", "where": [{"name": "amount", "test": "at_least", "value": 5000, "currency": "EUR"}]},
        {"event": "segment.entered", "where": [{"name": "segment", "test": "is", "value": champions.pk}]},
    ]
    assert draft.only_where == [
        {"name": "score", "test": "at_least", "value": 4}, {"name": "number", "test": "is_one_of", "value": ["1", "a"]},
    ]  # fmt: skip
    now = "Now: whoever answers a check-in (the score is at least 4, the order’s number is one of 1 or a) enters."
    assert now in html(browser.get(f"{URL}edit/"))
    page = html(browser.get(f"{URL}rules/"))
    ends = "buy, have this happen: cart started (the sum is at least €50.00) or come to be among “Champions”"
    assert f"It ends as soon as they {ends}." in page
    assert 'value="1, a"' in page
    assert f'<option value="{champions.pk}" selected>Champions</option>' in page
    assert '<option value="cart.started" selected>' in page


def test_rules_that_make_no_sense_are_refused_by_field(order, browser):
    page = html(browser.post(f"{URL}rules/", RULES | {"trigger": "segment.entered", "what1": "score", "exits": ["left_audience"]}))
    assert "A test needs both" in html(browser.post(f"{URL}rules/", RULES | {"exit_event": "review.given", "exit_what1": "score"}))
    untied = RULES | {"exit_what1": "score", "exit_value1": "2"}
    assert "Choose first what happens." in html(browser.post(f"{URL}rules/", untied))
    for words in ("Choose the segment that is entered or left.", "A test needs both", "names no order", "It is for everyone"):
        assert words in page
    assert Flow.objects.get().draft is None
    browser.post(f"{URL}rules/", RULES | {"trigger": "customer.birthday", "reentry": "after_days", "reentry_days": "300"})
    assert {row.anchor for row in Flow.objects.get().draft.steps.all()} == {"entered"}  # type: ignore[union-attr]


def test_a_group_becomes_a_segment_once_chosen_and_tells_who_enters_it_where_that_starts_the_flow(order, browser, store):
    page = html(browser.get(f"{URL}rules/"))
    assert '<option value="ready:At risk">At risk</option>' in page
    browser.post(f"{URL}rules/", RULES | {"trigger": "segment.entered", "reentry": "once", "audience": "ready:At risk"})
    held = Segment.objects.get()
    assert (held.name, held.is_watched, held.rule) == (
        "At risk", True, {"all": [{"what": "rfm_group", "op": "any", "values": ["at_risk"]}]},
    )  # fmt: skip
    draft = Flow.objects.get().draft
    assert draft is not None
    assert (draft.audience, draft.only_where) == (held, [{"name": "segment", "test": "is", "value": held.pk}])
    assert "comes to be among “At risk”" in html(browser.get(f"{URL}rules/"))
    tips = Step.objects.get(key="tips", version=draft)
    browser.post(f"{URL}edit/steps/tips/", form_of(tips, only_if="ready:At risk", anchor="entered", not_after_anchor=""))
    tips.refresh_from_db()
    assert (tips.only_if, Segment.objects.count()) == (held, 1)
    stranger = RULES | {"audience": "999"}
    assert "Select a valid choice" in html(browser.post(f"{URL}rules/", stranger))


def test_a_date_of_theirs_needs_to_be_named_with_the_days_after_it(order, browser):
    said = RULES | {"trigger": "customer.date", "reentry": "once"}
    assert "Say which date it is, and how many days after it." in html(browser.post(f"{URL}rules/", said))
    tests = {"what1": "date", "how1": "is", "value1": "their latest order", "what2": "days", "how2": "is", "value2": "90"}
    browser.post(f"{URL}rules/", said | tests)
    assert "Whoever is 90 days after their latest order enters." in html(browser.get(f"{URL}rules/"))
