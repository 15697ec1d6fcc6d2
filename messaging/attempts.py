"""Evidence of each try to send: by which road it went, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from customers.models import Event
from messaging.models import Account, Attempt, Message
from messaging.outcomes import Accepted, Failed, Outcome, Retry, Unknown
from messaging.roads.providers import PROVIDERS

OURS = "This installation’s own account"
_OF: dict[type[Outcome], str] = {
    Retry: Attempt.Outcome.AGAIN, Failed: Attempt.Outcome.FAILED, Unknown: Attempt.Outcome.UNKNOWN,
}  # fmt: skip


@dataclass(frozen=True)
class Try:
    """One try as the page shows it."""

    at: datetime
    words: str
    road: str
    answer: str


def road_of(account: Account | None) -> str:
    """Return the name of a road as it is kept beside a try."""
    if account is None:
        return OURS
    label = PROVIDERS[account.provider].label if account.provider in PROVIDERS else account.provider
    return f"{label}, {account.options['host']}"[:60] if account.options.get("host") else label


def note(tries: Iterable[tuple[Message, Outcome]], *, now: datetime) -> None:
    """Write down the tries that did not end with a mail taken, within the transaction that marks the mails."""
    fresh = [
        Attempt(
            store_id=message.store_id, message=message, at=now, outcome=_OF[type(outcome)], road=message.road, answer=outcome.detail[:500]
        )
        for message, outcome in tries
        if not isinstance(outcome, Accepted)
    ]  # fmt: skip
    if fresh:
        Attempt.objects.bulk_create(fresh)


def of(message: Message) -> list[Try]:
    """Return every try to send a mail, in the order in which they were made."""
    found = [Try(row.at, row.get_outcome_display(), row.road, row.answer) for row in message.tries.order_by("at", "pk")]
    sent = Event.objects.filter(customer=message.customer_id, kind=Event.Kind.MAIL_SENT, data__message=message.pk).first()
    if sent is not None:
        found.append(Try(sent.occurred_at, "Taken", sent.data.get("road", ""), message.provider_id))
    return found
