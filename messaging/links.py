"""Links that are counted: a mail's way out of the shop's own links leads by /c/<token>/, and their targets stand in the database.

Only links out are turned: our own pages carry tokens already, and must stay what they say. Which mails are counted is the store's
choice; order mails are not, unless it says so. There is no pixel: opens are not measured at all (README, "What is counted").
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape, unescape

from django.conf import settings
from django.db import connection, transaction

from customers import events
from messaging import clicks
from messaging.models import Click, Link, Message, Purpose
from messaging.returning import day_counts
from stores import rows, tokens
from stores.models import Store

_IN_HTML = re.compile(r'<a\s[^>]*?href="(https?://[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_IN_TEXT = re.compile(r"^https?://\S+$", re.MULTILINE)  # the text part gives each link a line of its own
_TAGS = re.compile(r"<[^>]*>")
_LONGEST = 2000
#: A click that nobody could look at for so long says nothing any more; so each look reads a few months of clicks.
_LOOKED_BACK = timedelta(days=60)


def count_in(messages: Iterable[Message]) -> list[Link]:
    """Turn the links of mails about to be saved; return their rows, to be kept once the mails are saved."""
    return [link for message in messages if _is_counted(message) for link in _turned(message)]


def keep(links: Sequence[Link]) -> None:
    """Save the links of mails that are saved; one statement."""
    names = ("store_id", "message_id", "token", "url", "label")
    fresh = [(link.store_id, link.message.pk, link.token, link.url, link.label) for link in links]
    rows.insert(Link, [dict(zip(names, values, strict=True)) for values in fresh])


def _is_counted(message: Message) -> bool:
    choice = message.store.track_clicks
    return choice == Store.TrackClicks.ALL or (choice == Store.TrackClicks.BULK and message.purpose != Purpose.TRANSACTIONAL)


def _turned(message: Message) -> Iterable[Link]:
    """Turn a mail's links, each address once for both parts, and return them."""
    base = settings.PUBLIC_URL
    own = base + "/"
    found: dict[str, Link] = {}

    def way(url: str, label: str = "") -> str:
        if url.startswith(own) or len(url) > _LONGEST:
            return url
        link = found.get(url)
        if link is None:
            link = found[url] = Link(store_id=message.store_id, message=message, url=url, label=label, token=tokens.public_token())
        return f"{base}/c/{link.token}/"

    def in_html(anchor: re.Match[str]) -> str:
        url = unescape(anchor[1])
        turned = way(url, "" if url in found else _words(anchor[2]))
        return anchor[0] if turned == url else anchor[0].replace(anchor[1], escape(turned), 1)

    message.html = _IN_HTML.sub(in_html, message.html)
    message.text = _IN_TEXT.sub(lambda line: way(line[0]), message.text)
    return found.values()


def _words(inner: str) -> str:
    return " ".join(unescape(_TAGS.sub(" ", inner)).split())[:80]


def straight(message: Message) -> str:
    """Return a mail's HTML with its links leading straight to where they end: who looks at a customer's mail has not clicked for them."""
    html = message.html
    for token, url in message.links.values_list("token", "url"):
        html = html.replace(f"{settings.PUBLIC_URL}/c/{token}/", escape(url))
    return html


def clicked(link: Link, *, at: datetime, method: str, agent: str, network: str, purpose: str = "") -> None:
    """Keep a click; who it was is told at once only where the request says so itself."""
    verdict = clicks.at_once(method=method, agent=agent, purpose=purpose) or clicks.Verdict("")
    Click.objects.create(
        store_id=link.store_id, link=link, at=at, kind=verdict.kind, reason=verdict.reason, agent=agent[:300],
        ip_prefix=network,
    )  # fmt: skip


@transaction.atomic
def judge(*, now: datetime, limit: int = 500) -> int:
    """Tell people's clicks from machines', now that what happened around them is known; return how many were judged."""
    lately = Click.objects.filter(at__gt=now - _LOOKED_BACK, at__lt=now - clicks.BURST)
    if not lately.filter(kind="").exists():
        return 0
    waiting = lately.filter(kind="").select_for_update(skip_locked=True, of=("self",))
    found = list(waiting.select_related("link__message").defer("link__message__html", "link__message__text").order_by("id")[:limit])
    if not found:
        return 0
    around: dict[int, list[tuple[int, clicks.Seen]]] = {}
    mails = {click.link.message_id for click in found}
    first, last = min(click.at for click in found), max(click.at for click in found)
    near = Click.objects.filter(at__gte=first - clicks.NEAR, at__lte=last + clicks.NEAR)
    for other in near.filter(link__message__in=mails).select_related("link"):
        around.setdefault(other.link.message_id, []).append((other.pk, _seen(other)))
    for click in found:
        others = [seen for pk, seen in around[click.link.message_id] if pk != click.pk]
        verdict = clicks.judge(_seen(click), others, sent_at=click.link.message.sent_at)
        click.kind, click.reason = verdict.kind, verdict.reason
    _write(found, first=first, last=last)
    day_counts.touch(click.link.message_id for click in found if click.kind == clicks.HUMAN)
    events.record_many([_told(click) for click in found if click.kind == clicks.HUMAN], now=now)
    return len(found)


def _write(judged: Sequence[Click], *, first: datetime, last: datetime) -> None:
    """Write down whose clicks they were: within the months they are in."""
    words = [{"id": click.pk, "kind": click.kind, "reason": click.reason} for click in judged]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_click c SET kind = said.kind, reason = said.reason"
            " FROM json_to_recordset(%s::json) AS said(id bigint, kind text, reason text)"
            " WHERE c.id = said.id AND c.at >= %s AND c.at <= %s",
            [rows.as_value(words), first, last],
        )


def _seen(click: Click) -> clicks.Seen:
    return clicks.Seen(click.link_id, click.at, click.agent, click.ip_prefix, click.kind)


def _told(click: Click) -> events.NewEvent:
    link, message = click.link, click.link.message
    data = {
        "message": message.pk, "subject": message.subject, "flow": message.flow, "step": message.step, "order": message.order_id,
        "link": link.pk, "url": link.url, "label": link.label,
    }  # fmt: skip
    kind = events.Kind.MAIL_CLICKED
    return events.NewEvent(click.store_id, message.customer_id, kind, click.at, f"{kind}:link:{link.pk}", data)
