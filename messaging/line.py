"""A line to the mail road: one connection, kept for many mails, that says what became of each."""

from email.utils import format_datetime, formataddr
from types import TracebackType

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from email_validator import validate_email

from messaging import outcomes
from messaging.models import Message, Purpose
from messaging.outcomes import Accepted, Failed, Outcome


class Line:
    """Sends messages one after another over one connection; used as a context manager, in one process only."""

    def __init__(self) -> None:
        self.backend = get_connection()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hang_up()

    def send(self, message: Message) -> Outcome:
        """Send one message and return the outcome; it never raises for what the mail road did."""
        try:
            mail = compose(message)
        except ValueError as error:
            return Failed(f"{error}"[:500])
        try:
            self.backend.open()  # a line of our own: the backend must not hang up after each mail
            self.backend.send_messages([mail])
        except Exception as error:
            outcome = outcomes.of_error(error, dot_written=getattr(self.backend, "dot_written", False))
            self._hang_up()
            return outcome
        status = getattr(mail, "anymail_status", None)
        return Accepted(str(status.message_id or "") if status else "")

    def _hang_up(self) -> None:
        """Close the line; what goes wrong in goodbyes changes no outcome."""
        try:
            self.backend.close()
        except OSError:
            self.backend = get_connection()


def compose(message: Message) -> EmailMultiAlternatives:
    """Return a message as MIME, text first; all but transactional mail can be unsubscribed with one click (RFC 8058).

    Raises ValueError for an address this road would garble.
    """
    domain = message.from_email.rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{message.token}@{domain}>", "Date": format_datetime(message.due_at)}
    if message.purpose != Purpose.TRANSACTIONAL:
        headers["List-Unsubscribe"] = f"<{settings.PUBLIC_URL}/u/{message.token}/>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=formataddr((message.from_name, message.from_email)),
        to=[formataddr((" ".join(message.to_name.split()), _in_ascii(message.to_email)))],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=headers,
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def _in_ascii(address: str) -> str:
    """Return an address with its domain in ASCII; raise ValueError for letters beyond it before the @, which need SMTPUTF8."""
    if not address.rpartition("@")[0].isascii():
        raise ValueError("The address has letters beyond ASCII before the @, which this mail road cannot carry.")
    if address.isascii():
        return address
    found = validate_email(address, check_deliverability=False, test_environment=True, globally_deliverable=False, allow_quoted_local=True)
    return found.ascii_email or address
