"""What comes back from providers: proved by the store's own secret, kept as it came, acted on once in any order and any number."""

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Consent, Customer, Event
from messaging.models import Account, Message, ProviderEvent, Suppression
from messaging.returning import coming_back, suppressions
from messaging.roads import accounts
from stores import clock
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.providers_speaking import SPEAKERS, Tale, account, as_amazon, later, post
from tests.thoroughness import examples

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
State = Message.State
ALL = sorted(SPEAKERS)


@pytest.fixture
def ana(store):
    return customer(store, "Ana@example.com", name="Ana", marketing="subscribed")


@pytest.fixture
def now(db):
    return clock.read()


@pytest.fixture(autouse=True)
def _amazon(monkeypatch):
    as_amazon(monkeypatch)


def mail(to, now, **fields) -> Message:
    made: Message = MessageFactory(customer=to, **{"purpose": "marketing", "state": State.SENT, "sent_at": now, **fields})
    return made


def tell(to, what: str, message: Message, at, number: int = 1):
    return SPEAKERS[to.provider](Tale(what, message.token, message.to_email, at, number))


def kinds(customer) -> list[str]:
    return sorted(customer.events.values_list("kind", flat=True))


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    ("what", "kind", "event", "suppressed"),
    [
        ("delivered", "delivered", ["mail.delivered"], None),
        ("hard", "hard", ["mail.bounced"], "hard_bounce"),
        ("soft", "soft", ["mail.bounced"], None),
        ("block", "block", ["mail.bounced"], None),
        ("complained", "complained", ["consent.withdrawn", "mail.complained"], None),
        ("opened", "opened", [], None),
    ],
)
def test_each_provider_is_understood(store, ana, now, provider, what, kind, event, suppressed):
    message = mail(ana, now)
    road = account(store, provider, now=now)
    assert post(road, [tell(road, what, message, later(now, 1))], now=now) == 200
    assert list(ProviderEvent.objects.values_list("kind", "acted_at")) == [("", None)]
    assert coming_back.drain(now=now) == 1
    kept = ProviderEvent.objects.get()
    assert (kept.kind, kept.message_id, kept.email_key, kept.error, kept.acted_at) == (
        "invalid" if (provider, what) == ("sparkpost", "hard") else kind,
        message.pk,
        "ana@example.com",
        "",
        now,
    )
    assert kinds(ana) == event
    cause = "invalid" if (provider, what) == ("sparkpost", "hard") else suppressed
    assert list(Suppression.objects.values_list("cause", flat=True)) == ([cause] if cause else [])


@pytest.mark.parametrize("provider", ALL)
def test_another_stores_secret_opens_nothing(store, other, ana, now, provider):
    message, road = mail(ana, now), account(store, provider, now=now)
    foreign = account(other, provider, now=now)
    told = [tell(road, "hard", message, now)]
    if provider == "amazon_ses":
        foreign.options["topics"] = "arn:aws:sns:eu-central-1:999:another"
        foreign.save()
        assert post(foreign, told, now=now) == 401
    elif provider == "sendgrid":
        told[0]["email"] = "changed@example.com"
        answer = Client().post(road.hook_path, json.dumps(told), content_type="application/json")
        assert answer.status_code == 401
    else:
        assert post(road, told, now=now, secret="d3Jvbmc6d3Jvbmc=") == 401
    assert ProviderEvent.objects.count() == 0


def test_unknown_paths_unsigned_news_and_accounts_without_a_secret_are_refused(store, now):
    road = account(store, "postmark", now=now)
    client = Client()
    assert client.post("/hooks/mail/nobody-has-this-path/", "{}", content_type="application/json").status_code == 401
    assert client.post(road.hook_path, "{}", content_type="application/json").status_code == 401
    plain = account(store, "smtp", stream="marketing", now=now)
    assert client.post(plain.hook_path, "{}", content_type="application/json").status_code == 401
    keyless = account(store, "resend", stream="transactional", now=now)
    keyless.sealed_hook_secrets = ""
    keyless.save()
    assert post(keyless, [{}], now=now, secret="") == 401
    assert client.get(road.hook_path).status_code == 405
    assert client.head(road.hook_path).status_code == 200


@pytest.mark.parametrize(("late", "status"), [(0, 200), (240, 200), (301, 401), (-360, 401)])
def test_a_signature_is_good_for_five_minutes(store, ana, now, late, status):
    road = account(store, "resend", now=now)
    assert post(road, [tell(road, "delivered", mail(ana, now), now)], now=now - timedelta(seconds=late)) == status


