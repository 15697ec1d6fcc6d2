"""Mail accounts: entered, tried, shown without their secrets; the list of addresses that get no mail; mails with unknown outcome."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from messaging.models import Account, MarketingStop, Suppression
from messaging.returning import suppressions
from messaging.roads import accounts
from stores.models import Store
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory
from tests.messaging.lying_provider import LyingProvider
from tests.messaging.providers_speaking import account

PAGE = "/s/marlow/settings/accounts/"
POSTMARK = {"stream": "marketing", "server_token": "token-0123456789-a1b2", "message_stream": "broadcast", "from_email": "", "reply_to": ""}


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def add(user, **changed):
    return signed_in(user).post(PAGE + "new/?provider=postmark", {**POSTMARK, **changed}, follow=True)


def test_an_owner_enters_a_provider_and_its_secret_is_never_shown_again(store, alice):
    answer = add(alice)
    made = Account.objects.get()
    assert accounts.credentials(made) == {"server_token": "token-0123456789-a1b2"}
    page = answer.content.decode()
    assert "Kept, ends in …a1b2" in page
    assert "token-0123456789" not in page
    assert made.hook_path in page
    assert accounts.hook_secrets(made)["key"] + "@" in page


def test_saving_with_an_empty_secret_keeps_it(store, alice):
    add(alice)
    made = Account.objects.get()
    signed_in(alice).post(f"{PAGE}{made.pk}/", {**POSTMARK, "server_token": "", "from_name": "Jo"})
    made.refresh_from_db()
    assert (made.from_name, accounts.credentials(made)["server_token"]) == ("Jo", "token-0123456789-a1b2")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"server_token": ""}, "This field is required."),
        ({"reply_to": "no-reply@marlow.example"}, "Answers to this address would reach nobody."),
        ({"stream": "all-of-them"}, "Select a valid choice."),
    ],
)
def test_what_cannot_work_is_said_beside_its_field(store, alice, changed, says):
    answer = add(alice, **changed)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Account.objects.count() == 0


def test_order_mail_and_marketing_over_one_stream_are_refused(store, alice, now):
    account(store, "postmark", stream="transactional", now=now)
    answer = add(alice, message_stream="")
    assert answer.status_code == 422
    assert "complaints about offers must not sink order confirmations" in answer.content.decode()
    assert add(alice).status_code == 200


def test_a_marketer_sees_the_accounts_and_changes_nothing(store, mara, now):
    made = account(store, "postmark", now=now)
    page = signed_in(mara).get(PAGE)
    assert page.status_code == 200
    assert "Add an account" not in page.content.decode()
    assert signed_in(mara).get(f"{PAGE}{made.pk}/").status_code == 403


def test_the_test_button_sends_a_mail_to_whoever_presses_it(store, alice, settings, now):
    provider = LyingProvider()
    settings.ANYMAIL = {"POSTMARK_API_URL": provider.url}
    made = account(store, "postmark", now=now)
    answer = signed_in(alice).post(f"{PAGE}{made.pk}/test/", follow=True)
    assert "The provider took a mail to alice@example.com." in answer.content.decode()
    provider.mode, provider.answer = "401", b'{"ErrorCode": 10, "Message": "Bad token"}'
    answer = signed_in(alice).post(f"{PAGE}{made.pk}/test/", follow=True)
    assert "That did not work:" in answer.content.decode()
    assert "Does not work" in signed_in(alice).get(PAGE).content.decode()
    provider.close()


def test_a_removed_accounts_mails_take_the_next_road(store, alice, now):
    made = account(store, "postmark", now=now)
    signed_in(alice).post(f"{PAGE}{made.pk}/remove/")
    assert accounts.account_of(store, "marketing") is None


def test_home_says_that_marketing_stopped_and_the_owner_lets_it_go_on(store, alice, mara, now):
    Store.objects.update(marketing_paused_at=now, marketing_paused_why="5 of 900 mails were marked as spam.")
    MarketingStop.objects.create(store=store, at=now, why="5 of 900 mails were marked as spam.")
    page = signed_in(alice).get("/s/marlow/").content.decode()
    assert "Marketing stopped by itself." in page
    assert "Send again" in page
    assert "Send again" not in signed_in(mara).get("/s/marlow/").content.decode()
    assert signed_in(mara).post(PAGE + "trust/").status_code == 403
    answer = signed_in(alice).post(PAGE + "trust/", {"next": "/s/marlow/"}, follow=True)
    assert "Marketing goes on." in answer.content.decode()
    assert Store.objects.get().marketing_paused_at is None
    assert "by Alice" in signed_in(alice).get(PAGE).content.decode()


def test_support_adds_and_lifts_addresses_with_a_reason(store, bob, vic, now):
    ana = customer(store, "ana@example.com")
    client = signed_in(bob)
    client.post("/s/marlow/suppressions/add/", {"address": "ana@example.com", "why": "asked us"})
    held = Suppression.objects.get()
    assert "ana@example.com" in signed_in(vic).get("/s/marlow/suppressions/?cause=manual").content.decode()
    assert signed_in(vic).post(f"/s/marlow/suppressions/{held.pk}/lift/", {"why": "x"}).status_code == 403
    client.post(f"/s/marlow/suppressions/{held.pk}/lift/", {"why": ""})
    assert suppressions.active(store, now=now).count() == 1
    client.post(f"/s/marlow/suppressions/{held.pk}/lift/", {"why": "a mistake"})
    assert suppressions.active(store, now=now).count() == 0
    assert ana.events.get().data["text"] == "Mail to ana@example.com allowed again: a mistake"


def test_a_list_goes_in_and_out_as_a_file(store, mara, bob):
    file = SimpleUploadedFile("list.csv", b"email,cause\nana@example.com,hard_bounce\nnonsense,\n")
    answer = signed_in(mara).post("/s/marlow/suppressions/import/", {"file": file}, follow=True)
    page = answer.content.decode()
    assert "1 addresses added, 0 were on the list already." in page
    assert "No address stands in line 3 (nonsense)." in page
    out = signed_in(bob).get("/s/marlow/suppressions/export/")
    assert out["Content-Disposition"] == 'attachment; filename="suppressions-marlow.csv"'
    assert out.content.decode().splitlines()[1].startswith("ana@example.com,hard_bounce,")


def test_a_mail_with_unknown_outcome_shows_its_evidence_and_that_it_is_not_sent_again(store, vic, now):
    ana = customer(store, "ana@example.com")
    MessageFactory(customer=ana, state="unknown", purpose="marketing", detail="SMTPServerDisconnected: Connection unexpectedly closed")
    page = signed_in(vic).get("/s/marlow/messages/?state=unknown").content.decode()
    assert "then the line went dead: nobody knows whether it was taken." in page
    assert "SMTPServerDisconnected: Connection unexpectedly closed" in page
    assert "It is not sent again by itself: the customer might get it twice." in page


def test_an_order_mail_says_when_it_goes_once_more_and_the_second_is_marked(store, vic, now):
    Store.objects.update(resend_unknown_confirmations_after_hours=4)
    first = MessageFactory(customer=customer(store, "ana@example.com"), state="unknown")
    page = signed_in(vic).get("/s/marlow/messages/").content.decode()
    assert "Sent once more 4 h after it was due, unless news of it comes first." in page
    MessageFactory(customer=first.customer, repeats=first)
    page = signed_in(vic).get("/s/marlow/messages/").content.decode()
    assert "Sent once more, as a possible duplicate." in page
    assert page.count("Possible duplicate") == 1
