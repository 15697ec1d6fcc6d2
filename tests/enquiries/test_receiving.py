"""From the door to the conversation: proved, kept, threaded, acknowledged, owed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail as outbox_mail

from campaigns.tasks import sweep_until_quiet
from customers.models import Customer, Event, Task
from enquiries import canned, conversations, desk_work, hours, reviewing
from enquiries.files import File
from enquiries.models import Arrival, CannedAnswer, Enquiry, EnquiryMessage
from messaging.models import Message
from orders.models import Order
from stores import clock, phrases
from surveys import reviews
from tests.enquiries.conftest import deliver, letter, mail, postmark
from tests.factories.messaging import MessageFactory
from tests.factories.orders import place
from tests.stores.test_logos import picture

pytestmark = pytest.mark.django_db


def test_a_letter_becomes_a_conversation_with_a_task_and_an_event_and_is_acknowledged_at_once(desk, ana):
    assert deliver(desk, mail()) == 200
    enquiry = Enquiry.objects.get()
    assert (enquiry.customer, enquiry.subject, enquiry.state, enquiry.way) == (ana, "My kettle", "open", "mail")
    task = Task.objects.get()
    assert (task.kind, task.state, task.due_at, enquiry.task) == ("enquiry", "open", enquiry.due_at, task)
    assert f"{enquiry.due_at:%d %H:%M}" == "03 09:00"  # eight hours of the desk: seven on Monday, one on Tuesday
    event = Event.objects.get(kind="reply.received")
    assert (event.data["text"], event.data["enquiry"]) == ("Where is my kettle?", enquiry.pk)
    sweep_until_quiet()
    [sent] = outbox_mail.outbox
    assert (sent.subject, sent.to, sent.reply_to) == (
        "Re: My kettle",
        ["Ana Ribeiro <ana@example.com>"],
        [f"answers+{enquiry.token}@in.marlow.example"],
    )
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
    assert (sent.extra_headers["In-Reply-To"], sent.extra_headers["References"]) == ("<one@example.com>", "<one@example.com>")
    said = "Thank you, Ana. You have our answer by tomorrow, 10:00. We are here: Monday–Friday 9:00–17:00 (Berlin time)."
    assert said in " ".join(sent.body.split())


def test_at_night_it_says_when_somebody_is_back(desk, ana):
    clock.set_to(clock.read().replace(day=6, hour=20))
    deliver(desk, mail())
    assert "You have our answer by Monday, 17:00. We are back: Monday, 9:00." in Message.objects.get().text.replace("\n", " ")


def test_the_door_opens_to_its_own_password_only_and_keeps_a_repeated_delivery_once(desk, ana):
    assert deliver(desk, mail(), password="guessed") == 401
    assert (Arrival.objects.count(), Enquiry.objects.count()) == (0, 0)
    assert [deliver(desk, mail()), deliver(desk, mail())] == [200, 200]
    assert (Arrival.objects.count(), EnquiryMessage.objects.filter(direction="in").count()) == (1, 1)


def test_a_providers_own_format_is_read_and_what_is_none_is_set_aside(desk, ana):
    desk.provider = "postmark"
    desk.save()
    assert deliver(desk, postmark(), content_type="application/json") == 200
    assert (Enquiry.objects.get().subject, EnquiryMessage.objects.get(direction="in").text) == ("Hello", "Hello there")
    assert deliver(desk, b"[]", content_type="application/json") == 200
    assert Arrival.objects.order_by("-id")[0].error.startswith("This is no mail as Postmark hands it over")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "It says that a machine wrote it."),
        ({"Auto_Submitted": "auto-generated; owner=x"}, "It says that a machine wrote it."),
        ({"Precedence": "bulk"}, "It is an automatic answer."),
        ({"X_Autoreply": "yes"}, "It is an automatic answer."),
        ({"X_Loop": "ana@example.com"}, "It has come round in a loop."),
        ({"Return_Path": "<>"}, "A mail server wrote it."),
        ({"List_Id": "<news.example.com>"}, "It went to a list."),
        ({"From": "MAILER-DAEMON@example.com"}, "Its address is no person’s."),
        ({"From": "no-reply@example.com"}, "Its address is no person’s."),
        ({"Subject": "Automatische Antwort: Re: My kettle"}, "Its subject is that of an automatic answer."),
        ({"Subject": "=?utf-8?q?R=C3=A9ponse_automatique?="}, "Its subject is that of an automatic answer."),
        ({"Auto_Submitted": "no"}, ""),
        ({"Subject": "Order out of stock?"}, ""),
        ({"X_Auto_Response_Suppress": "All"}, ""),
    ],
)
def test_what_no_person_wrote_is_told_by_its_headers_or_words(headers, why):
    assert letter(**headers).automatic == why


def test_what_no_person_wrote_is_kept_and_owes_nobody_an_answer(store, desk, ana):
    deliver(desk, mail(Auto_Submitted="auto-replied"))
    assert (Enquiry.objects.get().state, Task.objects.count(), Message.objects.count()) == ("closed", 0, 0)
    deliver(desk, mail(Message_ID="<two@example.com>", X_Auto_Response_Suppress="All", Subject="Please"))
    assert (Enquiry.objects.filter(state="open").count(), Message.objects.count()) == (1, 0)
    deliver(desk, mail(Message_ID="<three@example.com>", From=store.sender_email))
    assert Arrival.objects.order_by("-id")[0].error == "It came from the shop’s own address: a loop."


def test_two_machines_that_answer_each_other_are_stopped(store, desk, ana):
    for number in range(20):
        conversations.receive(store, letter(Message_ID=f"<{number}@example.com>", References="<0@example.com>"), now=clock.read())
    assert Enquiry.objects.count() == 1
    assert EnquiryMessage.objects.filter(automatic__startswith="So many").count() == 8
    assert Message.objects.count() == 1


def test_acknowledged_is_a_conversation_once_a_day_and_a_customer_three_times(store, desk, ana):
    for number in range(5):
        conversations.receive(store, letter(Message_ID=f"<{number}@example.com>", Subject=f"Question {number}"), now=clock.read())
    assert (Enquiry.objects.count(), Message.objects.count()) == (5, 3)


def test_a_stranger_gets_nothing_by_itself_and_is_a_customer_once_answered(store, desk, bob):
    conversations.receive(store, letter(From="Joe <joe@example.com>"), now=clock.read())
    enquiry = Enquiry.objects.get()
    assert (enquiry.customer, enquiry.who, Message.objects.count(), Customer.objects.count()) == (None, "Joe", 0, 0)
    desk_work.answer(enquiry, text="We do.", by=bob, read_up_to=enquiry.messages.get().pk, now=clock.read())
    enquiry.refresh_from_db()
    assert (str(enquiry.customer), Customer.objects.get().marketing, Message.objects.get().to_email) == ("Joe", "never", "joe@example.com")


THREADS = [
    ("in reply to our mail", lambda mail, one: {"In_Reply_To": f"<{mail.token}@marlow.example>"}),
    ("folded references, the nearest last", lambda mail, one: {"References": f"<x@y.example>\r\n <{mail.token}@marlow.example>"}),
    ("bare ids without brackets", lambda mail, one: {"In_Reply_To": f"{mail.token}@marlow.example"}),
    ("ids with a comment, as old Outlook", lambda mail, one: {"In_Reply_To": f'"Jo"\'s message <{mail.token}@marlow.example>'}),
    ("the customer's own earlier mail", lambda mail, one: {"References": "<one@example.com>"}),
    ("only the address, ids rewritten by a provider", lambda mail, one: {"To": f"answers+{one.token}@in.marlow.example"}),
    ("the address in Cc among others", lambda mail, one: {"Cc": f"Bo <bo@b.example>, <answers+{one.token}@in.marlow.example>"}),
    ("the subject alone, answered by a phone", lambda mail, one: {"Subject": "AW: Re: My kettle"}),
    ("a counted answer", lambda mail, one: {"Subject": "Re[3]: My kettle"}),
]


@pytest.mark.parametrize(("shape", "headers"), THREADS, ids=[shape for shape, _ in THREADS])
def test_a_letter_goes_on_with_its_conversation(store, desk, ana, shape, headers):
    one = conversations.receive(store, letter(), now=clock.read())
    ours = Message.objects.get()
    given = {"Message_ID": "<two@example.com>", "Subject": "Something else", **headers(ours, one)}
    assert conversations.receive(store, letter("More words", **given), now=clock.read()).pk == one.pk
    assert EnquiryMessage.objects.filter(enquiry=one, direction="in").count() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "My kettle"},  # the same words, but no answer
        {"Subject": "Re: My kettle", "From": "eve@example.com"},  # somebody else's
        {"References": "<unknown@example.com>", "Subject": "Re: My kettle"},
        {"To": "answers+AAAAAAAAAAAAAAAAAAAAAA@in.marlow.example"},
    ],
)
def test_a_letter_that_goes_on_with_nothing_begins_a_conversation(store, desk, ana, headers):
    one = conversations.receive(store, letter(), now=clock.read())
    assert conversations.receive(store, letter(Message_ID="<two@example.com>", **headers), now=clock.read()).pk != one.pk


def test_no_id_or_address_of_one_store_opens_a_conversation_of_another(store, other, desk, ana):
    one = conversations.receive(store, letter(), now=clock.read())
    given = {"Message_ID": "<two@example.com>", "References": "<one@example.com>", "To": f"answers+{one.token}@in.marlow.example"}
    theirs = conversations.receive(other, letter(**given), now=clock.read())
    assert (theirs.store, theirs.customer, theirs.pk != one.pk) == (other, None, True)


def test_an_answer_to_a_flows_mail_is_about_that_mails_order_and_customer_whatever_address_it_comes_from(store, desk, ana):
    sent = MessageFactory(customer=ana, state="sent", step="tips")
    enquiry = conversations.receive(store, letter(From="ana@work.example", In_Reply_To=f"<{sent.token}@x.example>"), now=clock.read())
    assert (enquiry.customer, enquiry.from_email) == (ana, "ana@work.example")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5", (5, "")),
        ("4/5\n\nPours well.", (4, "Pours well.")),
        ("3 von 5 Sternen!\nNa ja.", (3, "Na ja.")),
        ("★★★★", (4, "")),
        ("*****\nLovely", (5, "Lovely")),
        ("٤ من ٥\nجميل", (4, "جميل")),
        ("5 stars, but the lid?", None),
        ("6", None),
        ("4 mugs came, I ordered 5", None),
        ("Hello", None),
        ("", None),
    ],
)
def test_stars_are_read_from_a_line_that_says_nothing_else(text, said):
    assert reviewing.stars_of(text) == said


def test_an_answer_to_the_mail_that_asked_for_a_review_is_that_review_with_its_pictures_and_owes_nothing(store, desk, ana):
    order = place(store)
    Order.objects.update(customer=ana)
    asked = reviews.ask(Order.objects.select_related("customer").get(pk=order.pk), now=clock.read())
    sent = MessageFactory(customer=ana, order=order, state="sent", text=f"http://x/r/{asked.token}/?stars=5")
    follows = {"In_Reply_To": f"<{sent.token}@x.example>"}
    conversations.receive(store, letter("5", From="eve@example.com", Message_ID="<0@x.example>", **follows), now=clock.read())
    assert Task.objects.get().kind == "enquiry"  # somebody else answers: a person looks
    Task.objects.all().delete()
    shot = File("me.png", "image/png", 1, picture((40, 40)))
    given = replace(letter("4\nPours well.", **follows), files=(shot, File("x.png", "image/png", 1, b"no picture")))
    enquiry = conversations.receive(store, given, now=clock.read())
    asked.refresh_from_db()
    assert (asked.stars, asked.text, asked.state, asked.photos.count()) == (4, "Pours well.", "waiting", 1)
    said = enquiry.messages.latest("pk")
    assert (said.automatic, Task.objects.count(), Message.objects.filter(step="acknowledgement").count()) == (reviewing.TAKEN, 0, 1)
    again = conversations.receive(store, letter("1", Message_ID="<3@x.example>", **follows), now=clock.read())
    assert (again.state, Task.objects.count()) == ("open", 1)  # second thoughts go to a person


def test_what_is_quoted_is_not_shown_again(store):
    german = "Danke, passt.\r\n\r\nAm Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Jo <hello@marlow.example>:\r\n> Alles gut?"
    broken = "Yes.\r\n\r\nOn Mon, 2 Nov 2026 at 10:00, Jo at Marlow & Finch\r\n<hello@marlow.example> wrote:\r\n\r\n> Did it come?"
    outlook = "No.\r\n\r\n-----Original Message-----\r\nFrom: Jo"
    html = "<style>p{}</style><p>It is <b>broken</b>.</p><blockquote>Old</blockquote><script>x()</script>"
    found = [letter(german).text, letter(broken).text, letter(outlook).text, letter(html, Content_Type="text/html").text]
    assert found == ["Danke, passt.", "Yes.", "No.", "It is broken."]


def test_a_canned_answer_that_fits_is_mailed_at_once_and_one_press_closes_the_conversation(client, store, desk, ana):
    given = {"store": store, "changed_at": clock.read()}
    CannedAnswer.objects.create(
        title="How to descale the kettle", body="Boil **vinegar**, {{ first_name }}.", keywords="limescale\nwhite crust", **given
    )
    CannedAnswer.objects.create(title="Opening hours of the shop", body="Nine to five.", keywords="", **given)
    enquiry = conversations.receive(store, letter("There are white crusts in it"), now=clock.read())
    ack = Message.objects.get()
    assert "Boil vinegar, Ana." in ack.text
    assert (str(enquiry.offered), enquiry.state) == ("How to descale the kettle", "open")
    assert [each.title for each in canned.fitting(store, "When does your shop open, which hours?")] == ["Opening hours of the shop"]
    assert canned.fitting(store, "Is my order late?") == []
    address = f"/e/{enquiry.token}/"
    assert (client.get(address).status_code, Enquiry.objects.get().state) == (200, "open")
    assert client.post(address).status_code == 303
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.is_settled_by_offer, Task.objects.get().state) == ("closed", True, "closed")


def test_it_is_acknowledged_and_answered_in_the_customers_language_and_only_an_answer_written_in_it_is_offered(store, desk, ana, bob):
    given = {"store": store, "keywords": "Kalk", "changed_at": clock.read()}
    CannedAnswer.objects.create(title="Lime", body="Boil vinegar.", **given)
    CannedAnswer.objects.create(title="Kalk", body="Kochen Sie Essig auf.", language="de", **given)
    Customer.objects.update(language="de-AT")
    enquiry = conversations.receive(store, letter("Wie entferne ich den Kalk?"), now=clock.read())
    ack = Message.objects.get()
    said = "Danke, Ana. Unsere Antwort kommt spätestens: morgen, 10:00. Wir sind da: Montag–Freitag 9:00–17:00 (Ortszeit Berlin)."
    assert said in " ".join(ack.text.split())
    assert ("Kochen Sie Essig auf." in ack.text, "Ja, das war die Antwort" in ack.text, 'lang="de"' in ack.html) == (True, True, True)
    assert str(enquiry.offered) == "Kalk"
    seen = enquiry.messages.order_by("-pk")[0].pk
    sent = desk_work.answer(enquiry, text="Gern.", by=bob, read_up_to=seen, now=clock.read())
    assert ("Gern.\n\nHerzliche Grüße\nBob von Marlow & Finch" in sent.text, sent.from_name) == (True, "Bob von Marlow & Finch")


def test_the_desks_hours_name_a_run_of_days_once():
    week = hours.read({**{str(day): ["09:00", "17:00"] for day in range(1, 6)}, "6": ["10:00", "14:30"]})
    assert hours.words(week, phrases.of("en")) == "Monday–Friday 9:00–17:00; Saturday 10:00–14:30"
    assert hours.words(week, phrases.of("fr")) == "lundi–vendredi 9:00–17:00; samedi 10:00–14:30"


def test_an_answer_is_signed_threaded_and_can_be_taken_back_for_ten_seconds(store, desk, ana, bob):
    enquiry = conversations.receive(store, letter(), now=clock.read())
    seen = enquiry.messages.order_by("-pk")[0].pk
    sent = desk_work.answer(enquiry, text="It ships today.\n\n{{ 7 | plus: 1 }} **no markup**", by=bob, read_up_to=seen, now=clock.read())
    enquiry.refresh_from_db()
    assert (sent.from_name, enquiry.state, Task.objects.get().state, enquiry.assignee) == (
        "Bob at Marlow & Finch",
        "waiting",
        "closed",
        bob,
    )
    assert "{{ 7 | plus: 1 }} **no markup**" in sent.text
    assert sent.follows.split()[0] == "one@example.com"
    said = EnquiryMessage.objects.get(mail=sent)
    assert desk_work.take_back(enquiry, said, now=clock.read()) == "It ships today.\n\n{{ 7 | plus: 1 }} **no markup**"
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.first_answered_at, Task.objects.get().state, Message.objects.get(pk=sent.pk).state) == (
        "open",
        None,
        "open",
        "cancelled",
    )


def test_who_wrote_meanwhile_is_read_first(store, desk, ana, bob, mara):
    enquiry = conversations.receive(store, letter(), now=clock.read())
    seen = enquiry.messages.order_by("-pk")[0].pk
    desk_work.answer(enquiry, text="Mara here.", by=mara, read_up_to=seen, now=clock.read())
    with pytest.raises(desk_work.Meanwhile):
        desk_work.answer(enquiry, text="Bob here.", by=bob, read_up_to=seen, now=clock.read())


def test_time_wakes_what_was_snoozed_and_closes_what_nobody_came_back_to(store, desk, ana, bob):
    enquiry = conversations.receive(store, letter(), now=clock.read())
    desk_work.snooze(enquiry, until=clock.read() + timedelta(days=1), by=bob, now=clock.read())
    assert (desk_work.wake(now=clock.read()), Enquiry.objects.get().state, Task.objects.get().state) == (0, "snoozed", "open")
    clock.set_to(clock.read() + timedelta(days=1, minutes=1))
    assert (desk_work.wake(now=clock.read()), Enquiry.objects.get().state) == (1, "open")
    desk_work.log(enquiry, direction="call", text="Told her.", by=bob, now=clock.read())
    assert (Enquiry.objects.get().state, Task.objects.get().state) == ("waiting", "closed")
    assert (desk_work.wake(now=clock.read() + timedelta(days=8)), Enquiry.objects.get().state) == (1, "closed")
