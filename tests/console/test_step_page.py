"""One step to read: as any customer, in the hard cases, with who gets it and when."""

from datetime import UTC, datetime
from html import unescape

import pytest

from campaigns.models import StepRun
from customers.models import Customer
from messaging.models import Message, Suppression
from orders.models import Order, OrderLine
from tests.factories.orders import NOW, place

FOR_EVER = datetime(2999, 1, 1, tzinfo=UTC)
URL = "/s/marlow/flows/post-purchase/steps/tips/"
FRAME = "/s/marlow/flows/post-purchase/preview/{}/?as={}&case={}&view={}"


def mail(browser, order, *, step="confirmation", case="", view="phone"):
    answer = browser.get(FRAME.format(step, order.pk, case, view))
    assert answer.status_code == 200
    return unescape(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def test_says_who_gets_it_and_when(order, vic, signed_in):
    page = unescape(signed_in(vic).get(f"{URL}?as={order.pk}").content.decode())
    assert "1 of 1 customers may get it: all but those who want no help mails." in page
    assert "It goes 1 day after shipping, at the latest 6 h before the expected day." in page
    assert "For order #1001: probably " in page


def test_counts_nobody_whose_address_takes_no_mail(order, store, vic, signed_in):
    browser = signed_in(vic)
    on_list = Suppression.objects.create(
        store=store, email_key=order.customer.email_key, cause=Suppression.Cause.HARD_BOUNCE, at=NOW, expires_at=FOR_EVER
    )
    assert "0 of 1 customers may get it" in browser.get(URL).content.decode()
    Suppression.objects.filter(pk=on_list.pk).update(expires_at=NOW)
    assert "1 of 1 customers may get it" in browser.get(URL).content.decode()


def test_each_count_is_a_link_to_as_many_people(order, vic, signed_in):
    browser = signed_in(vic)
    StepRun.objects.filter(step_key="tips").update(state="skipped", reason="no_tips")
    page = browser.get(URL).content.decode()
    link = "/s/marlow/flows/post-purchase/people/?step=tips&amp;state=skipped&amp;reason=no_tips"
    assert f'<a class="grow" href="{link}">' in page
    assert "1 mail<" in browser.get(unescape(link)).content.decode()


def test_finds_a_customer_to_read_it_as(order, store, vic, signed_in):
    other = place(store, "1002", customer={"external_id": "c2", "email": "bo@example.com", "name": "Bo Ek"})
    page = signed_in(vic).get(f"{URL}?q=Ada").content.decode()
    assert f"preview/tips/?as={order.pk}&amp;view=phone" in page
    assert "Bo Ek" in signed_in(vic).get(f"{URL}?as={other.pk}").content.decode()


def test_shows_the_row_of_an_inbox(order, vic, signed_in):
    page = signed_in(vic).get(f"{URL}?view=inbox&as={order.pk}").content.decode()
    assert '<span class="inbox-from">Jo at Marlow &amp; Finch</span>' in page
    assert "<iframe" not in page


@pytest.mark.parametrize(
    "case", ["no-name", "long-name", "twelve-items", "right-to-left", "gift", "no-pictures", "three-decimals", "nonsense"]
)
@pytest.mark.parametrize("step", ["confirmation", "tips", "check-in"])
def test_every_hard_case_is_drawn_and_nothing_is_kept(order, vic, signed_in, step, case):
    before = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Customer)]
    assert "cannot be drawn" not in mail(signed_in(vic), order, step=step, case=case)
    assert [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Customer)] == before
    assert not Message.objects.exists()


def test_the_hard_cases_are_what_they_say(order, vic, signed_in):
    browser = signed_in(vic)
    assert "Ada" in mail(browser, order)
    assert "Ada" not in mail(browser, order, case="no-name")
    assert "Maximiliana-Theophila" in mail(browser, order, case="long-name")
    assert mail(browser, order, case="twelve-items", view="text").count("Kettle") >= 12
    assert "فاطمة" in mail(browser, order, case="right-to-left")
    assert "KWD 59.900" in mail(browser, order, case="three-decimals")
    assert "Nora Lindqvist, Harbour Lane 12, c/o Wren, 20457 Farport" in mail(browser, order, case="gift")


def test_stands_without_any_order(flow, vic, signed_in):
    page = signed_in(vic).get(URL).content.decode()
    assert 'Ana Ribeiro <span class="soft">(made up)</span>' in page
    assert "For order" not in page


def test_an_unknown_step_is_not_here(order, vic, signed_in):
    assert signed_in(vic).get(URL.replace("tips", "nonsense")).status_code == 404
