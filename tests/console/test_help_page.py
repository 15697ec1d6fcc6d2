"""What support may do for one customer, within limits, and each with a trace; and the sentence that says why a mail did not come."""

from datetime import timedelta

import pytest

from campaigns.models import Enrollment, Flow, FlowVersion, StepRun
from campaigns.one_off import drafts
from campaigns.one_off.models import Campaign
from campaigns.tasks import sweep_until_quiet
from customers.models import Alias, Customer, Event, Task
from enquiries.models import Desk, Enquiry
from messaging.models import Message
from offers.models import Offer, OfferCode
from orders.models import Order
from segments import saving
from stores import clock
from tests.factories.customers import customer
from tests.factories.orders import NOW


@pytest.fixture
def url(order):
    return f"/s/marlow/customers/{order.customer_id}/"


def acted(order) -> list[str]:
    return [event.data["text"] for event in Event.objects.filter(customer=order.customer, kind="staff.acted").order_by("pk")]


def test_codes_are_given_by_hand_only_as_many_as_the_role_may_give(url, order, store, bob, alice, signed_in):
    Desk.objects.create(store=store, support_codes_a_month=1)
    pool = Offer.objects.create(store=store, name="Sorry", kind="pool", value="5 off")
    OfferCode.objects.bulk_create(OfferCode(store=store, offer=pool, code=f"SORRY{n}") for n in (1, 2))
    browser = signed_in(bob)
    assert "You may give 1 more within 30 days." in browser.get(f"{url}help/").content.decode()
    for _ in range(2):
        browser.post(f"{url}help/give-code/", {"offer": pool.pk})
    assert list(OfferCode.objects.filter(issued_at__isnull=False).values_list("code", flat=True)) == ["SORRY1"]
    assert [text.partition(" of")[0] for text in acted(order)] == ["Gave the code SORRY1"]
    assert "as many codes as your role may" in browser.get(f"{url}help/").content.decode()
    signed_in(alice).post(f"{url}help/give-code/", {"offer": pool.pk})
    page = signed_in(alice).post(f"{url}help/give-code/", {"offer": pool.pk}, follow=True).content.decode()
    assert "“Sorry” has no code left." in page and len(acted(order)) == 2


def test_a_code_is_taken_back_while_nobody_has_used_it_and_no_longer_counts(url, order, store, bob, signed_in):
    Desk.objects.create(store=store, support_codes_a_month=1)
    pool = Offer.objects.create(store=store, name="Sorry", kind="pool", value="5 off")
    OfferCode.objects.create(store=store, offer=pool, code="SORRY1")
    browser = signed_in(bob)

    def give() -> str:
        browser.post(f"{url}help/give-code/", {"offer": pool.pk})
        return f"{url}undo/{Event.objects.filter(kind='staff.acted').latest('pk').pk}/"

    undo = give()
    page = browser.get(url).content.decode()
    assert "Offers open" in page and undo in page
    browser.post(undo)
    assert OfferCode.objects.get().state == "ready"
    assert "Offers open" not in (page := browser.get(url).content.decode()) and undo not in page
    again = give()
    assert [text.partition(" of")[0] for text in acted(order)][::2] == ["Gave the code SORRY1", "Gave the code SORRY1"]
    OfferCode.objects.update(state="used")
    assert "The code was used already" in browser.post(again, follow=True).content.decode()


def test_a_corrected_address_gets_the_mails_and_the_old_one_stays_known(url, order, store, bob, signed_in):
    customer(store, "taken@example.com")
    browser, old = signed_in(bob), order.customer.email
    for wrong, why in (("ada", "no whole e-mail address"), ("taken@example.com", "Another customer has this address"), (old, "already")):
        assert why in browser.post(f"{url}help/correct-address/", {"email": wrong}, follow=True).content.decode()
    browser.post(f"{url}help/correct-address/", {"email": "Ada.New@example.com"})
    assert Customer.objects.get(pk=order.customer_id).email_key == "ada.new@example.com"
    assert (Alias.objects.get().email_key, Alias.objects.get().customer_id) == (old.lower(), order.customer_id)
    assert acted(order) == [f"E-mail address corrected: {old} became Ada.New@example.com"]


def test_a_mail_is_sent_again_as_it_was_to_the_address_that_holds_now(url, order, bob, signed_in):
    sweep_until_quiet()
    first = Message.objects.get(step="confirmation")
    Customer.objects.filter(pk=order.customer_id).update(email="new@example.com", email_key="new@example.com")
    signed_in(bob).post(f"{url}help/send-again/", {"mail": first.pk})
    sweep_until_quiet()
    again = Message.objects.get(repeats=first)
    assert (again.state, again.to_email, again.subject, again.text == first.text) == ("sent", "new@example.com", first.subject, True)
    assert acted(order) == [f"Sent again: {first.subject}"]


