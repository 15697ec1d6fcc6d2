"""What became of a store's mails: which were taken, turned away, complained of, unsubscribed by, clicked. Opens are not measured.

One list of outcomes, as conditions on a mail: what counts them (`day_counts`) and the list behind each number use the same ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from messaging.models import Click, Message, ProviderEvent
from stores.models import Store

Kind = ProviderEvent.Kind


def _told(*kinds: str) -> Exists:
    return Exists(ProviderEvent.objects.filter(message=OuterRef("pk"), kind__in=kinds))


_CLICKED = Exists(Click.objects.filter(link__message=OuterRef("pk"), kind=Click.Kind.HUMAN, at__gte=OuterRef("sent_at")))
#: Of the mails that were tried: what each word means. A mail turned away for now that arrived after all has not bounced.
OUTCOMES: Mapping[str, Q] = {
    "sent": Q(sent_at__isnull=False),
    "delivered": Q(_told(Kind.DELIVERED)),
    "bounced": Q(state=Message.State.FAILED) | (Q(_told(Kind.HARD, Kind.INVALID, Kind.SOFT, Kind.BLOCK)) & ~Q(_told(Kind.DELIVERED))),
    "complained": Q(_told(Kind.COMPLAINED)),
    "unsubscribed": Q(unsubscribed_at__isnull=False) | Q(_told(Kind.UNSUBSCRIBED)),
    "clicked": Q(_CLICKED),
}
DOMAIN = Lower(Func(F("to_email"), Value("@"), Value(-1), function="split_part", output_field=CharField()))


def tried(store: Store, since: datetime) -> QuerySet[Message]:
    """Return the mails of a store that were sent since then, or turned away while being sent."""
    return Message.objects.filter(Q(sent_at__gte=since) | Q(state=Message.State.FAILED, due_at__gte=since), store=store)


def to_domain(mails: QuerySet[Message], domain: str) -> QuerySet[Message]:
    return mails.alias(domain=DOMAIN).filter(domain=domain)


@dataclass(frozen=True)
class Row:
    """The figures of some mails; `key` is what they have in common: (domain,), (flow, step), or nothing."""

    key: tuple[str, ...]
    counts: Mapping[str, int]
