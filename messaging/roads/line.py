"""Lines to the mail roads: each one connection, kept for many mails, that says what became of each.

A worker keeps its lines from one sweep to the next; where a road answers slowly, a window of mails is spread over several of them.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from types import TracebackType

from django.conf import settings

from messaging import outcomes
from messaging.models import Account
from messaging.outcomes import Accepted, Outcome, Retry
from messaging.roads import accounts
from messaging.roads.mime import Mail

IDLE_SECONDS = 15  # a line unused for longer is asked whether it is still there
MAILS_A_LINE = 200  # then it is opened anew: servers close a line after some number of mails, and not all say so
SLOW_SECONDS = 0.05  # a mail; from here on more lines than one pay


class Line:
    """Sends mails one after another over one connection. A context manager; used by one thread at a time."""

    def __init__(self, account: Account | None = None) -> None:
        """Take an account's road; raise accounts.CannotRead if its keys cannot be read."""
        self.account, self.backend = account, accounts.backend(account)
        self.pace = 0.0  # seconds a mail, lately
        self._used_at, self._sent = monotonic(), 0

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.hang_up()

    def send(self, mail: Mail) -> Outcome:
        """Send one mail and return the outcome; it never raises for what the mail road did."""
        began = monotonic()
        try:
            self._open(began)
        except Exception as error:
            self.hang_up()
            return outcomes.of_road(error)
        try:
            return Accepted(self._put_through(mail))
        except Exception as error:
            outcome = outcomes.of_error(error, dot_written=getattr(self.backend, "dot_written", False))
            if not outcomes.is_of_the_mail(error):
                self.hang_up()
            return outcome
        finally:
            self._used_at, self._sent = monotonic(), self._sent + 1
            self.pace = (self.pace + self._used_at - began) / 2

    def hang_up(self) -> None:
        """Close the line; what goes wrong in goodbyes changes no outcome."""
        self._sent = 0
        try:
            self.backend.close()
        except OSError:
            if connection := getattr(self.backend, "connection", None):
                connection.close()
            self.backend.connection = None

    def _open(self, now: float) -> None:
        is_stale = now - self._used_at > IDLE_SECONDS and not getattr(self.backend, "is_alive", lambda: True)()
        if is_stale or self._sent >= MAILS_A_LINE:
            self.hang_up()
        self.backend.open()  # a line of our own: the backend must not hang up after each mail

    def _put_through(self, mail: Mail) -> str:
        """Hand a mail over; return the road's own name for it, if it gave one."""
        if hasattr(self.backend, "deliver"):
            self.backend.deliver(mail.sender, mail.recipient, mail.as_bytes())
            return ""
        message = mail.as_django()
        if self.account is not None or hasattr(self.backend, "esp_name"):
            accounts.dress(message, self.account, token=mail.token, once_key=mail.once_key)
        self.backend.send_messages([message])
        status = getattr(message, "anymail_status", None)
        return str(status.message_id or "") if status else ""


class _Kept(threading.local):
    def __init__(self) -> None:
        self.lines: dict[object, list[Line]] = {}


_kept = _Kept()


def send_all(account: Account | None, mails: Sequence[Mail]) -> list[Outcome]:
    """Send one window of mails over this worker's kept lines on one road; return their outcomes in order.

    Once the road itself is down, what is left of the window is not tried.
    """
    lines = _kept.lines.setdefault(_road(account), [])
    try:
        if not lines:
            lines.append(Line(account))
        found = _send_over(lines[0], mails)
        rest = mails[len(found) :]
        while len(lines) < min(len(rest), settings.MAIL_LINES):
            lines.append(Line(account))
    except (accounts.CannotRead, KeyError) as error:  # a key that was changed, or a provider that is no more
        return [Retry(f"{error}", is_road=True)] * len(mails)
    return found + _send_side_by_side(lines[: len(rest)], rest) if rest else found


def _send_over(line: Line, mails: Sequence[Mail], *, patient: bool = False) -> list[Outcome]:
    """Send mails over one line; stop short, unless `patient`, when it turns out to be slow."""
    found: list[Outcome] = []
    for mail in mails:
        if line.pace > SLOW_SECONDS and len(mails) > 1 and not patient:
            break
        found.append(line.send(mail))
        match found[-1]:
            case Retry(detail, after, is_road=True):
                return found + [Retry(detail, after, is_road=True)] * (len(mails) - len(found))
    return found


def _send_side_by_side(lines: Sequence[Line], mails: Sequence[Mail]) -> list[Outcome]:
    """Share mails out among lines, each in a thread of its own: all they do is wait for the road."""
    many = len(lines)
    with ThreadPoolExecutor(many) as pool:
        shares = list(pool.map(partial(_send_over, patient=True), lines, [mails[place::many] for place in range(many)]))
    return [shares[place % many][place // many] for place in range(len(mails))]


def _road(account: Account | None) -> object:
    """Return what two mails have in common that may share a line."""
    if account is None:
        return settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
    return account.pk, account.provider, str(account.options), account.sealed_credentials


def hang_up() -> None:
    """Close this thread's kept lines."""
    for lines in _kept.lines.values():
        for line in lines:
            line.hang_up()
    _kept.lines.clear()
