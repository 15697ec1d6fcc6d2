"""Who followed a link: a person, a machine, or nobody can say. Pure.

Mail filters fetch every link before the mail is shown, and some do so with a browser's name. Every click is kept with its class and the
reason; only what is surely a person's counts. There is no hidden link as a trap: spammers hide links too, and screen readers find them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Nobody has opened, read and clicked a mail so soon after it was handed over.
TOO_SOON = timedelta(seconds=10)
#: So many links of one mail within so long are a program's work.
BURST_LINKS, BURST = 3, timedelta(seconds=2)
#: What came from the same browser and network as a machine's click, so near to it, may be the machine again.
NEAR = timedelta(minutes=1)

HUMAN, MACHINE, UNSURE = "human", "machine", "unsure"

REASONS = {
    "head": "Asked only for the headers",
    "prefetch": "A browser loaded it in advance",
    "no_agent": "Did not say what it is",
    "scanner": "Calls itself a program",
    "too_soon": "Seconds after the mail was sent",
    "burst": "Three links of one mail within two seconds",
    "near_machine": "Right beside a machine's click",
    "odd_agent": "Does not call itself a browser",
    "": "",
}

_SCANNER = re.compile(
    r"(?<!cu)bot\b|spider|crawl|scan|preview|validator|monitor|headless|phantomjs|selenium|playwright|puppeteer|barracuda|proofpoint|mimecast"
    r"|ironport|fireeye|symantec|sophos|trendmicro|safelinks|urldefense|virustotal|facebookexternalhit|whatsapp|imageproxy|mailproxy"
    r"|curl/|wget/|python|java/|okhttp|go-http-client|node-fetch|axios|libwww|httpclient|winhttp|ruby|php/|perl",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Seen:
    """One click on a link of a mail, as it is remembered."""

    link: int
    at: datetime
    agent: str
    ip_prefix: str
    kind: str = ""


@dataclass(frozen=True)
class Verdict:
    """Who it was, and why we think so: a key of REASONS."""

    kind: str
    reason: str = ""


def at_once(*, method: str, agent: str, purpose: str = "") -> Verdict | None:
    """Return what a request says of itself (`purpose`: its Sec-Purpose or like header); None: it takes what happened around it to tell."""
    if method == "HEAD":
        return Verdict(MACHINE, "head")
    if "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return Verdict(MACHINE, "prefetch")
    if not agent.strip():
        return Verdict(MACHINE, "no_agent")
    return Verdict(MACHINE, "scanner") if _SCANNER.search(agent) else None


def judge(click: Seen, others: Sequence[Seen], *, sent_at: datetime | None) -> Verdict:
    """Return whose click it was by the other clicks on the same mail; to be asked once BURST has passed."""
    if sent_at is not None and click.at - sent_at < TOO_SOON:
        return Verdict(MACHINE, "too_soon")
    if _is_in_burst(click, others):
        return Verdict(MACHINE, "burst")
    if any(other.kind == MACHINE and _is_like(click, other) and abs(click.at - other.at) <= NEAR for other in others):
        return Verdict(UNSURE, "near_machine")
    if not click.agent.startswith("Mozilla/"):
        return Verdict(UNSURE, "odd_agent")
    return Verdict(HUMAN)


def _is_in_burst(click: Seen, others: Sequence[Seen]) -> bool:
    near = [click, *(other for other in others if abs(other.at - click.at) <= BURST)]
    starts = [one.at for one in near if one.at <= click.at]
    return any(len({one.link for one in near if start <= one.at <= start + BURST}) >= BURST_LINKS for start in starts)


def _is_like(click: Seen, other: Seen) -> bool:
    return (click.agent, click.ip_prefix) == (other.agent, other.ip_prefix)
