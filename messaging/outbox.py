"""The outbox: mails that are written and wait to be sent."""

from collections.abc import Sequence

from messaging.models import Message


def queue(messages: Sequence[Message]) -> None:
    """Put finished mails into the outbox; a second mail with the same dedupe key raises IntegrityError."""
    Message.objects.bulk_create(messages)