def test_money_back_is_a_task_a_flow_starts_once_and_a_first_mail_is_a_conversation(url, order, store, bob, signed_in):
    browser = signed_in(bob)
    browser.post(f"{url}help/flag/", {"what": "refund", "order": order.pk, "text": "It leaks"})
    task = Task.objects.get()
    assert (task.kind, task.title, task.detail) == ("refund", f"Give money back: order {order}", "It leaks")
    flow = Flow.objects.get()
    page = browser.post(f"{url}help/start-flow/", {"flow": flow.pk, "order": order.pk}, follow=True).content.decode()
    assert "lets them in no more" in page and Enrollment.objects.count() == 1
    Enrollment.objects.all().delete()
    browser.post(f"{url}help/start-flow/", {"flow": flow.pk, "order": order.pk})
    assert (Enrollment.objects.count(), acted(order)[-1]) == (1, f"Started “{flow}” for order {order}")
    browser.post(f"{url}help/write/", {"subject": "About your kettle", "text": "We found a fault."})
    talk = Enquiry.objects.get()
    assert (talk.state, talk.assignee, Message.objects.get(step="answer").subject) == ("waiting", bob, "About your kettle")


def test_why_a_mail_did_not_come_is_said_in_one_sentence(url, order, bob, signed_in, travel):
    browser = signed_in(bob)

    def why(step: str) -> str:
        page = browser.get(f"{url}help/?why=post-purchase/{step}").content.decode()
        return str(page.partition('role="status"><strong>')[2].partition("</strong>")[0])

    assert why("tips").startswith("Goes once the order is shipped")
    assert (
        'href="/s/marlow/flows/post-purchase/">The flow and its rules</a>'
        in browser.get(f"{url}help/?why=post-purchase/tips").content.decode()
    )
    StepRun.objects.filter(step_key="tips").update(state="planned", due_at=NOW, facts={"basis": "shipped", "anchor_at": NOW.isoformat()})
    assert why("tips").startswith("It has not gone yet, and goes on ") and ": planned because the order was shipped on " in why("tips")
    browser.post(f"{url}next/{StepRun.objects.get(step_key='tips').pk}/skip/")
    assert why("tips").startswith("Skipped: skipped by hand. It was decided on ")
    travel(clock.read() + timedelta(minutes=1))
    sweep_until_quiet()
    assert why("confirmation").startswith("It was sent on ") and "nothing was heard since" in why("confirmation")
    Enrollment.objects.all().delete()
    assert "its rules of who may enter did not fit then: Whoever orders enters. Once an order." in why("tips")
    for kept_out, said in (
        ({"is_test": True}, f"order {order} was a test."),
        ({"is_history": True}, f"order {order} came in as history, about which nobody is mailed."),
        ({"cancelled_at": NOW}, f"nothing more goes out about order {order}: order was cancelled."),
    ):
        Order.objects.update(**{"is_test": False, "is_history": False, "cancelled_at": None} | kept_out)
        assert why("tips").endswith(said)
    rule = {"all": [{"what": "country", "op": "any", "values": ["FR"]}]}
    FlowVersion.objects.update(audience=saving.create(order.store, name="The French", rule=rule, now=NOW))
    assert why("tips").endswith("it was only for those in “The French”, and they are not among them.")
    FlowVersion.objects.update(only_where=[{"name": "total", "test": "at_least", "value": 100000}])
    assert "it was not what the flow is for: whoever orders (" in why("tips")
    Flow.objects.update(activated_at=clock.read())
    assert "before it was switched on" in why("tips")
    assert why("nothing/../x").startswith("They never entered")


def test_why_a_campaign_did_not_come_is_said_by_its_people(url, order, store, bob, signed_in):
    rule = {"all": [{"what": "country", "op": "any", "values": ["FR"]}]}
    french = saving.create(store, name="The French", rule=rule, now=NOW)
    news = drafts.create(store, name="News", content={"subject": "News", "blocks": [{"kind": "divider"}]}, now=NOW)
    Campaign.objects.update(audience=french, pressed_at=NOW, starts_at=NOW, state="scheduled")

    def why() -> str:
        page = signed_in(bob).get(f"{url}help/?why={news.flow.key}/mail").content.decode()
        assert f'<option value="{news.flow.key}/mail" selected>News</option>' in page
        return str(page.partition('role="status"><strong>')[2].partition("</strong>")[0])

    assert why().startswith("“News” chooses its people when it goes, and it goes on ")
    Campaign.objects.update(frozen_at=NOW, state="done")
    assert why().startswith("They were not among “The French” when its people were chosen on ")
    Customer.objects.update(country="FR")
    assert why().endswith(" Today they are.")
    Campaign.objects.update(frozen_at=NOW - timedelta(days=900))
    assert why().startswith("They were not known yet when its people were chosen on ")