def test_what_is_no_json_is_said_so(store, now):
    road = account(store, "brevo", now=now)
    basic = base64.b64encode(accounts.hook_secrets(road)["key"].encode()).decode()
    answer = Client().post(road.hook_path, "{", content_type="application/json", headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 400
    assert b"not JSON" in answer.content


def test_an_event_told_forty_six_times_acts_once(store, ana, now):
    message, road = mail(ana, now), account(store, "sendgrid", now=now)
    told = [tell(road, "delivered", message, later(now, 1))] * 46
    assert post(road, told, now=now) == 200
    assert post(road, told, now=now) == 200
    coming_back.drain(now=now)
    assert ProviderEvent.objects.count() == 1
    assert kinds(ana) == ["mail.delivered"]


def test_one_poisoned_event_of_ten_is_set_aside_and_the_nine_are_applied(store, ana, now):
    road = account(store, "sendgrid", now=now)
    mails = [mail(ana, now) for _ in range(10)]
    told = [tell(road, "delivered", message, now, number) for number, message in enumerate(mails)]
    told[3] = {"sg_event_id": "sg-3", "no": "event"}
    assert post(road, told, now=now) == 200
    assert coming_back.drain(now=now) == 10
    assert coming_back.drain(now=now) == 0
    assert Event.objects.filter(kind="mail.delivered").count() == 9
    aside = ProviderEvent.objects.get(acted_at=None)
    assert aside.error.startswith("KeyError: 'event'")


def test_an_event_only_ever_finds_a_message_of_its_own_store(store, other, now):
    theirs = customer(other, "eve@example.com")
    message, road = mail(theirs, now), account(store, "postmark", now=now)
    post(road, [tell(road, "hard", message, now)], now=now)
    coming_back.drain(now=now)
    assert ProviderEvent.objects.get().message is None
    assert kinds(theirs) == []
    assert list(Suppression.objects.values_list("store__slug", flat=True)) == ["marlow"]


@pytest.mark.parametrize("what", ["delivered", "opened", "hard", "complained"])
@pytest.mark.parametrize("state", [State.UNKNOWN, State.SENDING])
def test_news_of_a_mail_with_an_unknown_outcome_proves_that_it_was_sent(store, ana, now, what, state):
    message, road = mail(ana, now, state=state, sent_at=None), account(store, "postmark", now=now)
    at = now - timedelta(minutes=2)
    post(road, [tell(road, what, message, at)], now=now)
    coming_back.drain(now=now)
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.claim) == (State.SENT, at, None)
    assert message.detail == f"Confirmed by the provider at {at:%-d %B %Y, %H:%M} UTC."
    assert "mail.sent" in kinds(ana)


def test_a_second_try_is_called_off_when_the_first_turns_out_to_be_sent(store, ana, now):
    first = mail(ana, now, state=State.UNKNOWN, sent_at=None, purpose="transactional")
    again = mail(ana, now, state=State.QUEUED, sent_at=None, purpose="transactional", repeats=first)
    road = account(store, "postmark", now=now)
    post(road, [tell(road, "delivered", first, now)], now=now)
    coming_back.drain(now=now)
    again.refresh_from_db()
    assert (again.state, again.reason) == (State.CANCELLED, "arrived")


def test_a_complaint_ends_marketing_with_evidence_and_order_mails_still_go(store, ana, now):
    message, road = mail(ana, now, subject="Three things for your kettle"), account(store, "postmark", now=now)
    at = later(now, -5)
    post(road, [tell(road, "complained", message, at)], now=now)
    coming_back.drain(now=now)
    said = Consent.objects.get()
    assert (said.topic, said.is_granted, said.source, said.at) == ("marketing", False, "spam complaint", at)
    assert said.wording == "Marked “Three things for your kettle” as spam."
    assert Customer.objects.get().marketing == "unsubscribed"
    assert Suppression.objects.count() == 0


def test_a_complaint_about_a_help_mail_ends_help_mails_too(store, ana, now):
    message, road = mail(ana, now, purpose="service"), account(store, "postmark", now=now)
    post(road, [tell(road, "complained", message, now)], now=now)
    coming_back.drain(now=now)
    ana.refresh_from_db()
    assert (ana.marketing, ana.objected_to_service_at) == ("unsubscribed", now)


def test_seven_soft_bounces_in_a_row_suppress_and_a_delivery_begins_anew(store, ana, now):
    road = account(store, "postmark", now=now)
    for number in range(6):
        post(road, [tell(road, "soft", mail(ana, now), later(now, number), number)], now=now)
    coming_back.drain(now=now)
    assert Suppression.objects.count() == 0
    post(road, [tell(road, "delivered", mail(ana, now), later(now, 10))], now=now)
    for number in range(20, 26):
        post(road, [tell(road, "soft", mail(ana, now), later(now, number), number)], now=now)
    coming_back.drain(now=now)
    assert Suppression.objects.count() == 0
    post(road, [tell(road, "soft", mail(ana, now), later(now, 30), 30)], now=now)
    coming_back.drain(now=now)
    held = Suppression.objects.get()
    assert (held.cause, held.email_key, held.at, held.evidence) == (
        "soft_bounces",
        "ana@example.com",
        later(now, 30),
        "smtp;452 4.2.2 mailbox full",
    )


