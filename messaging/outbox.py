"""The outbox: mails that are written and wait to be sent."""

from collections.abc import Sequence

from messaging import links
from messaging.models import Message
from stores import rows


def queue(messages: Sequence[Message]) -> None:
    """Put finished mails into the outbox, their links counted where the store wants it.

    A second mail with the same dedupe key raises IntegrityError.
    """
    counted = links.count_in(messages)
    rows.copy(messages)
    links.keep(counted)
