"""A mail as a page, and its deadline for the calendar."""

import pytest

from messaging.models import Message
from tests.factories.customers import customer
from tests.factories.messaging import MessageFactory


@pytest.fixture
def message(store):
    return MessageFactory(customer=customer(store), purpose="marketing", state="sent", html="<h1>Thanks</h1><script>alert(1)</script>")


def test_a_sent_mail_is_shown_as_it_was_sent_behind_a_sandbox(client, message):
    answer = client.get(f"/m/{message.token}/")
    assert answer.content.decode() == message.html
    assert answer["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")


def test_a_mail_that_was_not_sent_and_an_unknown_token_show_nothing(client, message):
    Message.objects.update(state="cancelled")
    assert client.get(f"/m/{message.token}/").status_code == 404
    assert client.get("/m/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert client.post(f"/m/{message.token}/").status_code == 405


def test_a_mail_without_an_offer_has_no_calendar(client, message):
    assert client.get(f"/i/{message.token}/").status_code == 404
