"""The sending domain's page: what to paste, what was found, and what follows from it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import unescape

import pytest

from messaging import tasks
from messaging.domains import dns_check, sending_domains
from messaging.models import Account, SendingDomain
from messaging.roads import signing
from stores import clock

PAGE = "/s/marlow/settings/domain/"
ZONE: dict[tuple[str, str], list[str]] = {}


def asking():
    def ask(name: str, kind: str) -> Sequence[str]:
        return ZONE.get((name, kind), [])

    return ask


@pytest.fixture(autouse=True)
def zone(settings):
    """A zone in the place of the name servers; tests write into it."""
    settings.DNS_ASKING = f"{__name__}.asking"
    settings.EMAIL_BACKEND = "messaging.roads.smtp.Backend"
    ZONE.clear()
    signing.forget()
    yield ZONE
    signing.forget()


@pytest.fixture
def domain(store) -> str:
    store.sender_email = "hello@marlow.example"
    store.save()
    return "marlow.example"


def set_up(row: SendingDomain) -> None:
    ZONE.update({
        ("marlow.example", "TXT"): ["v=spf1 mx ~all"], ("marlow.example", "MX"): ["10 mx.marlow.example."],
        ("_dmarc.marlow.example", "TXT"): ["v=DMARC1; p=none; rua=mailto:x@marlow.example"],
        (dns_check.dkim_host(row.selector, "marlow.example"), "TXT"): [dns_check.dkim_record(row.public_key)],
    })  # fmt: skip


def look(browser) -> str:
    return unescape(str(browser.post(PAGE, {"domain": "marlow.example"}, follow=True).content, "utf-8"))


def test_before_the_first_look_it_says_what_to_paste(domain, alice, signed_in):
    page = unescape(signed_in(alice).get(PAGE).content.decode())
    row = SendingDomain.objects.get()
    assert f'<code data-copy="Copy DKIM host">{row.selector}._domainkey.marlow.example</code>' in page
    assert f'<code data-copy="Copy DKIM value">v=DKIM1; k=rsa; p={row.public_key}</code>' in page
    assert "v=DMARC1; p=none; rua=mailto:postmaster@marlow.example" in page
    assert "Not looked at yet" in page and "not signed yet" in page
    assert "PRIVATE KEY" not in page and row.sealed_key not in page


def test_a_look_that_finds_everything_switches_signing_on(domain, alice, signed_in, store):
    browser = signed_in(alice)
    browser.get(PAGE)
    set_up(SendingDomain.objects.get())
    page = look(browser)
    assert page.count('success">Good') == 5
    assert "marlow.example was looked at." in page and "signed since" in page
    row = SendingDomain.objects.get()
    assert (row.signs_since is not None, row.checked_at is not None) == (True, True)
    assert signing.signer_of(store.pk, "marlow.example") is not None
    assert sending_domains.broken(store) == []


def test_a_key_that_is_gone_switches_signing_off_and_warns_where_it_matters(flow, domain, alice, signed_in, store):
    browser = signed_in(alice)
    browser.get(PAGE)
    set_up(SendingDomain.objects.get())
    look(browser)
    del ZONE[dns_check.dkim_host(SendingDomain.objects.get().selector, "marlow.example"), "TXT"]
    assert "There is no key at" in look(browser)
    assert SendingDomain.objects.get().signs_since is None
    assert [str(each) for each in sending_domains.broken(store)] == ["marlow.example"]
    for path in ("", "flows/post-purchase/activate/"):
        page = browser.get(f"/s/marlow/{path}").content.decode()
        assert "A record of marlow.example that was right is gone or changed: DKIM (last right" in page


def checked_at() -> datetime:
    moment = SendingDomain.objects.get().checked_at
    assert moment
    return moment


def test_a_domain_is_looked_at_again_each_day_and_what_was_never_right_is_not_called_lost(flow, domain, alice, signed_in, store):
    browser = signed_in(alice)
    browser.get(PAGE)
    tasks.look_at_domains()
    assert SendingDomain.objects.get().checked_at is None  # nobody has set it up yet
    set_up(SendingDomain.objects.get())
    del ZONE["_dmarc.marlow.example", "TXT"]
    look(browser)
    first = checked_at()
    tasks.look_at_domains()
    assert checked_at() == first
    del ZONE["marlow.example", "MX"]
    clock.set_to(clock.read() + timedelta(days=1, minutes=1))
    tasks.look_at_domains()
    assert checked_at() > first
    (broken,) = sending_domains.broken(store)
    assert [(subject, at) for subject, at in broken.lost] == [("Return path", first)]
    assert "looked at" in unescape(browser.get(PAGE).content.decode())


def test_a_domain_nothing_is_sent_from_any_more_is_not_asked_for(domain, alice, signed_in, store):
    browser = signed_in(alice)
    browser.get(PAGE)
    look(browser)
    found = SendingDomain.objects.get().findings
    store.sender_email = "hello@other.example"
    store.save()
    ZONE["marlow.example", "TXT"] = ["v=spf1 -all"]
    clock.set_to(clock.read() + timedelta(days=2))
    tasks.look_at_domains()
    assert SendingDomain.objects.get(domain="marlow.example").findings == found


def test_silence_on_the_daily_look_keeps_when_it_was_right(domain, alice, signed_in, store, settings):
    browser = signed_in(alice)
    browser.get(PAGE)
    set_up(SendingDomain.objects.get())
    look(browser)
    first = checked_at()
    settings.DNS_ASKING = f"{__name__}.silent"
    clock.set_to(clock.read() + timedelta(days=2))
    tasks.look_at_domains()
    row = SendingDomain.objects.get()
    assert {each["good_at"] for each in row.findings} == {first.isoformat()}
    assert (sending_domains.broken(store), row.signs_since is not None) == ([], True)


def test_silence_of_the_name_servers_changes_no_signing(domain, alice, signed_in, settings):
    browser = signed_in(alice)
    browser.get(PAGE)
    set_up(SendingDomain.objects.get())
    look(browser)
    settings.DNS_ASKING = f"{__name__}.silent"
    assert "The name servers did not answer (Timeout)" in look(browser)
    assert SendingDomain.objects.get().signs_since is not None


def silent():
    def ask(name: str, kind: str) -> Sequence[str]:
        raise dns_check.NoAnswer("Timeout")

    return ask


def test_each_stream_with_a_domain_of_its_own_has_its_records(domain, alice, signed_in, store):
    Account.objects.create(
        store=store, stream="marketing", provider="mailgun", from_email="jo@news.marlow.example", created_at=clock.read()
    )
    page = unescape(signed_in(alice).get(PAGE).content.decode())
    assert '<h2 id="domain-1">marlow.example</h2>' in page and '<h2 id="domain-2">news.marlow.example</h2>' in page
    assert "Service, Marketing mails" in page
    assert '<code data-copy="Copy SPF value">v=spf1 include:mailgun.org ~all</code>' in page


def test_a_domain_that_is_not_the_stores_is_not_looked_at(domain, alice, signed_in):
    signed_in(alice).post(PAGE, {"domain": "other.example"})
    assert SendingDomain.objects.get().checked_at is None


def test_without_a_sender_it_says_where_to_enter_one(store, alice, signed_in):
    store.sender_email = ""
    store.save()
    page = unescape(signed_in(alice).get(PAGE).content.decode())
    assert "No sender’s address yet" in page and "/s/marlow/settings/sender/" in page
    assert not SendingDomain.objects.exists()
