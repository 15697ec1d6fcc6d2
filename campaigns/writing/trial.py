"""Sends a flow's mails to a colleague, drawn as a customer gets them. Nothing is kept of it: no outbox row, no event, no code given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Step
from campaigns.writing import preview
from campaigns.writing.preview import Sample
from messaging.models import Account, Message
from messaging.outcomes import Accepted, Failed, Outcome, Retry, Unknown
from messaging.rendering import RenderError
from messaging.roads import accounts
from messaging.roads.line import Line
from messaging.roads.mime import Mail, mail_of
from stores import tokens

CODE = "TEST-CODE"
_NOBODY = ("somebody@example.com", "")


@dataclass(frozen=True)
class Trial:
    """What became of one test mail: `outcome` is accepted, failed, unknown or untried; `detail` the server's own words."""

    step: str
    subject: str
    outcome: str
    detail: str


def send(steps: Sequence[Step], shown: Sample, *, to: tuple[str, str], now: datetime, variant: str = "", language: str = "") -> list[Trial]:
    """Send each step's mail, in one of its wordings or languages, about a sample to one person, `(address, name)`, over the real mail road.

    Return what became of each. Once the road itself is broken the rest is not tried: every one would wait for the same time-out.
    """
    trials: list[Trial] = []
    for number, step in enumerate(steps, start=1):
        mark = f"[Test {number}/{len(steps)}]" if len(steps) > 1 else "[Test]"
        trials.append(_one(step, shown, to, mark, now, variant, language))
        if trials[-1].outcome in ("retry", "unknown"):
            trials += [Trial(rest.name, "", "untried", "") for rest in steps[number:]]
            break
    return trials


def raw(step: Step, shown: Sample, *, now: datetime, variant: str = "", language: str = "") -> bytes:
    """Return a step's mail as it would leave, to nobody; raise RenderError, or ValueError for a sender that is no address."""
    message, account = _from_its_sender(_message(step, shown, _NOBODY, "", now, variant, language), step)
    return mail_of(message, account).as_bytes()


def _one(step: Step, shown: Sample, to: tuple[str, str], mark: str, now: datetime, variant: str, language: str) -> Trial:
    try:
        message = _message(step, shown, to, mark, now, variant, language)
    except RenderError as error:
        return Trial(step.name, "", "failed", f"This mail cannot be drawn: {error}")
    message, account = _from_its_sender(message, step)
    try:
        mail = mail_of(message, account)
    except ValueError as error:
        return Trial(step.name, message.subject, "failed", f"{error}")
    match _sent(account, mail):
        case Accepted():
            return Trial(step.name, message.subject, "accepted", "")
        case Retry(detail):
            return Trial(step.name, message.subject, "retry", detail)
        case Failed(detail):
            return Trial(step.name, message.subject, "failed", detail)
        case Unknown(detail):
            return Trial(step.name, message.subject, "unknown", detail)


def _sent(account: Account | None, mail: Mail) -> Outcome:
    try:
        with Line(account) as line:
            return line.send(mail)
    except accounts.CannotRead as error:
        return Retry(f"{error}", is_road=True)


def _from_its_sender(message: Message, step: Step) -> tuple[Message, Account | None]:
    """Write who sends a mail into it; return it with the road it takes."""
    account = accounts.account_of(message.store, message.purpose)
    sender = accounts.sender_of(message.store, account, step.written_by)
    message.from_email, message.from_name, message.reply_to = sender.email, sender.name, sender.reply_to
    return message, account


def _message(step: Step, shown: Sample, to: tuple[str, str], mark: str, now: datetime, variant: str, language: str) -> Message:
    """Return a mail that is never saved; its tracker link is the order's own, its code opens nothing."""
    token = tokens.public_token()
    drawn = preview.mail_for(step, shown, now=now, variant=variant, language=language, token=token, code=CODE)
    return Message(
        store=shown.customer.store, step=step.key, purpose=step.purpose, is_urgent=True, to_email=to[0], to_name=to[1],
        subject=f"{mark} {drawn.subject}".strip(), html=drawn.html, text=drawn.text, token=token, created_at=now, due_at=now,
        use_by=now + timedelta(hours=1),
    )  # fmt: skip
