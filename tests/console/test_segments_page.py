"""The pages of segments: writing a rule by buttons alone, what it comes to, who is in it and why, and the file of its members."""

import pytest

from campaigns.tasks import sweep_until_quiet
from customers.models import Customer
from segments import saving
from segments.models import Membership, Segment
from segments.rules import EVERYONE
from stores import clock
from tests.factories.customers import customer
from tests.factories.orders import place
from tests.segments.conftest import row

AT = "/s/marlow/segments/"
ONE_ORDER = {"r.mode": "all", "r.0.what": "orders_count", "r.0.op": "at_least", "r.0.value": "1"}
PART = {"HX-Request": "true"}


@pytest.fixture
def browser(signed_in, mara):
    return signed_in(mara)


def post(browser, path, data, **rest):
    return browser.post(AT + path, data, **rest)


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_list_offers_what_is_worth_having_and_opens_it_filled_in(store, browser):
    page = text(browser.get(AT))
    assert "No segments yet" in page
    for name in ("Champions", "VIP: top 1 %", "New customers", "Lost for 180 days", "Birthday this month", "Never reviewed"):
        assert name in page
    ready = text(browser.get(AT + "new/?ready=lost"))
    assert 'value="Lost for 180 days"' in ready
    assert "Customers who placed their last order more than 180 days ago." in ready


@pytest.mark.parametrize(
    "key", ["champions", "vip", "new", "promising", "slipping", "lost", "gifters", "birthday", "gift-first", "never-reviewed"]
)
def test_each_ready_made_one_can_be_saved_as_it_stands(store, browser, key):
    from segments import ready_made

    ready = ready_made.find(store, key, today=clock.read().date())
    assert ready is not None
    kept = saving.create(store, name=ready.name, rule=ready.rule, now=clock.read())
    sweep_until_quiet()
    assert not Segment.objects.get(pk=kept.pk).problem
    assert ready.name in text(browser.get(AT))


def test_a_rule_is_written_by_buttons_alone_and_saved(store, browser):
    page = text(post(browser, "new/", {**ONE_ORDER, "act": "row:r"}))
    assert "Row 2" in page and 'name="r.1.what"' in page and "autofocus" in page
    grouped = {**ONE_ORDER, "act": "group:r"}
    page = text(post(browser, "new/", grouped))
    assert 'name="r.1.mode"' in page and 'name="r.1.0.what"' in page
    data = {**ONE_ORDER, "r.1.mode": "not", "r.1.0.what": "country", "r.1.0.op": "any", "r.1.0.values": "Germany, at"}
    page = text(post(browser, "new/", {**data, "act": "remove:r.1.0"}))
    assert 'name="r.1.mode"' not in page
    answer = post(browser, "new/", {**data, "act": "save", "name": "Not from here", "watched": "on"})
    kept = Segment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{AT}{kept.pk}/")
    assert (kept.name, kept.is_watched) == ("Not from here", True)
    assert kept.rule == {
        "all": [row("orders_count", "at_least", value="1"), {"not": [row("country", "any", values=["DE", "AT"])]}]
    }  # fmt: skip
    page = text(browser.get(f"{AT}{kept.pk}/"))
    assert "Customers who have placed at least 1 order and are not those who live in Germany or Austria." in page


def test_another_subject_asks_with_its_own_controls(store, browser):
    page = text(post(browser, "new/", {"r.mode": "all", "r.0.what": "last_order", "r.0.op": "at_least", "act": "redraw"}))
    assert 'name="r.0.days"' in page and 'name="r.0.value"' not in page
    page = text(post(browser, "new/", {"r.mode": "all", "r.0.what": "ordered", "r.0.op": "did", "r.0.when": "between", "act": "redraw"}))
    assert 'name="r.0.times"' in page and 'name="r.0.start"' in page


def test_a_button_pressed_with_script_brings_the_rule_alone_and_has_it_counted_again(store, browser):
    answer = post(browser, "new/", {**ONE_ORDER, "act": "row:r"}, headers=PART)
    assert answer["HX-Trigger-After-Settle"] == "ruled"
    assert answer.content.decode().lstrip().startswith('<div id="rule">')


