"""A mail sent once more because somebody asked for it: the same words, to the address that holds now, as a mail of its own."""

from datetime import datetime, timedelta

from messaging import outbox
from messaging.models import Message
from stores import tokens

State = Message.State
_DONE = (State.SENT, State.FAILED, State.CANCELLED, State.UNKNOWN)
_LASTS = timedelta(days=1)
_ALIKE = (
    "store_id", "customer_id", "order_id", "flow", "step", "purpose", "is_urgent", "to_name", "from_email", "from_name", "reply_to",
    "subject", "html", "text", "follows",
)  # fmt: skip


class NotPossible(Exception):
    """It cannot be sent again; the text says why to a person."""


def send_again(message: Message, *, to_email: str, now: datetime) -> Message:
    """Put a copy into the outbox; permission, suppressions and the gate are asked as for any mail. Raises NotPossible."""
    if message.state not in _DONE:
        raise NotPossible("This mail is still on its way, so it is not sent twice.")
    if not message.text:
        raise NotPossible("Its words are not kept any more.")
    if not to_email:
        raise NotPossible("This customer has no e-mail address.")
    same = {name: getattr(message, name) for name in _ALIKE}
    key = f"again:{message.pk}:{now.isoformat()}"
    made = Message(
        **same, to_email=to_email, dedupe_key=key, repeats=message, token=tokens.public_token(), created_at=now, due_at=now,
        use_by=now + _LASTS,
    )  # fmt: skip
    outbox.queue([made])
    return made
