"""Whom a flow is for, chosen on the page of its rules: a segment, or a ready-made group that becomes one."""

import pytest

from campaigns.models import Flow, Step
from segments.models import Segment
from tests.console.test_flow_editor_page import RULES, form_of, html

URL = "/s/marlow/flows/post-purchase/"


@pytest.fixture
def browser(flow, mara, signed_in):
    return signed_in(mara)


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
