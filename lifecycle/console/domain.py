"""The domains a store's mails come from: what to paste where in their DNS, and what the last look found there."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from lifecycle.console import preferences
from lifecycle.console.answer import see
from messaging.domains import dns_check, sending_domains
from messaging.domains.sending_domains import Sent
from messaging.models import SendingDomain
from messaging.roads import signing
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Membership

_STATES = {
    dns_check.GOOD: ("success", "Good"),
    dns_check.WARN: ("warning", "Could be better"),
    dns_check.BAD: ("critical", "Needs you"),
    dns_check.UNKNOWN: ("", "Not known"),
}


@page(Membership.Role.OWNER)
def show(request: StoreRequest) -> HttpResponse:
    """Show each domain's records; "Check now" asks the name servers of the one that is named."""
    store, now = request.store, clock.read()
    sent = sending_domains.of(store)
    rows = {each.domain: signing.prepare(store, each.domain, now=now) for each in sent}
    if request.method == "POST":
        for each in sent:
            if each.domain == request.POST.get("domain"):
                sending_domains.check(each, rows[each.domain], now=now)
                messages.success(request, f"{each.domain} was looked at.")
        return see("console:settings_domain", store.slug)
    context = {
        "section": "settings", "now": now, "domains": [_shown(each, rows[each.domain]) for each in sent],
        "tabs": preferences.tabs_of(request, "settings_domain"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/domain.html", context)


def _shown(sent: Sent, row: SendingDomain) -> dict[str, Any]:
    """Return what the page says of a domain; before the first look it says what to paste."""
    setup = sending_domains.setup_of(sent, row)
    findings = row.findings or [finding.as_row() for finding in dns_check.check(setup, lambda name, kind: [])]
    for finding in findings:
        finding["tone"], finding["badge"] = _STATES[finding["state"]] if row.checked_at else ("", "Not looked at yet")
    tone, words = _STATES[dns_check.worst([finding["state"] for finding in findings])]
    return {
        "sent": sent, "row": row, "findings": findings, "tone": tone if row.checked_at else "",
        "badge": words if row.checked_at else "Not looked at yet", "is_ours": bool(setup.selector),
    }  # fmt: skip
