"""What became of a store's mails: which were taken, turned away, complained of, unsubscribed by, clicked. Opens are not measured.

One list of outcomes, as conditions on a mail: the page that counts them and the list behind each number use the same ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from messaging.models import Click, Message, ProviderEvent, Purpose
from stores.models import Store

Kind = ProviderEvent.Kind


def _told(*kinds: str) -> Exists:
    return Exists(ProviderEvent.objects.filter(message=OuterRef("pk"), kind__in=kinds))


_CLICKED = Exists(Click.objects.filter(link__message=OuterRef("pk"), kind=Click.Kind.HUMAN))
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


def counted(mails: QuerySet[Message]) -> list[Row]:
    """Return the figures by domain, flow and step; one query, to be summed up by `by`."""
    groups = mails.annotate(domain=DOMAIN).values_list("domain", "flow", "step").order_by()
    figures = groups.annotate(**{name: Count("pk", filter=condition) for name, condition in OUTCOMES.items()})
    return [Row((domain, flow, step), dict(zip(OUTCOMES, counts, strict=True))) for domain, flow, step, *counts in figures]


def by(rows: Iterable[Row], *places: int) -> list[Row]:
    """Return rows summed up by some places of their keys, those with most mails first."""
    sums: dict[tuple[str, ...], Counter[str]] = {}
    for row in rows:
        sums.setdefault(tuple(row.key[place] for place in places), Counter()).update(row.counts)
    return sorted((Row(key, counts) for key, counts in sums.items()), key=lambda row: (-row.counts["sent"], row.key))


def complaints_by_day(mails: QuerySet[Message], midnights: Sequence[datetime]) -> list[tuple[int, int]]:
    """Return how many help and marketing mails went out between each two midnights, and how many of them were complained of."""
    bulk = mails.filter(sent_at__gte=midnights[0], purpose__in=[Purpose.SERVICE, Purpose.MARKETING])
    day = Func(F("sent_at"), Value(list(midnights)), function="width_bucket", output_field=IntegerField())
    found = bulk.annotate(day=day).values("day").annotate(sent=Count("pk"), complained=Count("pk", filter=OUTCOMES["complained"]))
    held = {row["day"]: (row["sent"], row["complained"]) for row in found}
    return [held.get(number, (0, 0)) for number in range(1, len(midnights) + 1)]
