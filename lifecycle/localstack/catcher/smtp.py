"""Receive mails and keep them, whatever their shape: a catcher that refuses odd mails hides the faults it is there to show."""

import logging
from typing import Any

from aiosmtpd.smtp import SMTP

from lifecycle.localstack.catcher.mailbox import Mailbox

_log = logging.getLogger(__name__)


class _Receiver(SMTP):
    line_length_limit = 1_000_000  # real servers take over-long lines too


class _Keep:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        try:
            name = self.mailbox.keep(envelope.content, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos)
        except OSError as error:
            _log.error("A mail could not be kept: %s", error)
            return "452 Not kept: the folder cannot be written"
        return f"250 Kept as {name}"


def receiver(mailbox: Mailbox) -> SMTP:
    """Return the protocol for one connection."""
    return _Receiver(
        _Keep(mailbox), data_size_limit=64 * 1024 * 1024, enable_SMTPUTF8=True, hostname="localhost", ident="Doorstep mail catcher"
    )
