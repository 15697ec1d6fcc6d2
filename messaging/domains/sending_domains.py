"""A store's sending domains: which they are, how their mails are sent, and what the DNS was last seen to say of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.domains import dns_check
from messaging.domains.dns_check import Finding, Setup
from messaging.models import Account, Purpose, SendingDomain
from messaging.roads import accounts, mime, signing
from messaging.roads.providers import PROVIDERS
from stores.models import Store

EVERY = timedelta(days=1)


@dataclass(frozen=True)
class _Habits:
    """What a provider wants in the DNS: see `dns_check.Setup`. Its selectors are those it usually gives; none: they differ by customer."""

    include: str = ""
    selectors: tuple[str, ...] = ()
    own_return_path: bool = True


_HABITS = {
    "postmark": _Habits(),
    "sendgrid": _Habits(selectors=("s1", "s2")),
    "mailgun": _Habits("mailgun.org", ("mailo", "smtp", "pic", "k1", "mx"), own_return_path=False),
    "amazon_ses": _Habits(),
    "resend": _Habits(selectors=("resend",)),
    "brevo": _Habits(selectors=("brevo1", "brevo2", "mail")),
    "mailjet": _Habits(selectors=("mailjet",)),
    "mailtrap": _Habits(selectors=("rwmt1", "rwmt2")),
    "sparkpost": _Habits(),
}
#: Mail servers that many send through, and what they want named in SPF.
_SERVERS = {"gmail.com": "_spf.google.com", "office365.com": "spf.protection.outlook.com", "zoho.com": "zohomail.com"}


@dataclass(frozen=True)
class Sent:
    """A domain that mails of some purposes come from, and how."""

    domain: str
    account: Account | None
    purposes: tuple[str, ...]


def of(store: Store) -> list[Sent]:
    """Return the domains that a store's mails come from, as its accounts stand."""
    held = accounts.accounts_of([store.pk])
    found: dict[str, Sent] = {}
    for purpose in (Purpose.TRANSACTIONAL, Purpose.SERVICE, Purpose.MARKETING):
        account = accounts.pick(held, store_id=store.pk, purpose=purpose)
        try:
            domain = mime.address(accounts.sender_of(store, account).email, "sender’s").rpartition("@")[2].lower()
        except ValueError:
            continue
        before = found.get(domain)
        found[domain] = Sent(domain, before.account if before else account, (*(before.purposes if before else ()), str(purpose.label)))
    return list(found.values())


def setup_of(sent: Sent, row: SendingDomain) -> Setup:
    """Return what the DNS must say for a domain; we sign only where a plain mail server does not."""
    account = sent.account
    provider = account.provider if account else "smtp"
    if provider in _HABITS:
        habits = _HABITS[provider]
        label = PROVIDERS[provider].label
        return Setup(sent.domain, label, habits.include, habits.selectors, own_return_path=habits.own_return_path)
    host = str(account.options.get("host", "") if account else settings.EMAIL_HOST).lower()
    include = next((name for server, name in _SERVERS.items() if host.endswith(f".{server}")), "")
    return Setup(sent.domain, host if include else "", include, selector=row.selector, public_key=row.public_key)


def check(sent: Sent, row: SendingDomain, *, now: datetime) -> None:
    """Ask the name servers, keep what they say, and sign from now on, or no more, by whether our key is there."""
    setup = setup_of(sent, row)
    findings = dns_check.check(setup, import_string(settings.DNS_ASKING)())
    row.findings, row.checked_at = _remembering(findings, row.findings, now=now), now
    row.save(update_fields=["findings", "checked_at"])
    key = next(finding for finding in findings if finding.subject == "DKIM")
    if setup.selector and key.state != dns_check.UNKNOWN:
        signing.switch(row, is_on=key.state != dns_check.BAD, now=now)


def _remembering(findings: Sequence[Finding], before: Iterable[dict[str, Any]], *, now: datetime) -> list[dict[str, Any]]:
    """Return findings as they are kept, each with when it was last seen to be right."""
    good_at = {found["subject"]: found.get("good_at") for found in before}
    good_at |= {found.subject: now.isoformat() for found in findings if found.state == dns_check.GOOD}
    return [{**found.as_row(), "good_at": good_at.get(found.subject)} for found in findings]


def look_again(*, now: datetime, limit: int = 20) -> int:
    """Look at domains that nobody has looked at for a day; return how many. Who never looked is not waiting for any."""
    due = SendingDomain.objects.filter(checked_at__lt=now - EVERY).select_related("store").order_by("checked_at")[:limit]
    for row in due:
        sent = next((each for each in of(row.store) if each.domain == row.domain), None)
        if sent:
            check(sent, row, now=now)
        else:  # nothing is sent from it any more
            SendingDomain.objects.filter(pk=row.pk).update(checked_at=now)
    return len(due)


@dataclass(frozen=True)
class Broken:
    """A domain of which the last look found something bad; `lost`: the records that had been right, and when they last were."""

    domain: str
    lost: tuple[tuple[str, datetime], ...]

    def __str__(self) -> str:
        return self.domain


def broken(store: Store) -> list[Broken]:
    """Return the domains of a store of which the last look found something bad: one query. A warning, no hindrance."""
    rows: Iterable[SendingDomain] = SendingDomain.objects.filter(store=store, checked_at__isnull=False).order_by("domain")
    bad = [(row.domain, [found for found in row.findings if found["state"] == dns_check.BAD]) for row in rows]
    return [
        Broken(domain, tuple((each["subject"], datetime.fromisoformat(each["good_at"])) for each in found if each.get("good_at")))
        for domain, found in bad
        if found
    ]