def test_a_delivery_told_late_takes_back_what_the_bounces_around_it_closed(store, ana, now):
    road = account(store, "postmark", now=now)
    for number in range(7):
        post(road, [tell(road, "soft", mail(ana, now), later(now, number), number)], now=now)
    coming_back.drain(now=now)
    assert Suppression.objects.count() == 1
    post(road, [tell(road, "delivered", mail(ana, now), later(now, 3))], now=now)
    coming_back.drain(now=now)
    assert Suppression.objects.count() == 0


def test_what_was_said_before_an_address_was_lifted_does_not_close_it_again(store, alice, ana, now):
    road, message = account(store, "postmark", now=now), mail(ana, now)
    post(road, [tell(road, "hard", message, later(now, -60), 1)], now=now)
    coming_back.drain(now=now)
    suppressions.lift(Suppression.objects.get(), why="she cleaned up", by=alice, now=now)
    post(road, [tell(road, "hard", message, later(now, -30), 2)], now=now)
    coming_back.drain(now=now)
    assert suppressions.active(store, now=now).count() == 0
    post(road, [tell(road, "hard", message, later(now, 1), 3)], now=now)
    coming_back.drain(now=now)
    assert suppressions.active(store, now=now).count() == 1


def test_a_refusal_while_sending_counts_like_a_bounce(store, ana, now):
    message = mail(ana, now, state=State.FAILED, sent_at=None, attempts=1)
    coming_back.note_refusals([(message, "550 5.1.1 user unknown")], now=now)
    coming_back.note_refusals([(message, "550 5.1.1 user unknown")], now=now)
    kept = ProviderEvent.objects.get()
    assert (kept.kind, kept.account, kept.raw, kept.message_id) == ("hard", None, None, message.pk)
    held = Suppression.objects.get()
    assert (held.cause, held.evidence, held.message_id) == ("hard_bounce", "550 5.1.1 user unknown", message.pk)


def test_raw_news_is_emptied_after_thirty_days_and_what_it_said_stays(store, ana, now):
    road = account(store, "postmark", now=now)
    post(road, [tell(road, "hard", mail(ana, now), now)], now=now)
    coming_back.drain(now=now)
    assert coming_back.forget_raw(now=now + timedelta(days=29)) == 0
    assert coming_back.forget_raw(now=now + timedelta(days=30, seconds=1)) == 1
    kept = ProviderEvent.objects.get()
    assert (kept.raw, kept.kind) == (None, "hard")


LIFE = ["taken", "delivered", "opened", "soft", "soft", "soft", "soft", "soft", "soft", "soft", "delivered", "block", "complained", "soft"]


@settings(max_examples=examples(160), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_shuffle_and_doubling_of_a_stream_ends_in_the_same_state(store, now, data):
    """Each example is a customer of its own, told the same life: in order, and as hypothesis likes it."""
    road = Account.objects.filter(store=store).first() or account(store, "sendgrid", now=now)
    length = data.draw(st.integers(1, len(LIFE)))
    states = []
    for shuffled in (False, True):
        person = customer(store, f"p{Customer.objects.count()}@example.com", marketing="subscribed")
        mails = [mail(person, now, state=State.UNKNOWN, sent_at=None) for _ in range(length)]
        base = ProviderEvent.objects.count() * 1000
        told = [tell(road, LIFE[place], message, later(now, place), base + place) for place, message in enumerate(mails)]
        if shuffled:
            told = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=5))))
        for start in range(0, len(told), 4):
            post(road, told[start : start + 4], now=now)
            coming_back.drain(now=now)
        states.append(_state(person, mails))
    assert states[0] == states[1]


def _state(person: Customer, mails: list[Message]) -> tuple[object, ...]:
    """Return everything that the news of a person's mails brought about, with their rows named by place."""
    person.refresh_from_db()
    place = {message.pk: number for number, message in enumerate(mails)}
    return (
        [Message.objects.get(pk=message.pk).state for message in mails],
        sorted((kind, place[data["message"]]) for kind, data in person.events.filter(kind__startswith="mail.").values_list("kind", "data")),
        person.marketing,
        list(Suppression.objects.filter(email_key=person.email_key).values_list("cause", "at")),
    )
