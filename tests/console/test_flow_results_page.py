"""A flow's results: figures that lead to their mails, a comparison, and the share of people it is withheld from."""

from campaigns.models import Enrollment, Flow

URL = "/s/marlow/flows/post-purchase/"


def test_before_anything_went_it_says_when_figures_come(flow, vic, signed_in):
    page = signed_in(vic).get(f"{URL}results/").content.decode()
    assert "<strong>First figures after 20 sends.</strong> Nothing has gone yet." in page
    assert "Nobody has been held out yet" in page
    assert 'name="holdout"' not in page


def test_too_few_to_tell_is_said_of_both_groups(order, mara, signed_in):
    Enrollment.objects.update(is_held_out=False)
    page = signed_in(mara).get(f"{URL}results/").content.decode()
    assert "<dt>Who bought</dt><dd>Too few to tell.</dd><dt>What each spent</dt><dd>Too few to tell.</dd>" in page


def test_holding_out_is_asked_when_a_flow_that_sells_is_activated_and_can_be_changed(flow, mara, signed_in):
    Flow.objects.update(state="draft", activated_at=None)
    browser = signed_in(mara)
    assert '<option value="5" selected>5 of 100</option>' in browser.get(f"{URL}activate/").content.decode()
    assert browser.post(f"{URL}activate/", {"activate": "1", "holdout": "10"}).status_code == 303
    assert Flow.objects.values_list("holdout_percent", "state").get() == (10, "live")
    assert browser.post(f"{URL}holdout/", {"holdout": "0"}).status_code == 303
    assert browser.post(f"{URL}holdout/", {"holdout": "70"}).status_code == 404
    assert Flow.objects.get().holdout_percent == 0


def test_the_page_costs_the_same_queries_however_many_went_through(flow, vic, signed_in, django_assert_max_num_queries, order):
    browser = signed_in(vic)
    browser.get(f"{URL}results/")
    with django_assert_max_num_queries(15):
        browser.get(f"{URL}results/")
