"""The inbox, a conversation, tasks and the desk's settings: a support person's day."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox_mail
from django.core.cache import cache

from campaigns.tasks import sweep_until_quiet
from customers.models import Task
from enquiries import conversations, doors, files, letters
from enquiries.letters import Letter
from enquiries.models import CannedAnswer, Desk, Enquiry, EnquiryMessage
from messaging.models import Message
from stores import clock
from tests.factories.customers import customer

URL = "/s/marlow/inbox/"
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "</textarea><svg onload=alert(1)>",
    "{{ 7 | times: 7 }}{% for a in (1..9) %}x{% endfor %}",
    "'; DROP TABLE x;--",
    "\u202egnp.exe",
    "a\x00b",
    "<!--",
    "]]>",
    "＜script＞",
]


def write(store, *, text="Where is it?", subject="My kettle", email="ana@example.com", **given) -> Enquiry:
    return conversations.receive(store, Letter(email, "Ana Ribeiro", subject, text, **given), now=clock.read())


@pytest.fixture(autouse=True)
def _nobody_tried_before():
    cache.clear()


@pytest.fixture
def ana(store):
    return customer(store, "ana@example.com", name="Ana Ribeiro", first_name="Ana")


def shown(browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_day_at_the_desk(store, ana, bob, mara, signed_in, travel):
    """Three questions: one answered and closed, one asked back and come back to, one put off; every step by the pages alone."""
    CannedAnswer.objects.create(
        store=store, title="Sending back", body="Within {{ return_days }} days, {{ first_name }}.", changed_at=clock.read()
    )
    first, second, third = (write(store, subject=f"Question {n}", text=f"What about {n}?", message_id=f"{n}@x.example") for n in "123")
    browser = signed_in(bob)
    page = shown(browser, URL)
    assert '<a href="?" aria-current="page">Open 3</a>' in page
    assert "Inbox <span>3</span>" in page and "Tasks <span>3</span>" in page
    assert [page.index(f"Question {n}") for n in "123"] == sorted(page.index(f"Question {n}") for n in "123")

    path = f"{URL}{first.pk}/"
    browser.post(f"{path}assign/", {"to": bob.pk})
    assert (re.findall(r">(Mine \d+|Unassigned \d+)<", shown(browser, URL))) == ["Mine 1", "Unassigned 2"]
    assert "Within 30 days, Ana." in shown(browser, f"{path}?canned={CannedAnswer.objects.get().pk}")
    seen = re.search(r'name="read_up_to" value="(\d+)"', shown(browser, path))
    assert seen is not None
    answer = browser.post(f"{path}answer/", {"text": "It comes\n\ntomorrow.", "how": "answer-close", "read_up_to": seen[1]})
    assert answer["Location"] == f"{path}#latest"
    said = EnquiryMessage.objects.get(enquiry=first, author=bob)
    assert "Take it back" in shown(browser, path)
    assert browser.post(f"{path}messages/{said.pk}/take-back/").status_code == 303
    assert "It comes\n\ntomorrow.</textarea>" in shown(browser, path)
    seen = re.search(r'name="read_up_to" value="(\d+)"', shown(browser, path))
    assert seen is not None
    browser.post(f"{path}answer/", {"text": "It comes tomorrow.", "how": "answer-close", "read_up_to": seen[1]})
    travel(clock.read() + timedelta(seconds=11))
    sweep_until_quiet()
    [sent] = [each for each in outbox_mail.outbox if each.subject == "Re: Question 1" and "Bob" in each.from_email]
    assert sent.from_email.endswith("<hello@marlow.example>")
    assert "It comes tomorrow.\n\nAll the best,\nBob at Marlow & Finch" in sent.body
    assert sent.extra_headers["References"].split()[0] == "<1@x.example>"
    assert "Take it back" not in shown(browser, path)

    path = f"{URL}{second.pk}/"
    browser.post(f"{path}answer/", {"text": "She sounded cross.", "how": "note"})
    browser.post(f"{path}answer/", {"text": "Told her to wait.", "how": "call"})
    assert "She sounded cross." in shown(browser, path) and Enquiry.objects.get(pk=second.pk).state == "waiting"
    write(store, subject="AW: Question 2", text="Still nothing", message_id="4@x.example")
    assert Enquiry.objects.get(pk=second.pk).state == "open"

    browser.post(f"{URL}{third.pk}/snooze/", {"days": "1"})
    assert "Question 3" in shown(browser, f"{URL}?view=snoozed") and "Question 3" not in shown(browser, URL)
    page = shown(browser, "/s/marlow/tasks/?kind=enquiry")
    assert sorted(re.findall(r'dir="auto">Answer “(Question \d)”<', page)) == ["Question 2", "Question 3"]
    browser.post(f"/s/marlow/tasks/{Task.objects.get(enquiry=second).pk}/close/")
    assert Enquiry.objects.get(pk=second.pk).state == "closed"
    figures = shown(browser, URL)
    assert "3 begun, 2 answered, 2 closed" in figures
    assert "<dt>First answer, median</dt><dd>0 min</dd>" in figures
    past = shown(browser, f"/s/marlow/customers/{ana.pk}/")
    assert f'Wrote: <a href="{URL}{first.pk}/">Question 1</a>' in past
    assert "Phone call" in past and "She sounded cross." in past


def test_what_is_done_with_a_conversation_is_undone_by_one_press_until_something_else_happens(store, ana, bob, mara, signed_in, travel):
    talk = write(store)
    path, browser = f"{URL}{talk.pk}/", signed_in(bob)
    due = talk.due_at

    def stands() -> tuple[object, ...]:
        talk.refresh_from_db()
        task = Task.objects.get()
        return talk.state, talk.assignee, talk.snooze_until is not None, talk.closed_at is not None, talk.due_at == due, task.state

    before = stands()
    assert "Undo" not in shown(browser, path)
    for verb, said, undo in (
        ("assign", {"to": mara.pk}, "Undo: given to"), ("snooze", {"days": "3"}, "Undo: snoozed"), ("close", {}, "Undo: closed"),
    ):  # fmt: skip
        browser.post(f"{path}{verb}/", said)
        assert stands() != before and undo in shown(browser, path)
        browser.post(f"{path}undo/")
        assert (stands(), "Undo" in shown(browser, path)) == (before, False)
    assert "Conversation “My kettle”: taken back: closed" in shown(browser, f"/s/marlow/customers/{ana.pk}/")

    browser.post(f"{path}close/")
    write(store, subject="Re: My kettle", text="One more thing", message_id="5@x.example")
    browser.post(f"{path}undo/")
    assert stands()[0] == "open"
    browser.post(f"{path}close/")
    travel(clock.read() + timedelta(hours=2))
    browser.post(f"{path}undo/")
    assert (stands()[0], "Undo" in shown(browser, path)) == ("closed", False)


def test_two_who_answer_at_once_are_told_before_and_the_later_one_loses_no_word(store, ana, bob, mara, signed_in):
    path = f"{URL}{write(store).pk}/"
    first, second = signed_in(bob), signed_in(mara)
    first.post(f"{path}writing/")
    assert "Bob is writing an answer just now." in second.get(f"{path}writing/").content.decode()
    assert "is writing" not in first.get(f"{path}writing/").content.decode()
    seen = EnquiryMessage.objects.order_by("-pk")[0].pk
    assert first.post(f"{path}answer/", {"text": "Bob’s answer", "read_up_to": seen}).status_code == 303
    late = second.post(f"{path}answer/", {"text": "Mara’s answer", "read_up_to": seen})
    assert late.status_code == 422
    page = late.content.decode()
    assert "Something was said after you opened this page" in page and "Mara’s answer</textarea>" in page
    assert "Bob is writing" not in page
    assert Message.objects.filter(step="answer").count() == 1


@pytest.mark.parametrize("nasty", NASTY)
def test_what_strangers_write_stays_words_on_every_page(store, bob, signed_in, nasty):
    given = {
        "html": letters.whole(f"<body onload=x()>{nasty}"),
        "files": (files.file(nasty, b"<svg onload=alert(1)>"), files.file("x.html", b"<html>")),
    }
    enquiry = write(store, subject=nasty.replace("\x00", ""), text=nasty.replace("\x00", ""), email=f"{'e' * 5}@evil.example", **given)
    browser, path = signed_in(bob), f"{URL}{enquiry.pk}/"
    for page in (shown(browser, URL), shown(browser, path)):
        for tag in ("<script>alert", "<img src=x", "<svg", "onload=x()"):
            assert tag not in re.sub(r"<svg class=\"icon\".*?</svg>", "", page)
    for kept in EnquiryMessage.objects.get(enquiry=enquiry).attachments.all():
        answer = browser.get(f"{path}files/{kept.pk}/")
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
        assert answer["Content-Disposition"].startswith('attachment; filename="') and "\n" not in answer["Content-Disposition"]
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    look = browser.get(f"{path}messages/{EnquiryMessage.objects.get(enquiry=enquiry).pk}/")
    assert look["Content-Security-Policy"].startswith("sandbox; default-src 'none'; img-src data:")


def test_the_type_of_a_file_is_told_by_its_bytes_and_what_is_too_large_is_named_but_not_kept(store, ana, bob, signed_in):
    given = (
        files.file("../../etc/passwd.png", b"\x89PNG\r\n\x1a\nx"),
        files.file("a.png", b"<html>"),
        files.file("big", b"x" * (files.LARGEST + 1)),
    )
    assert [(one.name, one.kind) for one in given[:2]] == [("passwd.png", "image/png"), ("a.png", "application/octet-stream")]
    page = shown(signed_in(bob), f"{URL}{write(store, files=given).pk}/")
    assert "too large to be kept" in page and page.count(" download>") == 2


def test_a_question_on_the_tracker_reaches_the_desk_and_throttles(order, store, bob, signed_in, client):
    address = f"/t/{order.token}/"
    assert client.post(f"{address}ask/", {"text": "  "})["Location"] == f"{address}?asked=empty#ask"
    assert client.post(f"{address}ask/", {"text": "Can I change the address?"})["Location"] == f"{address}?asked=yes#ask"
    assert "Your message has arrived" in client.get(f"{address}?asked=yes").content.decode()
    enquiry = Enquiry.objects.get()
    assert (enquiry.order, enquiry.customer, enquiry.way) == (order, order.customer, "tracker")
    page = shown(signed_in(bob), f"{URL}{enquiry.pk}/")
    assert "Can I change the address?" in page and "Mails to come" in page
    found = [client.post(f"{address}ask/", {"text": "Again"})["Location"] for _ in range(12)]
    assert found[-1] == f"{address}?asked=often#ask"
    assert Enquiry.objects.count() == 1


def test_a_form_takes_questions_of_anybody_and_mails_nobody_by_itself(store, ana, client):
    assert client.post("/ask/marlow/", {"email": "ana", "text": ""}).status_code == 422
    for email in ("ana@example.com", "who@example.com", store.sender_email):
        assert (
            client.post("/ask/marlow/", {"email": email, "name": "Who", "text": "Do you ship to Oslo?"})["Location"] == "/ask/marlow/?asked"
        )
    assert list(Enquiry.objects.order_by("pk").values_list("customer", "way")) == [(ana.pk, "form"), (None, "form")]
    assert Message.objects.count() == 0


def test_the_desk_says_when_it_is_open_who_delivers_and_checks_what_is_written_once(store, alice, mara, signed_in):
    url = "/s/marlow/settings/desk/"
    good = {"opens-2": "10:00", "closes-2": "14:00", "answer_within_hours": 4, "support_codes_a_month": 3, "marketer_codes_a_month": 9}
    assert "Monday: enter both times" in signed_in(mara).post(url, {**good, "opens-1": "09:00"}).content.decode()
    assert signed_in(mara).post(url, good).status_code == 303
    desk = Desk.objects.get()
    assert (desk.hours, desk.answer_within_hours, desk.acknowledges) == ({"2": ["10:00", "14:00"]}, 4, False)
    assert signed_in(mara).post(f"{url}door/", {}).status_code == 403
    owner = signed_in(alice)
    assert "Enter the address" in owner.post(f"{url}door/", {"provider": "postmark"}).content.decode()
    owner.post(f"{url}door/", {"provider": "postmark", "address": "a@in.example"})
    desk.refresh_from_db()
    store.refresh_from_db()
    assert store.reply_to == "a@in.example"
    assert f"doorstep:{doors.password_of(desk)}@127.0.0.1:8000{desk.hook_path}" in shown(owner, url)
    assert doors.password_of(desk) not in shown(signed_in(mara), url)
    bad = owner.post(f"{url}answers/new/", {"title": "Hours", "body": "{% if %}"})
    assert bad.status_code == 422 and CannedAnswer.objects.count() == 0
    owner.post(f"{url}answers/new/", {"title": "Hours", "body": "Ten to two.", "keywords": "open\nopening times"})
    held = CannedAnswer.objects.get()
    assert "There is an answer of this title already." in owner.post(f"{url}answers/new/", {"title": "Hours", "body": "x"}).content.decode()
    assert owner.post(f"{url}answers/{held.pk}/remove/").status_code == 303
    assert CannedAnswer.objects.count() == 0
