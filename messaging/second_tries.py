"""Order mails whose outcome stayed unknown: sent once more where the store chose so, as possible duplicates. No other mail ever is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from messaging.models import Message, Purpose
from messaging.reasons import Reason
from stores import tokens
from stores.models import Store

State = Message.State
_ALIKE = (
    "store_id", "customer_id", "order_id", "flow", "step", "purpose", "is_urgent", "to_email", "to_name", "from_email", "from_name",
    "reply_to", "subject", "html", "text", "use_by",
)  # fmt: skip


def queue(*, now: datetime, limit: int = 50) -> int:
    """Put the second tries that are due into the outbox; return how many."""
    stores = Store.objects.filter(resend_unknown_confirmations_after_hours__isnull=False, is_paused=False)
    count = 0
    for store in stores:
        before = now - timedelta(hours=store.resend_unknown_confirmations_after_hours or 0)
        held = Message.objects.filter(store=store, state=State.UNKNOWN, purpose=Purpose.TRANSACTIONAL, repeats=None, repeated_by=None)
        held = held.filter(customer__erased_at=None)
        due = held.filter(due_at__lte=before, use_by__gt=now).exclude(order__cancelled_at__isnull=False).order_by("due_at")[:limit]
        made = [_again(message, now) for message in due]
        Message.objects.bulk_create(made, ignore_conflicts=True)
        count += len(made)
    return count


def _again(message: Message, now: datetime) -> Message:
    same = {name: getattr(message, name) for name in _ALIKE}
    return Message(
        **same, dedupe_key=f"{message.dedupe_key}:again", repeats=message, token=tokens.public_token(), created_at=now, due_at=now
    )


def call_off(confirmed: Sequence[int]) -> None:
    """Stop the second tries of messages that turned out to be sent."""
    waiting = Message.objects.filter(repeats__in=confirmed, state__in=[State.QUEUED, State.RETRY])
    waiting.update(state=State.CANCELLED, reason=Reason.ARRIVED)
