"""A page asks the database as often for twenty rows as for ten, and not often."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import triggers
from customers import tasks_for_staff
from enquiries import conversations
from enquiries.letters import Letter
from surveys import answers
from tests.factories.integrations import connect, refused
from tests.factories.orders import NOW, place

EDITOR = [f"flows/post-purchase/{name}" for name in ("edit/", "edit/steps/tips/", "rules/", "publish/", "history/")]
#: Beside every other page's twelve: the preview draws a whole mail and says what is missing before the flow may start; the editor reads
#: two versions of a flow, what they differ in, what can be taken back, and who is in it; beside a mail that is written stands who
#: writes it, and all that can be put into it; a conversation has the customer's whole history beside it.
BUDGETS = {"start/preview/": 14, "inbox/{talk}/": 17, **dict.fromkeys(EDITOR, 15)}
PAGES = [
    "", "flows/", "flows/post-purchase/", "flows/post-purchase/people/", "flows/post-purchase/activate/",
    *EDITOR,
    "flows/post-purchase/steps/tips/", "flows/post-purchase/steps/goes-well/", "customers/", "customers/{customer}/",
    "customers/?group=recent&tag=vip&spent=1&orders=one&since=2026-01-01", "analytics/groups/",
    "inbox/", "inbox/{talk}/", "settings/desk/", "orders/", "orders/{order}/", "answers/", "tasks/", "messages/",
    "messages/?days=30&outcome=sent", "analytics/deliverability/", "analytics/engagement/", "settings/actions/", "segments/",
    "segments/new/", "products/", "products/{product}/", "offers/", "connections/",
    "connections/inputs/",
    "start/", "start/source/", "start/connect/", "start/import/", "start/brand/", "start/preview/", "start/test/",
    "keys/", "settings/",
    "settings/domain/", "settings/brand/", "start/activate/", "settings/sender/", "settings/sending/", "settings/team/", "search/?q=buyer",
]  # fmt: skip


def fill(store, first, last):
    connected = connect(store)
    for number in range(first, last):
        customer = {"external_id": f"c{number}", "email": f"buyer{number}@example.com", "name": f"Buyer {number}"}
        lines = [
            {
                "external_id": "l1", "name": "Thing", "quantity": 1, "unit_price": "59.90", "product_external_id": f"p{number}", "sku": "",
            }
        ]  # fmt: skip
        order = place(store, f"9{number}", customer=customer, lines=lines)
        response = answers.ask("check-in", store=store, customer=order.customer, order=order, now=NOW)
        answers.answer(response, score=1, now=NOW)
        conversations.ask(order.customer, Letter("a@example.com", "Ada", "Hi", "Hi"), order=order, way="tracker", now=NOW)
        tasks_for_staff.open_task(order.customer, kind="call", key=f"call:{number}", title="Call", due_at=NOW, now=NOW)
        refused(connected, delivery_id=str(number))
    while triggers.read(now=NOW):
        pass


def queries(browser, url):
    """Ask for a page twice, as the first asking fills what is kept, and count what the second asks the database."""
    browser.get(url)
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(url)
    assert answer.status_code == 200, url
    return len(seen)


def test_ten_rows_and_twenty_cost_the_same(order, store, alice, signed_in):
    browser = signed_in(alice)
    talk = conversations.ask(order.customer, Letter("a@example.com", "Ada", "Hi", "Hi"), order=order, way="tracker", now=NOW)
    ids = {"talk": talk.pk, "customer": order.customer_id, "order": order.pk, "product": order.lines.get().product_id}
    fill(store, 0, 10)
    ten = {path: queries(browser, "/s/marlow/" + path.format(**ids)) for path in PAGES}
    fill(store, 10, 20)
    assert {path: queries(browser, "/s/marlow/" + path.format(**ids)) for path in PAGES} == ten
    assert {path: count for path, count in ten.items() if count > BUDGETS.get(path, 12)} == {}
