"""What a refusal means: for good, for now, not an address at all, or not the person's doing. Pure.

The enhanced status says most (RFC 3463 and the IANA registry of its codes), then the words of the server, then the plain code (RFC
5321). A "no" that does not say why counts as one for now: nobody is put on a list for good on a guess.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: So many bounces for now in a row, without a delivery between, are one for good.
SOFT_IN_A_ROW = 7


class Class(StrEnum):
    """`hard` and `invalid` suppress at once, `soft` after seven in a row; `block` is about the store, and suppresses nobody."""

    HARD = "hard"
    INVALID = "invalid"
    SOFT = "soft"
    BLOCK = "block"


#: Subject and detail of an enhanced status that was given with a permanent (5.x.x) class.
_STATUS = {
    "1.0": Class.HARD, "1.1": Class.HARD, "1.2": Class.INVALID, "1.3": Class.INVALID, "1.6": Class.HARD, "1.7": Class.BLOCK,
    "1.8": Class.BLOCK, "1.9": Class.BLOCK, "1.10": Class.INVALID, "2.1": Class.HARD, "2.2": Class.SOFT, "2.3": Class.BLOCK,
    "2.4": Class.SOFT, "3.4": Class.BLOCK, "4.4": Class.INVALID, "7.13": Class.HARD, "7.17": Class.HARD, "7.18": Class.HARD,
}  # fmt: skip
#: Subjects whose details all mean one thing: mail systems and networks, content, security and policy.
_SUBJECT = {"3": Class.SOFT, "4": Class.SOFT, "6": Class.BLOCK, "7": Class.BLOCK}
#: Statuses that servers use for whatever they like (5.7.1 for an unknown user, 5.4.1 for a closed mailbox): here the words go first.
_LOOSE = frozenset({"0.0", "1.0", "2.0", "4.1", "5.0", "7.0", "7.1"})

_WORDS = (
    (Class.HARD, r"user unknown|unknown (user|recipient|mailbox)|no such (user|recipient|mailbox|person)|invalid (recipient|mailbox)"),
    (Class.SOFT, r"mailbox (is )?full|over ?quota|quota exceeded|exceeded.{0,20}(quota|storage)|(insufficient|out of).{0,12}storage"),
    (
        Class.INVALID,
        r"no such domain|(domain|host)( name)? (was )?not found|unknown (host|domain)|nxdomain|unrout(e)?able|null mx|no mx"
        r"|(bad|invalid|malformed).{0,12}(address|syntax)",
    ),
    (
        Class.BLOCK,
        r"spam|block(ed|list)|black ?list|deny ?list|\brbl\b|dnsbl|spamhaus|barracuda|proofpoint|polic(y|ies)|dmarc|\bspf\b|dkim|reputation"
        r"|unsolicited|bulk|rate limit|too many|throttl|gr[ae]ylist|not authori[sz]ed|unauthenticated|authentication|relay|virus|malware"
        r"|content (rejected|denied)|access denied|banned|suspicious|too large|size limit",
    ),
    (
        Class.HARD,
        r"mailbox (unavailable|not found|does ?n.t exist|does not exist|disabled|inactive|is disabled)|does not exist|doesn't exist"
        r"|recipient (address )?rejected|address rejected|account (that you tried|.{0,20}(disabled|inactive|deactivated|closed))|no mailbox"
        r"|not our customer|no longer (here|valid|available|with)",
    ),
    (Class.SOFT, r"try (again|later)|temporar|time(d)? ?out|deferred|connection (refused|reset|dropped)|unavailable|greeting"),
)  # fmt: skip
_READ_WORDS = [(meaning, re.compile(words, re.IGNORECASE)) for meaning, words in _WORDS]

_CODE = {521: Class.INVALID, 551: Class.HARD, 552: Class.SOFT, 553: Class.INVALID, 554: Class.BLOCK, 556: Class.INVALID}
_FOUND_CODE = re.compile(r"(?:^|[^\d.])([245]\d\d)(?=[\s\-,;:]|$)")
_FOUND_STATUS = re.compile(r"(?:^|[^\d.])([245])\.(\d{1,3}\.\d{1,3})(?![\d.]*\d)")


def of_reply(text: str) -> Class:
    """Return the class of a server's reply, such as "550 5.1.1 user unknown"."""
    code, status = _FOUND_CODE.search(text), _FOUND_STATUS.search(text)
    return classify(code=int(code[1]) if code else None, status=f"{status[1]}.{status[2]}" if status else "", text=text)


def classify(*, code: int | None, status: str, text: str) -> Class:
    """Return the class of a refusal by its SMTP code, its enhanced status ("" if none was given) and the words with it."""
    severity, _, reason = status.partition(".")
    is_for_now = severity == "4" if severity else code is not None and code < 500
    by_words = next((meaning for meaning, words in _READ_WORDS if words.search(text)), None)
    if is_for_now:
        return Class.BLOCK if reason.startswith("7.") or by_words == Class.BLOCK else Class.SOFT
    by_status = _STATUS.get(reason) or _SUBJECT.get(reason.partition(".")[0])
    if by_status and reason not in _LOOSE:
        return by_status
    return by_words or by_status or _CODE.get(code or 0) or (Class.BLOCK if code and code not in (550, 450) else Class.SOFT)


def combine(hint: Class | None, reply: str) -> Class:
    """Return the class of a bounce that its provider called `hint`; the server's own words may make it milder, never harder."""
    if hint in (None, Class.HARD) and reply:
        said = of_reply(reply)
        return said if hint is None or said in (Class.BLOCK, Class.INVALID) or _is_full(reply) else Class.HARD
    return hint or Class.SOFT


def _is_full(reply: str) -> bool:
    return _READ_WORDS[1][1].search(reply) is not None or bool(re.search(r"\b[45]\.2\.2\b", reply))


@dataclass(frozen=True, order=True)
class Said:
    """One thing that was said of an address: a bounce's class, or `delivered`. In the order of time."""

    at: datetime
    key: str
    kind: str


@dataclass(frozen=True)
class Verdict:
    """Why an address gets no more mail, and which saying proved it."""

    cause: str
    proof: Said


def verdict(history: Iterable[Said]) -> Verdict | None:
    """Return whether what was said of an address, in whatever order it came, closes it; the earliest proof counts."""
    in_a_row = 0
    for said in sorted(history):
        match said.kind:
            case Class.HARD:
                return Verdict("hard_bounce", said)
            case Class.INVALID:
                return Verdict("invalid", said)
            case Class.SOFT:
                in_a_row += 1
                if in_a_row == SOFT_IN_A_ROW:
                    return Verdict("soft_bounces", said)
            case "delivered":
                in_a_row = 0
    return None
