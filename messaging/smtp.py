"""SMTP that knows how far it got: whether the final dot of a mail was written before the line went dead.

Django's backend raises the same SMTPServerDisconnected before and after that dot. Before it the mail was certainly not taken and
may be sent again; after it nobody knows, and sending again could be sending twice.
"""

import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend


class PhasedSMTP(smtplib.SMTP):
    """Sets `dot_written` once a whole body, with its final dot, was handed to the network."""

    dot_written = False

    def send(self, s: Any) -> None:
        super().send(s)
        if isinstance(s, bytes) and s.endswith(b"\r\n.\r\n"):  # commands are sent as str; only a body comes as bytes
            self.dot_written = True


class PhasedSMTPS(PhasedSMTP, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class Backend(EmailBackend):
    """Django's SMTP backend on connections that know their phase."""

    @property
    def connection_class(self) -> Any:
        return PhasedSMTPS if self.use_ssl else PhasedSMTP

    @property
    def dot_written(self) -> bool:
        return bool(getattr(self.connection, "dot_written", False))

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if self.connection is not None:
            self.connection.dot_written = False  # type: ignore[attr-defined]  # it is one of ours
        return super().send_messages(email_messages)
