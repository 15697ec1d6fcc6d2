"""What a sending domain's DNS must say, and what is wrong with what it says. Pure: how to ask is handed in.

SPF (RFC 7208) for the return path, DKIM (RFC 6376) for the signature, DMARC (RFC 7489) for the From address that customers see, MX so
that answers arrive. Every finding says in words what was found, what is meant, and what to paste where.
"""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key


class NoAnswer(Exception):
    """The name servers did not answer: nothing is known."""


#: Return the records of a type at a name as text ([] where there are none, a CNAME already followed); raise NoAnswer.
Ask = Callable[[str, str], Sequence[str]]

GOOD, WARN, BAD, UNKNOWN = "good", "warn", "bad", "unknown"
MOST_LOOKUPS, MOST_VOID = 10, 2  # RFC 7208, 4.6.4


@dataclass(frozen=True)
class Setup:
    """How a store's mails of one From domain are sent.

    `include`: what the provider wants named in SPF, "" if it wants nothing there; `selectors`: where its DKIM keys stand; `selector` and
    `public_key`: ours, where we sign ourselves. `own_return_path`: bounces go to an address of the provider, so that its SPF counts.
    """

    domain: str
    provider: str = ""
    include: str = ""
    selectors: tuple[str, ...] = ()
    selector: str = ""
    public_key: str = ""
    own_return_path: bool = False


@dataclass(frozen=True)
class Finding:
    """One row of the page: what to set (`kind`, `host`, `value`; "" where the provider says it), what is there, and what that means."""

    subject: str
    kind: str
    host: str
    value: str
    found: str
    state: str
    words: str

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def check(setup: Setup, ask: Ask) -> list[Finding]:
    """Return the findings on a domain: SPF, DKIM, DMARC, the return path."""
    return [_guarded(subject, rule, setup, ask) for subject, rule in _RULES.items()]


def worst(states: Sequence[str]) -> str:
    return next((state for state in (BAD, UNKNOWN, WARN) if state in states), GOOD)


def _guarded(subject: str, rule: Callable[[Setup, Ask], Finding], setup: Setup, ask: Ask) -> Finding:
    try:
        return rule(setup, ask)
    except NoAnswer as error:
        wanted = _WANTED[subject](setup)
        return Finding(subject, *wanted, "", UNKNOWN, f"The name servers did not answer ({error}). Nothing is known; check again later.")


# SPF ------------------------------------------------------------------------------------------------------------------------------------


def _spf(setup: Setup, ask: Ask) -> Finding:
    records = [text for text in ask(setup.domain, "TXT") if _is_spf(text)]

    def say(state: str, words: str) -> Finding:
        return Finding("SPF", *_spf_wanted(setup, records), " · ".join(records), state, words)

    if len(records) > 1:
        return say(BAD, f"There are {len(records)} SPF records, and then none counts. Join them into the one below and delete the others.")
    if not records:
        if setup.own_return_path:
            return say(GOOD, f"None is needed here: bounces go to {setup.provider}, whose own record counts.")
        ask_whom = "" if setup.include else " Whoever runs your mail server says what belongs there; often it is v=spf1 mx ~all."
        return say(BAD, f"There is no SPF record. Without it nobody knows which servers may send for this domain.{ask_whom}")
    terms = records[0].split()[1:]
    return say(*_spf_verdict(setup, terms, ask))


def _spf_verdict(setup: Setup, terms: Sequence[str], ask: Ask) -> tuple[str, str]:
    lookups, void, includes = _walk(setup.domain, terms, ask, frozenset())
    last = terms[-1].lower() if terms else ""
    if wrong := next((term for term in terms if not _TERM.fullmatch(term)), ""):
        return BAD, f"“{wrong[:60]}” is nothing an SPF record knows, so the whole record counts for nothing. Correct it."
    if lookups > MOST_LOOKUPS:
        return BAD, f"Reading it takes {lookups} look-ups, and more than {MOST_LOOKUPS} make it worthless. Take out what sends no more."
    if last in ("+all", "all"):
        return BAD, "It ends in +all, which lets everybody send for this domain. End it in ~all."
    if setup.include and setup.include not in includes and not setup.own_return_path:
        return BAD, f"It does not name {setup.provider} (include:{setup.include}). Put that in before its last word."
    if void > MOST_VOID:
        return WARN, f"{void} of the names in it lead nowhere. Take them out."
    if last not in ("-all", "~all") and not last.startswith("redirect="):
        return WARN, "It does not say what to think of all other servers. End it in ~all."
    return (
        GOOD,
        "It names who may send." if setup.include else "There is one, and it can be read. That it names your server only you can tell.",
    )