def test_a_bad_rule_is_not_saved_and_each_row_says_why(store, browser):
    data = {**ONE_ORDER, "r.0.value": "many", "r.1.what": "last_order", "r.1.op": "in_last", "name": "X", "act": "save"}
    answer = post(browser, "new/", data)
    page = text(answer)
    assert (answer.status_code, Segment.objects.count()) == (422, 0)
    assert "<title>Error: New segment" in page
    assert "Row 1: Enter a number." in page and "Row 2: Enter a whole number." in page
    assert 'value="many"' in page and 'value="X"' in page


def test_a_name_that_is_taken_is_refused_beside_its_field(store, browser):
    saving.create(store, name="First", rule=EVERYONE, now=clock.read())
    answer = post(browser, "new/", {**ONE_ORDER, "name": "First"})
    assert (answer.status_code, Segment.objects.count()) == (422, 1)
    assert "There is a segment of that name already" in text(answer)


def test_the_count_says_how_many_whom_marketing_reaches_and_some_with_their_reasons(store, browser):
    person = place(store, "1").customer
    place(store, "2", customer={"external_id": "c2", "email": "bo@example.com", "name": "Bo", "marketing_consent": "subscribed"})
    page = text(post(browser, "count/", ONE_ORDER, headers=PART))
    assert '<span class="big">2</span>' in page
    assert "1 of them may get marketing." in page
    assert f'/customers/{person.pk}/">Ada Lovelace</a><span class="soft small">1 order</span>' in page
    assert 'id="sentence" hx-swap-oob="innerHTML">Customers who have placed at least 1 order.' in page


def test_the_count_names_the_row_that_leaves_nobody(store, browser):
    place(store, "1")
    data = {
        **ONE_ORDER, "r.1.what": "country", "r.1.op": "any", "r.1.values": "GB", "r.2.what": "spent", "r.2.op": "at_least",
        "r.2.value": "500",
    }  # fmt: skip
    page = text(post(browser, "count/", data, headers=PART))
    assert "Row 3 (have spent at least €500.00) leaves nobody of those before it." in page


def test_somebody_can_be_asked_about_and_each_row_answers(store, browser):
    place(store, "1")
    data = {**ONE_ORDER, "r.0.value": "2", "who": "ada@example"}
    page = text(post(browser, "count/", data, headers=PART))
    assert "<strong>No</strong>" in page and "is not in it" in page
    assert "have placed at least 2 orders" in page and "(1 order)" in page
    page = text(post(browser, "count/", {**ONE_ORDER, "who": "ada@example"}, headers=PART))
    assert "<strong>Yes</strong>" in page
    assert "No customer is called so." in text(post(browser, "count/", {**ONE_ORDER, "who": "nobody"}, headers=PART))


def test_rows_that_are_not_complete_are_counted_later(store, browser):
    assert "Complete the rows" in text(post(browser, "count/", {"r.mode": "all", "r.0.what": "tag"}, headers=PART))


def test_without_script_a_button_counts(store, browser):
    place(store, "1")
    assert '<span class="big">1</span>' in text(post(browser, "new/", {**ONE_ORDER, "act": "count"}))


def test_products_may_be_named_by_sku_and_one_that_is_none_is_said(store, browser):
    product = place(store, "1").lines.get().product
    assert product is not None
    product.sku = "KET-1"
    product.save()
    data = {"r.mode": "all", "r.0.what": "bought", "r.0.op": "did", "r.0.times": "1", "r.0.when": "ever", "name": "Kettles", "act": "save"}
    answer = post(browser, "new/", {**data, "r.0.skus": "KET-1, nothing"})
    assert answer.status_code == 422
    assert "No product has the SKU or name nothing." in text(answer)
    assert post(browser, "new/", {**data, "r.0.skus": "KET-1"}).status_code == 303
    assert Segment.objects.get().rule == {"all": [row("bought", "did", values=[str(product.pk)])]}


def test_a_circle_of_segments_is_refused_in_words(store, browser):
    first = saving.create(store, name="First", rule=EVERYONE, now=clock.read())
    second = saving.create(store, name="Second", rule=row("segment", "any", segment=first.pk), now=clock.read())
    data = {"r.mode": "all", "r.0.what": "segment", "r.0.op": "any", "r.0.segment": second.pk, "name": "First", "act": "save"}
    answer = post(browser, f"{first.pk}/", data)
    assert answer.status_code == 422
    assert "in the end asks about this segment" in text(answer)


