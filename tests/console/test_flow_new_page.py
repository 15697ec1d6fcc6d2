"""Choosing a recipe, and the pages of flows that no order begins."""

import pytest

from campaigns import enrollment, flows, planning, recipes, step_words
from campaigns.models import Flow, FlowVersion, StepRun
from campaigns.tasks import sweep_until_quiet
from segments.models import Segment
from stores import clock

NEW = "/s/marlow/flows/new/"


def test_shows_what_each_recipe_does_says_first_and_needs(flow, mara, signed_in):
    page = signed_in(mara).get(NEW).content.decode()
    assert all(recipe.NAME in page for recipe in recipes.RECIPES.values())
    assert "“It left us: arriving Friday”" in page
    assert "Two orders or more, and none for half a year" in page
    assert "A discount code for first orders." in page
    assert page.index("Order status, 7 mails") < page.index("Post-purchase, 5 mails")  # what is there already comes last
    assert 'href="/s/marlow/flows/post-purchase/"' in page


@pytest.mark.parametrize("key", recipes.RECIPES)
def test_using_one_makes_a_draft_to_read_and_activate(store, mara, signed_in, key):
    browser = signed_in(mara)
    answer = browser.post(NEW, {"recipe": key})
    assert (answer.status_code, answer["Location"]) == (303, f"/s/marlow/flows/{key}/")
    assert Flow.objects.get(store=store, key=key).state == "draft"
    name = recipes.RECIPES[key].NAME
    assert f"{name} is here as a draft." in browser.get(f"/s/marlow/flows/{key}/").content.decode()
    review = browser.get(f"/s/marlow/flows/{key}/activate/").content.decode()
    assert f"Activate {name}" in review
    step = recipes.RECIPES[key].STEPS[0]["key"]
    assert browser.get(f"/s/marlow/flows/{key}/steps/{step}/").status_code == 200
    assert browser.get(f"/s/marlow/flows/{key}/rehearsal/").status_code == 200


def test_nobody_below_a_marketer_makes_flows_and_nothing_else_is_made(store, bob, mara, signed_in):
    assert signed_in(bob).post(NEW, {"recipe": "win-back"}).status_code == 403
    assert signed_in(mara).post(NEW, {"recipe": "moon-phase"}).status_code == 422
    assert not Flow.objects.filter(key="win-back").exists()


def test_a_flow_without_orders_is_one_stop_with_its_rules_and_no_dates(order, mara, signed_in):
    browser = signed_in(mara)
    browser.post(NEW, {"recipe": "win-back"})
    page = browser.get("/s/marlow/flows/win-back/").content.decode()
    assert "Comes to be among “Used to come back”" in page
    assert "Again after 365 days at the earliest. It ends as soon as they buy or unsubscribe from offers." in page
    assert "Order placed" not in page
    assert "probably" not in page
    assert "As <bdi>Ada Lovelace</bdi>" in page
    frame = browser.get(f"/s/marlow/flows/win-back/preview/how-is-it/?as={order.pk}").content.decode()
    assert "half a year behind it" in frame


def test_what_may_never_happen_has_no_date_on_the_line(order, mara, signed_in):
    browser = signed_in(mara)
    browser.post(NEW, {"recipe": "order-status"})
    page = browser.get("/s/marlow/flows/order-status/").content.decode()
    for words in (
        "Out for delivery",
        "Only if it is to be picked up",
        "Only if it is late",
        "Only if delivery fails",
        "Only if money goes back",
    ):
        assert f"<h2>{words}</h2>" in page
    assert "#map-pin" in page and "line-stop ready" not in page  # a class of its own would be another component's
    assert page.index("4 · Late") < page.index("Order received") < page.index("7 · Refund done")


def test_the_review_says_who_enters_and_asks_for_what_these_mails_need(store, mara, signed_in):
    browser = signed_in(mara)
    browser.post(NEW, {"recipe": "birthday"})
    review = browser.get("/s/marlow/flows/birthday/activate/").content.decode()
    assert "Whoever has a birthday from now on gets these mails." in review
    assert "No code for the offer “Birthday”." in review
    assert "no tips" not in review
    answer = browser.post("/s/marlow/flows/birthday/activate/", {"activate": "1"}, follow=True).content.decode()
    assert "Whoever has a birthday from now on gets its mails." in answer


def test_the_customer_page_promises_no_late_mail(order, mara, vic, signed_in):
    """It stands last among what is to come, with the case in which it goes."""
    flow = recipes.install(order.store, "order-status", now=clock.read())
    flows.activate(flow, now=clock.read())
    enrollment.enroll(flow, planning.orders_for_planning([order.pk]), now=clock.read())
    sweep_until_quiet()
    assert StepRun.objects.filter(step_key="late", state="waiting").exists()
    page = signed_in(vic).get(f"/s/marlow/customers/{order.customer_id}/").content.decode()
    assert "<b>If it is late</b>" in page
    assert "Goes only if money is given back." in page
    assert page.index("Usage tips") < page.index("<b>If it is late</b>")


def test_a_flow_says_what_starts_it(store):
    version = FlowVersion(trigger="answer.given", only_where=[{"name": "score", "test": "at_least", "value": 4}], reentry="per_order")
    assert step_words.rules(version) == ["Whoever answers a check-in (the score is at least 4) enters.", "Once an order."]


def test_a_flow_from_nothing_may_begin_with_coming_into_a_group_of_the_scores(store, mara, signed_in):
    browser = signed_in(mara)
    for name in ("Stay", "Stay a while"):
        browser.post(NEW, {"blank": "1", "name": name, "trigger": "group:at_risk"})
    segment = Segment.objects.get(name="Group: At risk")
    assert (segment.rule, segment.is_watched) == ({"what": "rfm_group", "op": "any", "values": ["at_risk"]}, True)
    for key in ("stay", "stay-a-while"):
        version = FlowVersion.objects.get(flow__key=key)
        assert (version.trigger, version.audience, version.only_where) == (
            "segment.entered", segment, [{"name": "segment", "test": "is", "value": segment.pk}],
        )  # fmt: skip
    assert "Whoever comes to be among “Group: At risk” enters." in step_words.rules(version)
