"""Which road mails take: EMAIL_URL to Django's mail settings, and the backend that writes .eml files.

| EMAIL_URL | what happens |
|---|---|
| `catcher://[host:port]` | the local mail catcher of `make demo` (default 127.0.0.1:1025) |
| `smtp://[user:password@]host[:port][?tls=1]`, `smtps://…` | a mail server |
| `console://` | printed |
| `memory://` | kept in `django.core.mail.outbox` (tests) |
| `file:///folder` | one .eml file a mail |
| `anymail://postmark?server_token=…` | any provider of django-anymail, its settings as parameters |
"""

import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from messaging.roads.providers import PROVIDERS

#: Roads that end on this machine: only with these may the clock be moved (`manage.py sweep --until`).
CAUGHT = frozenset({"catcher", "memory", "file", "console"})


def scheme(url: str) -> str:
    return urlsplit(url).scheme


def settings_from(url: str) -> dict[str, Any]:
    """Return Django's mail settings for an EMAIL_URL; raise ImproperlyConfigured for one that is not understood."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    match parts.scheme:
        case "memory":
            return {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
        case "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        case "file":
            return {"EMAIL_BACKEND": "lifecycle.mail.EmlFiles", "EMAIL_FILE_PATH": unquote(parts.path)}
        case "catcher" | "smtp" | "smtps":
            caught = parts.scheme == "catcher"
            return {
                "EMAIL_BACKEND": "messaging.roads.smtp.Backend",
                "EMAIL_HOST": parts.hostname or "127.0.0.1",
                "EMAIL_PORT": parts.port or (1025 if caught else 465 if parts.scheme == "smtps" else 25),
                "EMAIL_HOST_USER": unquote(parts.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
                "EMAIL_USE_SSL": parts.scheme == "smtps",
                "EMAIL_USE_TLS": options.get("tls") == "1",
            }
        case "anymail" if parts.hostname:
            provider = parts.hostname
            ours = PROVIDERS.get(provider)  # those wait no longer than they should, and know what was certainly not sent
            return {
                "EMAIL_BACKEND": ours.backend if ours and not ours.is_smtp else f"anymail.backends.{provider}.EmailBackend",
                "ANYMAIL": {f"{provider}_{name}".upper(): value for name, value in options.items()},
            }
    raise ImproperlyConfigured(
        f"EMAIL_URL {parts.scheme}:// is not understood. Use catcher, smtp, smtps, console, memory, file or anymail://provider."
    )


class EmlFiles(BaseEmailBackend):
    """Write each mail as one .eml file that appears whole or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        from django.conf import settings

        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = uuid.uuid4().hex
            partial = folder / f".{name}.partial"
            partial.write_bytes(message.message().as_bytes(linesep="\r\n"))
            os.replace(partial, folder / f"{name}.eml")
        return len(email_messages)
