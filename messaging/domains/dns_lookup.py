"""Asks the name servers, with patience for a page and no longer."""

from collections.abc import Sequence
from time import monotonic

import dns.exception
import dns.resolver

from messaging.domains.dns_check import Ask, NoAnswer

ONE_SECONDS, ALL_SECONDS = 3.0, 12.0


def asking() -> Ask:
    """Return a way to ask that gives up after ALL_SECONDS, and asks nothing twice."""
    end, known = monotonic() + ALL_SECONDS, dict[tuple[str, str], Sequence[str]]()

    def ask(name: str, kind: str) -> Sequence[str]:
        if (name, kind) not in known:
            if monotonic() > end:
                raise NoAnswer("it takes too long")
            known[name, kind] = _resolved(name, kind)
        return known[name, kind]

    return ask


def _resolved(name: str, kind: str) -> Sequence[str]:
    try:
        answer = dns.resolver.resolve(name, kind, lifetime=ONE_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NoAnswer(type(error).__name__) from error
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text() for record in answer]
