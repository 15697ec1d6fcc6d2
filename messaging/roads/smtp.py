"""SMTP that knows how far it got, and takes one step where the plain client takes four.

Django's backend raises the same SMTPServerDisconnected before and after the final dot. Before it the mail was certainly not taken and
may be sent again; after it nobody knows, and sending again could be sending twice. A server that offers PIPELINING (RFC 2920) gets
sender, recipient and DATA in one packet.
"""

import smtplib
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from stores import reachable
from stores.failpoints import reach

CONNECT_SECONDS = 5
_DOT = b"\r\n.\r\n"
_NO_SMTPUTF8 = b"5.6.7 The mail server offers no SMTPUTF8: it cannot take an address with letters beyond ASCII before the @"


class PhasedSMTP(smtplib.SMTP):
    """Sets `dot_written` once a whole body, with its final dot, was handed to the network.

    With `only_public` it connects to no private address.
    """

    dot_written = False

    def __init__(self, *args: Any, only_public: bool = False, **options: Any) -> None:
        self.only_public = only_public
        super().__init__(*args, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        """Connect; what was looked up and found public is what is connected to, and TLS still asks for the host by its name."""
        address = reachable.public_address(host, port) if self.only_public else host
        return super()._get_socket(address, port, timeout)  # type: ignore[misc]  # the standard library's own hook

    def send(self, s: Any) -> None:
        super().send(s)
        if isinstance(s, bytes) and s.endswith(_DOT):  # commands are sent as str; only a body comes as bytes
            self.dot_written = True

    def deliver(self, sender: str, recipient: str, content: bytes) -> None:
        """Send one mail, its lines ended by CRLF; raise what `sendmail` raises, after a refusal with the line ready for the next mail."""
        self.dot_written = False
        self.ehlo_or_helo_if_needed()
        try:
            self._open_envelope(sender, recipient, len(content))
        except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused):
            self._start_anew()
            raise
        reach("mid_body")
        self.send(content.replace(b"\r\n.", b"\r\n..") + (b".\r\n" if content.endswith(b"\r\n") else _DOT))
        reach("after_dot")
        code, said = self.getreply()
        if code != 250:
            self._start_anew(code)
            raise smtplib.SMTPDataError(code, said)

    def _open_envelope(self, sender: str, recipient: str, size: int) -> None:
        steps = [f"MAIL FROM:<{sender}>{self._parameters(recipient, size)}", f"RCPT TO:<{recipient}>", "DATA"]
        if self.has_extn("pipelining"):
            self.send("\r\n".join(steps) + "\r\n")
            answers = [self.getreply() for _ in steps]
        else:
            answers = []
            for step, wanted in zip(steps, (2, 2, 3), strict=True):
                answers.append(self.docmd(step))
                if answers[-1][0] // 100 != wanted:
                    break
        if answers[-1][0] == 354 and any(code // 100 != 2 for code, _ in answers[:-1]):
            self.send(".\r\n")  # it wants a body for nobody (RFC 2920, 3.1): an empty one, which is no mail
            self.getreply()
        if answers[0][0] // 100 != 2:
            raise smtplib.SMTPSenderRefused(*answers[0], sender)
        if answers[1][0] // 100 != 2:
            raise smtplib.SMTPRecipientsRefused({recipient: answers[1]})
        if answers[2][0] != 354:
            self._start_anew(answers[2][0])
            raise smtplib.SMTPDataError(*answers[2])

    def _parameters(self, recipient: str, size: int) -> str:
        """Return what MAIL FROM adds; refuse letters beyond ASCII (RFC 6531) in the stead of a server that cannot take them."""
        found = f" SIZE={size}" if self.has_extn("size") else ""
        if recipient.isascii():
            return found
        if not self.has_extn("smtputf8"):
            raise smtplib.SMTPRecipientsRefused({recipient: (550, _NO_SMTPUTF8)})
        self.command_encoding = "utf-8"
        return found + " SMTPUTF8"

    def _start_anew(self, code: int = 0) -> None:
        """Make the line ready for the next mail, or close it where the server did."""
        if code == 421:
            self.close()
            return
        try:
            self.rset()
        except OSError:
            self.close()


class PhasedSMTPS(PhasedSMTP, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class Backend(EmailBackend):
    """Django's SMTP backend on connections that know their phase; `only_public`: for a server whose name comes from a store."""

    def __init__(self, *args: Any, only_public: bool = False, **options: Any) -> None:
        self.only_public = only_public
        super().__init__(*args, **options)

    @property
    def connection_class(self) -> Any:
        return partial(PhasedSMTPS if self.use_ssl else PhasedSMTP, only_public=self.only_public)

    @property
    def dot_written(self) -> bool:
        return bool(getattr(self.connection, "dot_written", False))

    def open(self) -> bool | None:
        """Connect within `CONNECT_SECONDS`; each later answer may take the backend's own time-out."""
        if self.connection is not None:
            if self.connection.sock is not None:
                return False
            self.connection = None  # the server said goodbye
        answer_seconds, self.timeout = self.timeout, min(CONNECT_SECONDS, self.timeout or CONNECT_SECONDS)
        try:
            opened = super().open()
        finally:
            self.timeout = answer_seconds
        if opened:
            self._answers_within(answer_seconds)
        return opened

    def _answers_within(self, seconds: float | None) -> None:
        if self.connection is not None and self.connection.sock is not None:
            self.connection.sock.settimeout(seconds)

    def is_alive(self) -> bool:
        """Say whether a kept line still answers."""
        try:
            return self.connection is not None and self.connection.noop()[0] == 250
        except OSError:
            return False

    def deliver(self, sender: str, recipient: str, content: bytes) -> None:
        """Send a finished mail over the open line; raise what smtplib raises."""
        assert isinstance(self.connection, PhasedSMTP)
        self.connection.deliver(sender, recipient, content)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if self.connection is not None:
            self.connection.dot_written = False  # type: ignore[attr-defined]  # it is one of ours
        return super().send_messages(email_messages)