_TERM = re.compile(
    r"[-+~?]?(all|(include|exists):\S+|(a|mx|ptr)([:/]\S+)?|ip4:[\d./]+|ip6:[0-9a-f:./]+)|(redirect|exp|[a-z][a-z0-9_.-]*)=\S+",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[-+~?]?(?:(include|exists|a|mx|ptr)(?:[:]([^/\s]+))?(?:/\S*)?|(redirect)=(\S+))", re.IGNORECASE)


def _is_spf(text: str) -> bool:
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def _walk(domain: str, terms: Sequence[str], ask: Ask, seen: frozenset[str]) -> tuple[int, int, set[str]]:
    """Return how many look-ups an SPF record takes, how many of them find nothing, and every name it includes."""
    lookups, void, includes = 0, 0, set[str]()
    for term in terms:
        found = _ASKS.fullmatch(term)
        if not found or lookups > MOST_LOOKUPS:
            continue
        lookups += 1
        word, name = (found[1] or found[3]).lower(), (found[2] or found[4] or "").lower().rstrip(".")
        if word not in ("include", "redirect") or name in seen or "%" in name:
            continue
        includes.add(name)
        inner = next((text for text in ask(name, "TXT") if _is_spf(text)), None)
        if inner is None:
            void += 1
            continue
        more = _walk(name, inner.split()[1:], ask, seen | {domain, name})
        lookups, void, includes = lookups + more[0], void + more[1], includes | more[2]
    return lookups, void, includes


def _spf_wanted(setup: Setup, records: Sequence[str] = ()) -> tuple[str, str, str]:
    """Return the record to paste: the one that is there, with the provider put in, or a new one."""
    if setup.own_return_path or not (setup.include or records):
        return "TXT", setup.domain, ""
    terms = dict.fromkeys(term for record in records for term in record.split()[1:] if not re.fullmatch(r"[-+~?]?all", term, re.IGNORECASE))
    if setup.include:
        terms[f"include:{setup.include}"] = None
    return "TXT", setup.domain, " ".join(["v=spf1", *terms, "~all"])


# DKIM -----------------------------------------------------------------------------------------------------------------------------------


def dkim_record(public_key: str) -> str:
    return f"v=DKIM1; k=rsa; p={public_key}"


def dkim_host(selector: str, domain: str) -> str:
    return f"{selector}._domainkey.{domain}"


def tags(record: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record; white space inside a key is none of it."""
    pairs = (part.partition("=") for part in record.split(";") if part.strip())
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}


def key_bits(record: str) -> int:
    """Return how long the RSA key in a DKIM record is; 0 if it cannot be read, 2048 for an Ed25519 key, which is as good."""
    held = tags(record)
    try:
        raw = base64.b64decode(held.get("p", ""), validate=True)
        if held.get("k", "rsa").lower() == "ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(raw)
            return 2048
        key = load_der_public_key(raw)
    except ValueError:
        return 0
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else 0


def _dkim(setup: Setup, ask: Ask) -> Finding:
    wanted = _dkim_wanted(setup)
    selectors = (setup.selector,) if setup.selector else setup.selectors
    if not selectors:
        words = f"{setup.provider or 'The provider'} makes this key and signs with it. Copy the record from its page on domains."
        return Finding("DKIM", *wanted, "", UNKNOWN, words)
    found = _keys(selectors, setup.domain, ask) or ({} if setup.selector else _keys(selectors, organisation(setup.domain), ask))

    def say(state: str, words: str) -> Finding:
        return Finding("DKIM", *wanted, " · ".join(text for texts in found.values() for text in texts)[:500], state, words)

    if not found:
        hosts = " or ".join(dkim_host(selector, setup.domain) for selector in selectors)
        where = "the record below" if setup.selector else f"the record that {setup.provider} shows on its page on domains"
        return say(BAD, f"There is no key at {hosts}. Paste {where}.")
    if any(len(texts) > 1 for texts in found.values()):
        return say(BAD, "There are two keys at one name, and receivers take either. Delete the one that is not wanted.")
    return say(*_key_verdict(setup, next(iter(found.values()))[0]))


def _keys(selectors: Sequence[str], domain: str, ask: Ask) -> dict[str, list[str]]:
    """Return the DKIM records of a domain by their names."""
    found = {host: [text for text in ask(host, "TXT") if "p" in tags(text)] for host in (dkim_host(each, domain) for each in selectors)}
    return {host: texts for host, texts in found.items() if texts}


def _key_verdict(setup: Setup, record: str) -> tuple[str, str]:
    held = tags(record)
    if not held["p"]:
        return BAD, "The key is empty (p=), which says that it was withdrawn. Paste the record again."
    bits = key_bits(record)
    if held.get("v", "DKIM1") != "DKIM1" or not bits:
        return BAD, "The record is there, but its key cannot be read: it was cut or changed in pasting. Paste it again, as one line."
    if setup.public_key and held["p"] != setup.public_key:
        return BAD, "There is another key than ours, so that signatures would not hold. Replace it by the one below."
    if bits < 1024:
        return BAD, f"The key has {bits} bits; Gmail takes none below 1024. Make one of 2048."
    if bits < 2048:
        return WARN, f"The key has {bits} bits, which is short by now. Make one of 2048 at the provider."
    if "y" in held.get("t", "").split(":"):
        return WARN, "The record says that it is only a test (t=y). Take that out."
    return GOOD, "The key is there and can be read."


def _dkim_wanted(setup: Setup) -> tuple[str, str, str]:
    if setup.selector:
        return "TXT", dkim_host(setup.selector, setup.domain), dkim_record(setup.public_key)
    return "TXT", dkim_host(setup.selectors[0], setup.domain) if setup.selectors else "", ""


# DMARC ----------------------------------------------------------------------------------------------------------------------------------


def organisation(domain: str) -> str:
    """Return the part of a domain that DMARC calls organisational: two labels, three under the likes of co.uk.

    The Public Suffix List would be exact; a wrong guess here only looks one name too low or too high.
    """
    labels = domain.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in ("co", "com", "net", "org", "ac", "gov", "edu", "or", "ne")
    return ".".join(labels[-3 if short else -2 :])


def _dmarc(setup: Setup, ask: Ask) -> Finding:
    above = organisation(setup.domain)
    places = dict.fromkeys(f"_dmarc.{name}" for name in (setup.domain, above))
    records: list[str] = []
    for place in places:
        records = [text for text in ask(place, "TXT") if text.lower().replace(" ", "").startswith("v=dmarc1")]
        if records:
            break

    def say(state: str, words: str) -> Finding:
        return Finding("DMARC", *_dmarc_wanted(setup), " · ".join(records), state, words)

    if not records:
        return say(BAD, "There is no DMARC record. Gmail and Yahoo want one of everybody who sends in bulk; p=none is enough to begin.")
    if len(records) > 1:
        return say(BAD, "There are two DMARC records, and then none counts. Keep one.")
    held = tags(records[0])
    if held.get("adkim", "r").lower() == "s" and _signs_above(setup, ask):
        return say(BAD, f"It wants a signature of {setup.domain} itself (adkim=s), and the key stands at {above}. Take adkim=s out.")
    return say(*_dmarc_verdict(setup, held, is_above=place != f"_dmarc.{setup.domain}"))


def _signs_above(setup: Setup, ask: Ask) -> bool:
    """Say whether the provider signs for the organisation's domain, and not for the one that mails come from."""
    above = organisation(setup.domain)
    is_possible = above != setup.domain and not setup.selector and setup.selectors
    return bool(is_possible and not _keys(setup.selectors, setup.domain, ask) and _keys(setup.selectors, above, ask))


def _dmarc_verdict(setup: Setup, held: dict[str, str], *, is_above: bool) -> tuple[str, str]:
    policy = held.get("sp", held.get("p", "")) if is_above else held.get("p", "")
    if policy.lower() not in ("none", "quarantine", "reject"):
        return BAD, "It has no policy (p=none, quarantine or reject), so that it counts for nothing. Put p= right behind v=DMARC1;."
    if held.get("aspf", "r").lower() == "s" and setup.own_return_path:
        return WARN, f"It wants bounces to go to {setup.domain} itself (aspf=s), but they go to {setup.provider}. Take aspf=s out."
    if "rua" not in held:
        return WARN, "It works. Nobody is told who else sends in your name: add rua=mailto: and an address of yours."
    return (
        GOOD,
        "The address that customers see is protected."
        if policy != "none"
        else "It is there. Once SPF and DKIM are good, raise it to p=quarantine.",
    )


def _dmarc_wanted(setup: Setup) -> tuple[str, str, str]:
    return "TXT", f"_dmarc.{setup.domain}", f"v=DMARC1; p=none; rua=mailto:postmaster@{organisation(setup.domain)}"


# The return path ------------------------------------------------------------------------------------------------------------------------


def _return_path(setup: Setup, ask: Ask) -> Finding:
    mx = list(ask(setup.domain, "MX"))
    hosts = [text.split()[-1] for text in mx]

    def say(state: str, words: str) -> Finding:
        return Finding("Return path", "MX", setup.domain, "", " · ".join(mx), state, words)

    if hosts == ["."]:
        return say(
            BAD, "The domain says that it takes no mail at all (null MX). Answers and bounces are lost, and some refuse such senders."
        )
    aliases = [host for host in hosts if ask(host.rstrip("."), "CNAME")]
    if aliases:
        return say(WARN, f"{aliases[0]} is an alias (CNAME), which an MX must not name. Name the server itself.")
    if not hosts and not ask(setup.domain, "A"):
        return say(BAD, "Nothing takes mail for this domain: answers are lost. Add the MX record that your mailbox’s provider names.")
    if not hosts:
        return say(WARN, "There is no MX record; mail goes to the web server of that name, which may not take it.")
    return say(GOOD, "Answers arrive." if not setup.own_return_path else f"Answers arrive; bounces go to {setup.provider}.")


_RULES = {"SPF": _spf, "DKIM": _dkim, "DMARC": _dmarc, "Return path": _return_path}
_WANTED: dict[str, Callable[[Setup], tuple[str, str, str]]] = {
    "SPF": _spf_wanted,
    "DKIM": _dkim_wanted,
    "DMARC": _dmarc_wanted,
    "Return path": lambda setup: ("MX", setup.domain, ""),
}
