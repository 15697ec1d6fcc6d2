"""A mail as a page, and its deadline for the calendar."""

from datetime import timedelta

import pytest

from customers.models import Customer
from messaging.models import Message
from stores import clock


@pytest.fixture
def message(store):
    now = clock.read()
    ana = Customer.objects.create(store=store, email="ana@example.com", email_key="ana@example.com", created_at=now)
    return Message.objects.create(
        store=store, customer=ana, dedupe_key="k", purpose="marketing", is_urgent=False, state="sent", to_email=ana.email,
        from_email="hello@marlow.example", subject="Thanks", html="<h1>Thanks</h1><script>alert(1)</script>", text="Thanks", created_at=now,
        due_at=now, use_by=now + timedelta(days=1),
    )  # fmt: skip


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
