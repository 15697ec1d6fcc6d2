"""What became of the mails: each number is the length of the list behind it."""

import re
from datetime import timedelta

import pytest

from messaging.models import Click, Link, Message, ProviderEvent
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory

PAGE = "/s/marlow/analytics/deliverability/"


@pytest.fixture
def mailed(store, now):
    """Return a way to add a sent mail, with what providers told of it."""

    def add(address: str, *told: str, days: float = 1, clicked: str = "", **fields) -> Message:
        at = clock.read() - timedelta(days=days)
        given = {"state": Message.State.SENT, "sent_at": at, "flow": "post-purchase", "step": "tips", "purpose": "service", **fields}
        message: Message = MessageFactory(customer=customer(store, address), created_at=at, **given)
        for number, kind in enumerate(told):
            ProviderEvent.objects.create(
                store=store, dedupe_key=f"{message.pk}:{number}", message=message, kind=kind, email_key=address, received_at=at,
                occurred_at=at,
            )  # fmt: skip
        if clicked:
            link = Link.objects.create(store=store, message=message, url="https://shop.example/")
            Click.objects.create(store=store, link=link, at=at, kind=clicked)
        return message

    return add


@pytest.fixture
def world(mailed):
    mailed("a@gmail.example", "delivered", clicked="human")
    mailed("b@gmail.example", "soft", "delivered", clicked="machine")
    mailed("c@gmail.example", "delivered", "complained")
    mailed("d@GMX.example", "hard", step="thanks", purpose="marketing")
    mailed("e@gmx.example", unsubscribed_at=clock.read(), step="thanks", purpose="marketing")
    mailed("f@gmx.example", state=Message.State.FAILED, sent_at=None)
    mailed("g@gmx.example", "unsubscribed", days=20)
    mailed("h@old.example", days=80)
    mailed("i@older.example", days=100)
    mailed("j@gmail.example", flow="", step="tips", days=40)
    mailed("k@gmail.example", "delivered", flow="", step="", days=40)


def figures(page: str) -> dict[str, list[int]]:
    """Return the numbers of both tables' rows by the first word of each."""
    found = {}
    for name, rest in re.findall(r"<tr><td>(.*?)</td>(.*?)</tr>", page.partition('id="domains"')[2], re.DOTALL):
        cells = re.findall(r'<td class="num" data-label="[^"]+">(.*?)</td>', rest, re.DOTALL)
        found[words(name)[0]] = [int(words(cell)[0]) for cell in cells]
    return found


def words(html: str) -> list[str]:
    return re.sub(r"<[^>]+>", " ", html).split()


def test_the_figures_of_each_domain_and_step(world, alice, signed_in):
    found = figures(signed_in(alice).get(PAGE).content.decode())
    assert {name: found[name] for name in ("gmail.example", "gmx.example", "tips", "thanks")} == {
        "gmail.example": [3, 3, 0, 1, 0, 1], "gmx.example": [3, 0, 2, 0, 2, 0], "tips": [4, 3, 1, 1, 1, 1], "thanks": [2, 0, 1, 0, 1, 0],
    }  # fmt: skip
    assert "old.example" not in found


@pytest.mark.parametrize(("days", "sent"), [("7", 5), ("30", 6), ("90", 9), ("", 6), ("9; DROP", 6)])
def test_the_period_is_chosen(world, alice, signed_in, days, sent):
    page = signed_in(alice).get(PAGE, {"days": days}).content.decode()
    assert re.findall(r'<span class="big">(\d+)</span>', page)[0] == str(sent)


@pytest.mark.parametrize("days", ["7", "30", "90"])
def test_every_number_is_the_length_of_its_list(world, alice, signed_in, days):
    browser = signed_in(alice)
    page = browser.get(PAGE, {"days": days}).content.decode()
    links = re.findall(r'<a href="(/s/marlow/messages/\?[^"]+)">(?:<span class="big">)?(\d+)<', page)
    assert len(links) > 15
    for href, number in links:
        listed = browser.get(href.replace("&amp;", "&")).content.decode()
        assert re.search(rf"<span>{number} mails?</span>", listed), (href, number)


def test_the_list_says_what_it_was_narrowed_to_and_lets_go_of_it(world, alice, signed_in):
    url = "/s/marlow/messages/?days=30&domain=gmx.example&step=thanks&flow=post-purchase&outcome=bounced"
    page = signed_in(alice).get(url).content.decode()
    assert "Only mails bounced, to gmx.example, of post-purchase thanks, in the last 30 days." in page
    assert '<a href="?">Clear</a>' in page
    assert '<input type="hidden" name="domain" value="gmx.example">' in page
    assert "1 mail</span>" in page


@pytest.mark.parametrize("query", ["domain=%00", "outcome=opened", "days=x", "domain=" + "x" * 999])
def test_a_filter_that_is_none_breaks_nothing(world, alice, signed_in, query):
    assert signed_in(alice).get(f"/s/marlow/messages/?{query}").status_code == 200


def test_complaints_are_drawn_against_the_two_lines_with_a_table_beside(mailed, alice, signed_in):
    for number in range(3):
        mailed(f"p{number}@gmail.example", "complained")
    page = signed_in(alice).get(PAGE, {"days": "7"}).content.decode()
    assert page.count('<rect class="bar critical"') == 2
    assert "The highest weekly rate of the last 7 days is 0.30 per cent; the last is 0.30 per cent." in page
    assert page.count('<line class="limit"') == 2
    assert page.count('<td class="num" data-label="Rate">0.30 %</td>') == 2
    assert page.count('<td class="num" data-label="Rate">0.00 %</td>') == 5


def test_where_no_mail_account_tells_it_delivered_is_a_dash_and_no_nought(mailed, alice, signed_in):
    mailed("a@gmail.example")
    page = signed_in(alice).get(PAGE).content.decode()
    assert '<span class="big">–</span>delivered: nobody tells us' in page
    assert page.count('<td class="num" data-label="Delivered"><span class="soft">–</span></td>') == 2


def test_opens_are_not_measured_and_it_says_why(world, alice, signed_in):
    page = signed_in(alice).get(PAGE).content.decode()
    assert "Opens are not measured: mail programs load pictures by themselves" in page


def test_a_store_without_mails_is_told_what_will_stand_here(store, now, alice, signed_in):
    page = signed_in(alice).get(PAGE).content.decode()
    assert "No mail in this time" in page and '<svg class="chart"' not in page


def test_another_stores_mails_do_not_count(world, other, alice, mallory, signed_in):
    stranger = customer(other, "z@gmail.example")
    MessageFactory(customer=stranger, state=Message.State.SENT, sent_at=clock.read())
    assert figures(signed_in(alice).get(PAGE).content.decode())["gmail.example"][0] == 3
