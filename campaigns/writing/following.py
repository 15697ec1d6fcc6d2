"""Follows the links that people write into mails, once a day for as long as they stand there, and keeps what was found at their ends.

Only whole addresses: one that holds a value of the mail is another for each reader. A page is asked for by HEAD, and by GET where that
finds nothing, for some shops answer only that. Redirects are gone after, each to a public address only (`stores.reachable`). A
page that shows itself to some readers alone (401, 403, 429) is there. What was not found may have been away for a moment: it is looked for
again soon.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from campaigns.models import Flow, Step
from campaigns.writing.models import Followed
from messaging.rendering import blocks, proofs
from messaging.rendering.proofs import Proof
from stores import dates, phrases, reachable, rows
from stores.models import Store

EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)
#: So long is waited after somebody wrote: an address may be half typed.
SETTLED = timedelta(seconds=20)
TIMEOUT = 8.0
#: Of a store; who writes more has them followed no further.
MOST = 500
_LEASE = timedelta(minutes=10)
_LONGEST = 1000
_MOST_HOPS = 5
_GONE = frozenset({404, 410})
_NOT_BY_HEAD = frozenset({400, 403, 404, 405, 410, 500, 501})
_SAFE = "/%:@!$&'()*+,;=~-._?"


def note(store: Store, content: Mapping[str, Any], *, now: datetime) -> None:
    """Have the links of what was just written followed, those that are not already."""
    wanted = sorted({address for _, address in _of(content)})
    if wanted and Followed.objects.filter(store=store).count() < MOST:
        fresh = [{"store_id": store.pk, "address": address, "due_at": now + SETTLED, "fault": ""} for address in wanted]
        rows.insert(Followed, fresh, conflict="(store_id, address) DO NOTHING")


def faults(store: Store, content: Mapping[str, Any], *, now: datetime) -> list[Proof]:
    """Return what was found wrong at the ends of a content's links, in the order they stand. Nothing of it stands in the way."""
    standing = _of(content)
    if not standing:
        return []
    bad = Followed.objects.filter(store=store, address__in={address for _, address in standing}).exclude(fault="")
    found, zone, words = {row.address: row for row in bad}, ZoneInfo(store.timezone), phrases.of(phrases.ENGLISH)
    seen = {address: dates.deadline(row.looked_at, now=now, zone=zone, words=words) for address, row in found.items() if row.looked_at}
    return [
        Proof(where, f"“{proofs.short(address)}” {found[address].fault}, as seen on {seen[address]}.", is_grave=False)
        for where, address in standing
        if address in seen
    ]


def sweep(*, now: datetime, limit: int = 20) -> int:
    """Follow what is due; return how many were. What stands in no mail any more is forgotten."""
    due = _claimed(now=now, limit=limit)
    by_store: dict[int, list[Followed]] = defaultdict(list)
    for row in due:
        by_store[row.store_id].append(row)
    for store_id, mine in by_store.items():
        standing = _standing(store_id)
        for row in mine:
            if row.address in standing:
                fault = look(row.address)
                Followed.objects.filter(pk=row.pk).update(due_at=now + (AGAIN if fault else EVERY), looked_at=now, fault=fault)
            else:
                row.delete()
    return len(due)


def look(address: str) -> str:
    """Return what is wrong at the end of an address, in words that follow it; "" for nothing."""
    for _ in range(_MOST_HOPS):
        try:
            status, onward = _ask(urlsplit(address))
        except reachable.NotPublic:
            return "leads to no public address"
        except (OSError, HTTPException, ValueError):  # ValueError: no name, or no port, that there can be
            return "cannot be reached"
        if status in _GONE:
            return f"leads to no page any more (its answer is {status})"
        if status >= 500:
            return f"leads to a page that does not work (its answer is {status})"
        if not (300 <= status < 400 and onward):
            return ""
        address = urljoin(address, onward)
        if not address.startswith(("https://", "http://")):
            return ""
    return "leads from page to page and nowhere in the end"


def _ask(parts: SplitResult) -> tuple[int, str]:
    """Return the status of a page and where it sends its readers on; by GET, too, its words are not read."""
    status = 0
    for method in ("HEAD", "GET"):
        line = reachable.line_to(parts.scheme, (parts.hostname or "").encode("idna").decode(), parts.port, timeout=TIMEOUT)
        try:
            path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
            line.request(method, path, headers={"User-Agent": "Doorstep (are the links of our mails right?)", "Accept": "*/*"})
            answer = line.getresponse()
            status, onward = answer.status, answer.headers.get("Location", "")
        finally:
            line.close()
        if status not in _NOT_BY_HEAD:
            return status, onward
    return status, ""


@transaction.atomic
def _claimed(*, now: datetime, limit: int) -> list[Followed]:
    found = list(Followed.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).order_by("due_at", "pk")[:limit])
    Followed.objects.filter(pk__in=[row.pk for row in found]).update(due_at=now + _LEASE)
    return found


def _standing(store_id: int) -> set[str]:
    """Return the addresses in a store's mails as they go out or are being written; those of campaigns until they are scheduled."""
    of_flow = Q(version__flow__version=F("version")) | Q(version__flow__draft=F("version"))
    still = Q(version__flow__is_one_off=False) | Q(version__flow__state=Flow.State.DRAFT)
    steps = Step.objects.filter(of_flow, still, store_id=store_id).values_list("content", "variants")
    contents = (said for own, variants in steps for said in (own, *({**own, **each["content"]} for each in variants)))
    return {address for content in contents for _, address in _of(content)}


def _of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the addresses that can be followed, with their places, in every language of a content."""
    own = blocks.languages(content)[0]
    found = [
        (where if language == own else f"{language}, {where}", address)
        for language in blocks.languages(content)
        for where, address in proofs.addresses(blocks.in_language(content, language))
    ]
    return [(where, address) for where, address in found if _can_be_followed(address)]


def _can_be_followed(address: str) -> bool:
    return address.startswith(("https://", "http://")) and "{" not in address and len(address) <= _LONGEST
