"""A day in the life of a support person, by the pages alone: asked, looked up, handed on, answered, taken back, closed."""

from django.core import mail
from django.test import Client

from campaigns.travel import travel_to
from customers.models import Event, Task
from enquiries.models import Enquiry, Mention
from offers.models import Offer, OfferCode
from orders.models import Order
from stores import clock
from tests.journeys.conftest import open_shop, order, parcel


def signed(user) -> Client:
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def read(browser: Client, path: str) -> str:
    answer = browser.get(f"/s/marlow/{path}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_late_parcel_from_the_question_to_the_closed_task(store, at, travel, bob, mara):
    travel(at("2026-11-02 09:00"))
    shop = open_shop(store)
    shop.tell("orders/create", order(at=clock.read()))
    shop.tell("shipments/create", parcel(at=at("2026-11-03 09:00"), expected_at=at("2026-11-04 15:00").isoformat()))
    travel_to(at("2026-11-09 10:00"))
    bought, his, hers = Order.objects.get(), signed(bob), signed(mara)
    assert "1042" in read(his, "orders/?state=late")

    Client().post(f"/t/{bought.token}/wish/", {"what": "late", "words": "My sister waits for it"})
    task = Task.objects.get(kind="wish")
    assert (task.title, task.order_number) == ("Finds that it takes too long", "1042")
    assert "My sister waits for it" in read(his, f"orders/{bought.pk}/")
    assert "paid, on its way" in read(his, "tasks/")

    page = f"customers/{bought.customer_id}/"
    his.post(f"/s/marlow/{page}note/", {"text": "@Mara, may she have something for the wait?"})
    assert "something for the wait" in read(hers, "")
    hers.post(f"/s/marlow/mentions/{Mention.objects.get().pk}/seen/")

    sorry = Offer.objects.create(store=store, name="Sorry", kind="shared", code="SORRY5", value="5 off")
    his.post(f"/s/marlow/{page}help/give-code/", {"offer": sorry.pk})
    gave = Event.objects.filter(kind="staff.acted", data__has_key="undo").get()
    his.post(f"/s/marlow/{page}undo/{gave.pk}/")
    assert OfferCode.objects.get(offer=sorry).state == "ready"
    his.post(f"/s/marlow/{page}help/give-code/", {"offer": sorry.pk})
    assert "SORRY5" in read(his, page)

    mail.outbox.clear()
    his.post(f"/s/marlow/{page}help/write/", {"subject": "Your kettle is late", "text": "It stands in Leipzig. SORRY5 is for the wait."})
    talk = Enquiry.objects.get()
    travel_to(at("2026-11-09 10:01"))
    assert [sent.subject for sent in mail.outbox] == ["Your kettle is late"]
    assert talk.state == "waiting"

    his.post(f"/s/marlow/tasks/{task.pk}/close/")
    past = read(his, f"{page}?show=notes")
    for words in ("may she have something", "Taken back: Gave the code SORRY5", "Task closed: Finds that it takes too long"):
        assert words in past
    assert "Mentioned you" not in read(hers, "tasks/")
