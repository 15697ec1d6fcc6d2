"""Two-phase sending against a server that lies: what is certain is retried or failed, what is not is called unknown."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from time import monotonic, sleep

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import InterfaceError, OperationalError, connection

from customers import consent
from customers.models import Consent, Customer, Event
from messaging import attempts, sending
from messaging.models import Attempt, Message, Suppression
from messaging.reasons import Reason
from messaging.roads import line
from messaging.roads.line import Line
from messaging.roads.mime import mail_of
from messaging.sending import Refusal
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.lying_server import LyingServer

State = Message.State
BIG = "a line of the mail\n" * 500_000  # more than the network's buffers hold, so that the line drops before the dot


def open_gate(messages, refused, now):
    return refused


@pytest.fixture
def ana(store):
    return customer(store, "Ana@example.com", name="Ana")


@pytest.fixture
def queue(ana):
    def make(purpose: str = "transactional", **fields) -> Message:
        message: Message = MessageFactory(customer=ana, purpose=purpose, **fields)
        return message

    return make


@pytest.fixture
def server(settings):
    lying = LyingServer()
    settings.EMAIL_BACKEND = "messaging.roads.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", lying.port, 1
    yield lying
    line.hang_up()
    lying.close()


def drain(message: Message, gate=open_gate) -> Message:
    sending.drain(gate=gate, is_urgent=message.is_urgent, now=clock.read())
    message.refresh_from_db()
    return message


def kinds(customer) -> list[str]:
    return list(customer.events.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("mode", "state", "taken", "kind"),
    [
        ("fine", State.SENT, 1, "mail.sent"),
        ("drop_after_250", State.SENT, 1, "mail.sent"),
        ("refuse_greeting", State.RETRY, 0, None),
        ("defer_mail", State.RETRY, 0, None),
        ("defer_rcpt", State.RETRY, 0, None),
        ("refuse_rcpt", State.FAILED, 0, "mail.bounced"),
        ("drop_at_data", State.RETRY, 0, None),
        ("drop_mid_body", State.RETRY, 0, None),
        ("defer_after_dot", State.RETRY, 0, None),
        ("refuse_after_dot", State.FAILED, 0, "mail.bounced"),
        ("drop_after_dot", State.UNKNOWN, 1, "mail.unknown"),
        ("silent_after_dot", State.UNKNOWN, 1, "mail.unknown"),
    ],
)
def test_each_behaviour_of_a_server_has_its_outcome(server, queue, ana, mode, state, taken, kind):
    server.mode = mode
    message = drain(queue(text=BIG if mode == "drop_mid_body" else "Got it"))
    assert (message.state, len(server.taken)) == (state, taken)
    assert kinds(ana) == ([kind] if kind else [])


@pytest.mark.parametrize("phase", ["greeting", "mail", "rcpt", "data"])
def test_a_server_that_falls_silent_at_any_phase_hangs_nobody_and_its_mail_goes_later(server, queue, settings, phase):
    settings.EMAIL_TIMEOUT = 0.3
    server.mode = f"silent_{phase}"
    began = monotonic()
    message = drain(queue())
    assert (message.state, len(server.taken)) == (State.RETRY, 0)
    assert monotonic() - began < 2


def test_the_mark_of_sending_is_on_disk_before_the_socket_whatever_the_server_is_set_to(server, queue):
    seen = []

    def gate(messages, refused, now):
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            seen.append(cursor.fetchone()[0])
        return refused

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert drain(queue(), gate).state == State.SENT
    assert seen == ["on"]


def test_a_body_that_fits_the_networks_buffers_is_unknown_when_the_line_drops_in_it(server, queue):
    server.mode = "drop_mid_body"
    assert drain(queue()).state == State.UNKNOWN


def test_one_line_carries_a_whole_batch(server, queue):
    messages = [queue("service") for _ in range(25)]
    assert sending.drain(gate=open_gate, is_urgent=False, now=clock.read()) == 25
    assert len(server.taken) == 25
    assert {Message.objects.get(pk=message.pk).state for message in messages} == {State.SENT}


def test_after_an_unknown_outcome_nothing_is_ever_sent_again(server, queue):
    server.mode = "drop_after_dot"
    message = drain(queue())
    server.mode = "fine"
    clock.set_to(clock.read() + timedelta(minutes=50))
    sending.recover(now=clock.read())
    assert (drain(message).state, len(server.taken)) == (State.UNKNOWN, 1)


def test_every_try_is_written_down_with_its_road_and_its_answer(queue, server, ana):
    message = queue()
    for mode in ("refuse_greeting", "defer_rcpt", "fine"):
        server.mode = mode
        Message.objects.filter(pk=message.pk).update(due_at=clock.read())
        drain(message)
    assert [(one.words, one.road) for one in attempts.of(message)] == [
        ("Not taken, tried again", attempts.OURS), ("Not taken, tried again", attempts.OURS), ("Taken", attempts.OURS),
    ]  # fmt: skip
    assert [one.answer[:3] for one in attempts.of(message)] == ["421", "450", ""]
    lost = queue()
    server.mode = "drop_after_dot"
    drain(lost)
    [one] = attempts.of(lost)
    assert (one.words, one.answer) == ("Never answered", lost.detail)
    fine = queue()
    server.mode = "fine"
    drain(fine)
    assert Attempt.objects.filter(message=fine).count() == 0


def test_what_was_certainly_not_taken_goes_again_later(server, queue):
    server.mode = "defer_rcpt"
    message = drain(queue())
    assert message.attempts == 1
    server.mode = "fine"
    clock.set_to(message.due_at)
    assert (drain(message).state, len(server.taken)) == (State.SENT, 1)


class Power:
    """A mail road on which the power fails."""

    def __init__(self, **given: object) -> None: ...

    def open(self) -> bool:
        return True

    def close(self) -> None: ...

    def send_messages(self, messages: object) -> int:
        raise KeyboardInterrupt


@pytest.mark.parametrize(("purpose", "number", "minutes"), [("transactional", 1, 2), ("service", 10, 11)])
def test_what_a_dead_process_was_sending_is_unknown_after_a_minute_a_mail_and_one(queue, settings, purpose, number, minutes):
    settings.EMAIL_BACKEND = "tests.messaging.test_sending.Power"
    messages = [queue(purpose) for _ in range(number)]
    before = clock.read()
    with pytest.raises(KeyboardInterrupt):
        sending.drain(gate=open_gate, is_urgent=purpose == "transactional", now=before)
    assert {Message.objects.get(pk=message.pk).state for message in messages} == {State.SENDING}
    assert sending.recover(now=before + timedelta(minutes=minutes)) == 0
    assert sending.recover(now=clock.read() + timedelta(minutes=minutes)) == number
    assert {Message.objects.get(pk=message.pk).state for message in messages} == {State.UNKNOWN}


def test_a_killed_process_leaves_claims_that_expire_and_sendings_that_are_unknown(queue, ana):
    now = clock.read()
    claimed = queue(state=State.CLAIMED, lease_until=now - timedelta(seconds=1))
    dead = queue(state=State.SENDING, lease_until=now - timedelta(seconds=1))
    alive = queue(state=State.SENDING, lease_until=now + timedelta(seconds=60))
    assert sending.recover(now=now) == 2
    states = [Message.objects.get(pk=message.pk).state for message in (claimed, dead, alive)]
    assert states == [State.QUEUED, State.UNKNOWN, State.SENDING]
    assert kinds(ana) == ["mail.unknown"]


@pytest.mark.parametrize(
    ("change", "purpose", "reason"),
    [
        (lambda ana, now: consent.withdraw(ana, topic=Consent.Topic.MARKETING, source="link", now=now), "marketing", Reason.UNSUBSCRIBED),
        (lambda ana, now: consent.withdraw(ana, topic=Consent.Topic.SERVICE, source="link", now=now), "service", Reason.UNSUBSCRIBED),
        (lambda ana, now: Customer.objects.filter(pk=ana.pk).update(erased_at=now), "transactional", Reason.ERASED),
        (
            lambda ana, now: Suppression.objects.create(store=ana.store, email_key=ana.email_key, cause="hard_bounce", at=now),
            "transactional",
            Reason.SUPPRESSED,
        ),
        (lambda ana, now: clock.set_to(now + timedelta(hours=2)), "transactional", Reason.TOO_LATE),
    ],
)
def test_what_changes_between_queueing_and_the_socket_stops_the_mail(queue, ana, change, purpose, reason):
    message = queue(purpose)
    change(ana, clock.read())
    drain(message)
    assert (message.state, message.reason, len(mail.outbox)) == (State.CANCELLED, reason, 0)
    assert kinds(ana)[-1] == "mail.skipped"


def test_the_gate_of_the_room_above_can_refuse_for_good_or_take_the_mail_back(queue):
    refused, taken_back = queue(), queue()

    def gate(messages, refusals, now):
        answers = {refused.pk: Refusal(Reason.CANCELLED), taken_back.pk: Refusal(Reason.PAUSED, is_final=False)}
        return {message.pk: answers[message.pk] for message in messages}

    sending.drain(gate=gate, is_urgent=True, now=clock.read())
    refused.refresh_from_db()
    assert (refused.state, refused.reason) == (State.CANCELLED, Reason.CANCELLED)
    assert not Message.objects.filter(pk=taken_back.pk).exists()
    assert mail.outbox == []


def test_a_process_that_slept_past_its_claim_changes_nothing(queue, monkeypatch):
    message = queue()
    send = Line.send

    def slow(line, sent):
        Message.objects.filter(token=sent.token).update(claim=None, state=State.UNKNOWN)  # another process called it unknown meanwhile
        return send(line, sent)

    monkeypatch.setattr(Line, "send", slow)
    assert drain(message).state == State.UNKNOWN
    assert not Event.objects.filter(kind="mail.sent").exists()


def test_a_mail_has_text_first_then_html_and_one_click_unsubscribe_unless_transactional(queue):
    sold = message_from_bytes(mail_of(queue("marketing")).as_bytes())
    assert [part.get_content_type() for part in sold.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert sold["List-Unsubscribe"].startswith(f"<{django_settings.PUBLIC_URL}/u/")
    assert sold["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sold["From"] == "Jo <hello@marlow.example>"
    assert sold["Message-ID"].endswith("@marlow.example>")
    assert message_from_bytes(mail_of(queue()).as_bytes())["List-Unsubscribe"] is None


def test_an_address_the_road_would_garble_fails_in_words(queue):
    message = drain(queue(to_email="jürgen@example.com"))
    assert message.state == State.FAILED
    assert "letters beyond ASCII" in message.detail
    assert mail.outbox == []


def test_line_breaks_in_a_name_cannot_add_headers(queue):
    drain(queue(to_name="Ana\r\nBcc: all@example.com"))
    assert mail.outbox[0].to == ["Ana Bcc: all@example.com <Ana@example.com>"] or mail.outbox[0].to == [
        '"Ana Bcc: all@example.com" <Ana@example.com>'
    ]
    assert mail.outbox[0].message()["Bcc"] is None


@pytest.mark.parametrize(("mode", "suppressed"), [("refuse_rcpt", 1), ("refuse_after_dot", 0), ("defer_rcpt", 0)])
def test_a_recipient_that_the_server_does_not_know_gets_no_further_mail(server, queue, mode, suppressed):
    server.mode = mode
    drain(queue())
    assert Suppression.objects.filter(email_key="ana@example.com").count() == suppressed


def test_what_became_of_mails_is_written_down_whatever_goes_wrong_after_them(queue, monkeypatch):
    messages = [queue("service") for _ in range(20)]
    send_all, windows = line.send_all, []

    def fail_later(account, mails):
        windows.append(mails)
        if len(windows) == 2:
            raise RuntimeError
        return send_all(account, mails)

    monkeypatch.setattr(line, "send_all", fail_later)
    with pytest.raises(RuntimeError):
        sending.drain(gate=open_gate, is_urgent=False, now=clock.read())
    assert Counter(Message.objects.filter(pk__in=[message.pk for message in messages]).values_list("state", flat=True)) == {
        State.SENT: 10,
        State.SENDING: 10,
    }


@pytest.mark.django_db(transaction=True)
def test_mails_that_are_out_are_marked_over_a_new_line_when_the_database_hangs_up(store, settings):
    message = MessageFactory(customer=customer(store, "ana@example.com"), purpose="transactional")
    settings.EMAIL_BACKEND = "tests.messaging.test_sending.Scissors"
    with pytest.raises(OperationalError):
        sending.drain(gate=open_gate, is_urgent=True, now=clock.read())
    line.hang_up()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 1)


class Scissors(Power):
    """A mail road that takes each mail and cuts the line to the database."""

    def send_messages(self, messages: object) -> int:
        with (
            connection.cursor() as cursor,
            psycopg2.connect(connection.connection.dsn, password=connection.settings_dict["PASSWORD"]) as other,
        ):
            cursor.execute("SELECT pg_backend_pid()")
            other.cursor().execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
        return 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_stands_still_in_the_gate_is_put_out_and_its_mail_goes_later(store, monkeypatch):
    monkeypatch.setattr(sending, "STANDSTILL_SECONDS", 0.2)
    message: Message = MessageFactory(customer=customer(store, "ana@example.com"))

    def stand_still(messages, refused, now):
        sleep(0.6)  # the database looks at real time
        return refused

    with pytest.raises((OperationalError, InterfaceError)):
        drain(message, gate=stand_still)
    connection.close()
    message.refresh_from_db()
    assert message.state == State.CLAIMED  # nothing was committed, and nothing went
    clock.set_to(clock.read() + timedelta(minutes=2))
    sending.recover(now=clock.read())
    assert drain(message).state == State.SENT
    assert len(mail.outbox) == 1
