"""Order mails that were never answered for: a person is asked, once, and no more once news comes."""

from datetime import timedelta

import pytest

from customers.models import Task
from messaging import unknown
from messaging.models import Message
from tests.factories.orders import NOW, place

LATER = NOW + timedelta(minutes=40)


@pytest.fixture
def lost(store):
    order = place(store)

    def make(key, **fields):
        said = {"purpose": "transactional", "is_urgent": True, "state": "unknown", "attempts": 1, "subject": f"Mail {key}", "text": "Hi"}
        whom = {"to_email": "ada@example.com", "from_email": "hello@marlow.example"}
        times = {"created_at": NOW, "due_at": NOW, "use_by": NOW}
        about = {"store": store, "customer": order.customer, "order": order, "dedupe_key": key}
        return Message.objects.create(**{**about, **said, **whom, **times, **fields})

    return make


def test_an_order_mail_that_stays_unknown_becomes_one_task_until_news_settles_it(lost):
    mail = lost("order")
    lost("news", purpose="marketing")
    lost("never tried", attempts=0)
    assert unknown.ask(now=NOW + timedelta(minutes=10)) == 0
    assert unknown.ask(now=LATER) == 1
    assert unknown.ask(now=LATER + timedelta(minutes=10)) == 0
    task = Task.objects.get()
    assert (task.title, task.order_number, task.due_at) == ("Did “Mail order” arrive?", "#1001", LATER + timedelta(hours=4))
    assert unknown.mail_of(task) == mail.pk
    Message.objects.filter(pk=mail.pk).update(state="sent")
    assert unknown.ask(now=LATER + timedelta(hours=1)) == 1
    assert Task.objects.get().state == "closed"
