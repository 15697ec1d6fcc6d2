"""One request to a shop, and what is known of it afterwards: whether it can have arrived at all."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from offers.discounts.wanted import Later, Unknown
from stores import reachable

_TIMEOUT = 20.0
_MOST = 1_000_000  # bytes of an answer
_BUSY = 429
_FAULT = 500


@dataclass(frozen=True)
class Said:
    """A whole answer that is JSON."""

    status: int
    data: Any


def ask(method: str, url: str, *, body: object = None, headers: dict[str, str]) -> Said | Later | Unknown:
    """Send a request; what fails before it left is Later, what fails after that is Unknown. Redirects are not followed."""
    parts = urlsplit(url)
    raw = None if body is None else json.dumps(body).encode()
    try:
        line = reachable.line_to(parts.scheme, parts.hostname or "", parts.port, timeout=_TIMEOUT)
    except OSError as error:
        return Later(f"{parts.hostname} could not be reached ({error}).")
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request(method, path, raw, {"Content-Type": "application/json", "Accept": "application/json", **headers})
        answer = line.getresponse()
        text, pause = answer.read(_MOST), answer.headers.get("Retry-After", "")
    except (OSError, HTTPException) as error:
        return Unknown(f"{parts.hostname} did not answer ({type(error).__name__}).")
    finally:
        line.close()
    if answer.status == _BUSY:
        return Later(f"{parts.hostname} asks us to come back later.", seconds=_seconds(pause))
    if answer.status >= _FAULT:
        return Unknown(f"{parts.hostname} answered {answer.status}.")
    try:
        return Said(answer.status, json.loads(text))
    except ValueError:
        return Unknown(f"{parts.hostname} answered {answer.status}, and in no words that can be read.")


def _seconds(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 3600.0)
    except ValueError:
        return 0.0