def test_a_saved_segment_shows_its_curve_its_uses_and_its_members(store, browser):
    place(store, "1")
    kept = saving.create(store, name="Buyers", rule=row("orders_count", "at_least", value="1"), now=clock.read())
    outer = saving.create(store, name="Outer", rule=row("segment", "any", segment=kept.pk), now=clock.read())
    sweep_until_quiet()
    page = text(browser.get(f"{AT}{kept.pk}/"))
    assert "Members by day" in page and "1 now" in page and outer.name in page
    assert "Ada Lovelace" in text(browser.get(f"{AT}{kept.pk}/members/"))
    answer = browser.post(f"{AT}{kept.pk}/archive/", follow=True)
    assert "cannot be archived: the rule of “Outer” asks about it" in text(answer)
    listed = text(browser.get(AT))
    assert "Too new" in listed and "Customers who have placed at least 1 order." in listed


def test_archived_ones_stand_apart_and_can_be_taken_up_again(store, browser):
    kept = saving.create(store, name="Everybody", rule=EVERYONE, now=clock.read())
    browser.post(f"{AT}{kept.pk}/archive/", follow=True)
    assert "Everybody" not in text(browser.get(AT)) and "Everybody" in text(browser.get(AT + "?show=archived"))
    browser.post(f"{AT}{kept.pk}/restore/")
    assert "Everybody" in text(browser.get(AT))


def test_the_file_of_members_holds_no_formula(store, browser):
    customer(store, email="eve@example.com", name="=HYPERLINK(1)")
    kept = saving.create(store, name="Everybody", rule=EVERYONE, now=clock.read())
    sweep_until_quiet()
    answer = browser.get(f"{AT}{kept.pk}/export/")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("email,name,country")
    assert lines[1].startswith("eve@example.com,'=HYPERLINK(1),")
    assert answer["Content-Disposition"] == f'attachment; filename="segment-{kept.pk}.csv"'


def test_a_list_is_filled_by_hand(store, browser):
    ana = customer(store, email="ana@example.com", name="Ana")
    answer = browser.post(AT, {"name": "Fair"}, follow=True)
    listed = Segment.objects.get()
    assert f"{AT}{listed.pk}/members/" in answer.redirect_chain[-1][0]
    assert "Ana is on the list" in text(browser.post(f"{AT}{listed.pk}/members/edit/", {"who": "ana@example.com"}, follow=True))
    assert Membership.objects.get().customer_id == ana.pk
    browser.post(f"{AT}{listed.pk}/members/edit/", {"remove": ana.pk})
    assert (Membership.objects.count(), Customer.objects.count()) == (0, 1)


def test_a_viewer_reads_the_rule_and_has_no_builder(store, signed_in, vic):
    kept = saving.create(store, name="Buyers", rule=row("orders_count", "at_least", value="1"), now=clock.read())
    page = text(signed_in(vic).get(f"{AT}{kept.pk}/"))
    assert "Customers who have placed at least 1 order." in page
    assert 'id="builder"' not in page and "Archive" not in page


def test_nothing_that_a_form_can_say_breaks_the_builder(store, browser):
    odd = [
        {"r.mode": "xor", "r.0.what": "moon", "r.0.values": "\x00", "act": "save"},
        {"r.mode": "all", "r.0.mode": "any", "r.0.0.mode": "all", "r.0.0.0.mode": "not", "r.0.0.0.0.mode": "all", "act": "save"},
        {"act": "remove:r.9.9"}, {"act": "row:q"}, {"act": "group:r.0"}, {"act": "row:r.0", **ONE_ORDER}, {"act": ":::"}, {},
        {**ONE_ORDER, "r.0.value": "9" * 190, "act": "save"}, {**ONE_ORDER, "r.0.what": "bought", "r.0.values": "9" * 150, "act": "redraw"},
        {**ONE_ORDER, "r.0.what": "segment", "r.0.segment": "9" * 19, "act": "save", "name": "x"},
    ]  # fmt: skip
    for data in odd:
        assert post(browser, "new/", data).status_code in (200, 422), data
        assert post(browser, "count/", data, headers=PART).status_code == 200, data
    assert not Segment.objects.exists()
