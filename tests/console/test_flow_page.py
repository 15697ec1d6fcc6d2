"""The flow as a line, its preview, and the switches."""

import pytest

from campaigns.models import Flow, StepSwitch
from campaigns.tasks import sweep_until_quiet
from messaging.models import Message
from tests.factories.orders import place

URL = "/s/marlow/flows/post-purchase/"


def test_lists_flows_with_their_figures(order, vic, signed_in):
    page = signed_in(vic).get("/s/marlow/flows/").content.decode()
    assert "Post-purchase" in page
    assert "Active" in page


def test_draws_the_line_with_the_dates_of_the_latest_order(order, vic, signed_in):
    page = signed_in(vic).get(URL).content.decode()
    assert page.index("Order placed") < page.index("1 · Confirmation") < page.index("Order shipped") < page.index("2 · Usage tips")
    assert page.index("2 · Usage tips") < page.index("Order received") < page.index("3 · Goes well with it")
    assert "Sun 1 Mar" in page
    assert "at once" in page


def test_each_count_is_a_link_to_as_many_people(order, vic, signed_in):
    browser = signed_in(vic)
    page = browser.get(URL).content.decode()
    link = f"{URL}people/?step=tips&amp;state=waiting"
    assert f'<a href="{link}"><b>1</b> waiting</a>' in page
    people = browser.get(link.replace("&amp;", "&")).content.decode()
    assert "1 mail<" in people
    assert "Ada Lovelace" in people


def test_previews_the_chosen_step_in_a_locked_frame(order, vic, signed_in):
    browser = signed_in(vic)
    page = browser.get(f"{URL}?step=tips&as={order.pk}").content.decode()
    assert f"{URL}preview/tips/?as={order.pk}" in page
    frame = browser.get(f"{URL}preview/tips/?as={order.pk}")
    assert "Rinse it." in frame.content.decode()
    assert frame["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert not Message.objects.exists()


def test_previews_the_text_part(order, vic, signed_in):
    text = signed_in(vic).get(f"{URL}preview/tips/?as={order.pk}&view=text").content.decode()
    assert "<pre" in text
    assert "Rinse it." in text


def test_stands_without_any_order(flow, vic, signed_in):
    browser = signed_in(vic)
    assert "Ana Ribeiro</bdi> (made up)" in browser.get(URL).content.decode()
    assert "Rinse it twice" in browser.get(f"{URL}preview/tips/").content.decode()


def test_activates_after_asking_who_sends_the_confirmation(flow, mara, signed_in):
    Flow.objects.update(state="draft")
    browser = signed_in(mara)
    page = browser.get(f"{URL}activate/").content.decode()
    assert "Our shop already sends this" in page
    assert "Past orders get nothing" in page
    answer = browser.post(f"{URL}activate/", {"shop-confirmation": "shop"})
    assert (answer.status_code, answer["Location"]) == (303, URL)
    assert Flow.objects.get().state == "live"
    assert StepSwitch.objects.get(step_key="confirmation").choice == "shop"


def test_does_not_activate_without_a_senders_address(flow, store, mara, signed_in):
    Flow.objects.update(state="draft")
    store.sender_email = ""
    store.save()
    answer = signed_in(mara).post(f"{URL}activate/")
    assert answer.status_code == 422
    assert "There is no sender" in answer.content.decode()
    assert Flow.objects.get().state == "draft"


def test_pauses(flow, mara, signed_in):
    assert signed_in(mara).post(f"{URL}pause/").status_code == 303
    assert Flow.objects.get().state == "paused"


def test_switches_one_step(flow, mara, signed_in):
    browser = signed_in(mara)
    assert browser.post(f"{URL}steps/tips/switch/", {"choice": "paused"}).status_code == 303
    assert StepSwitch.objects.get(step_key="tips").choice == "paused"
    assert browser.post(f"{URL}steps/tips/switch/", {"choice": "shop"}).status_code == 404


@pytest.mark.parametrize("path", ["pause/", "activate/", "steps/tips/switch/"])
def test_support_does_not_switch(flow, bob, signed_in, path):
    assert signed_in(bob).post(URL + path, {"choice": "paused"}).status_code == 403
    assert Flow.objects.get().state == "live"
    assert "Pause" not in signed_in(bob).get(URL).content.decode()


@pytest.mark.parametrize("path", ["", "people/", "activate/", "preview/tips/"])
def test_a_stranger_learns_nothing(order, mallory, signed_in, path):
    browser = signed_in(mallory)
    assert browser.get(URL + path).status_code == 404
    assert browser.get((URL + path).replace("marlow", "other")).status_code == 404


def test_a_watching_flow_says_so_counts_what_would_have_gone_and_sends_for_real_by_a_press(flow, store, kettle, mara, signed_in):
    browser = signed_in(mara)
    assert browser.post(f"{URL}watch/").status_code == 303
    place(store)
    sweep_until_quiet()
    page = browser.get(URL).content.decode()
    assert "This flow only watches." in page
    assert f'<a href="{URL}people/?step=confirmation&amp;state=watched"><b>1</b> would have gone</a>' in page
    people = browser.get(f"{URL}people/?step=confirmation&state=watched").content.decode()
    assert "1 mail<" in people
    assert "Watched only: this mail would have gone" in people
    assert "0 mails<" in browser.get(f"{URL}people/?step=confirmation&state=skipped").content.decode()
    assert "only watching: no customer gets its mails" in browser.get("/s/marlow/").content.decode()
    assert browser.post(f"{URL}send/").status_code == 303
    assert (Flow.objects.get().state, Message.objects.count()) == ("live", 0)
    assert browser.post(f"{URL}send/").status_code == 404


def test_only_marketers_let_it_watch_or_send(flow, bob, mallory, signed_in):
    for path in ("watch/", "send/"):
        assert signed_in(bob).post(URL + path).status_code == 403
        assert signed_in(mallory).post(URL + path).status_code == 404
    assert Flow.objects.get().state == "live"
    Flow.objects.update(state="watching")
    page = signed_in(bob).get(URL).content.decode()
    assert ("This flow only watches." in page, "Send for real" in page) == (True, False)
