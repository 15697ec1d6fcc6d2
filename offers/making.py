"""Has codes made at the shop, in two phases: what is about to be asked for is committed first, so no crash makes two codes or loses one.

A code is reserved (its words are ours), asked for, and ready once the shop has said so; until then nobody is given it. Without an answer
nobody knows whether the shop made it: the next try looks for it there before it asks again. What is taken and not ours gets other words.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from offers import giving
from offers.discounts import shopify, woocommerce
from offers.discounts.wanted import Absent, Adapter, Answer, Found, Later, Made, Refused, Taken, Till, Unknown, Wanted
from offers.models import Counter, OfferCode
from stores import money, tokens

State = OfferCode.State
ADAPTERS: dict[str, Adapter] = {Counter.Platform.SHOPIFY: shopify, Counter.Platform.WOOCOMMERCE: woocommerce}
#: A process that has a code in hand and says nothing for so long is dead.
_LEASE = timedelta(minutes=2)
#: The pauses before each further try; the last one holds on.
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30))
#: A shop nobody can speak to is asked again after so long.
_SHOP_AGAIN = timedelta(minutes=15)
#: A refused code is not asked for again by itself for so long; a change of its offer ends that.
REFUSED_FOR = timedelta(days=1)
_FIELDS = ["state", "code", "made_as", "attempts", "due_at", "problem", "expires_at"]


def sweep(*, now: datetime, limit: int = 40) -> list[tuple[int, int]]:
    """Ask shops for the codes that are due; return whose are settled now, made or refused: (offer, customer)."""
    settled: list[tuple[int, int]] = []
    silent: dict[int, Later] = {}  # who is away, busy or locked is asked for no other code in this round
    for code in _claimed(now=now, limit=limit):
        counter = code.store.counter
        answer = silent.get(code.store_id) or _ask(code, counter, now=now)
        if isinstance(answer, Later):
            silent[code.store_id] = replace(answer, words="")
        elif isinstance(answer, Unknown):
            silent[code.store_id] = Later("")
        _note(counter, answer, now=now)
        if _settle(code, answer, now=now):
            settled.append((code.offer_id, code.customer_id or 0))
    return settled


@transaction.atomic
def _claimed(*, now: datetime, limit: int) -> list[OfferCode]:
    """Take the codes whose turn it is, and commit that the shop is being asked. Those of a store without a shop wait."""
    due = OfferCode.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=OfferCode.COMING, due_at__lte=now, store__counter__isnull=False
    )
    codes = list(due.select_related("offer__store", "store__counter").order_by("due_at", "pk")[:limit])
    for code in codes:
        code.was_asked = code.state == State.ASKED  # type: ignore[attr-defined]
        code.state, code.attempts, code.due_at = State.ASKED, code.attempts + 1, now + _LEASE
    OfferCode.objects.bulk_update(codes, ["state", "attempts", "due_at"])
    return codes


def _ask(code: OfferCode, counter: Counter, *, now: datetime) -> Answer | Found:
    """Have one code made; where it may be there already, look first."""
    adapter = ADAPTERS[counter.platform]
    till, wanted = till_of(counter), _wanted(code, now=now)
    if code.was_asked:  # type: ignore[attr-defined]
        found = adapter.find(till, wanted)
        if not isinstance(found, Absent):
            return found
    made = adapter.make(till, wanted)
    return adapter.find(till, wanted) if isinstance(made, Taken) else made


def till_of(counter: Counter) -> Till:
    return Till(counter.shop, tokens.unseal(counter.sealed_key), ZoneInfo(counter.store.timezone))


def check(till: Till, platform: str, *, now: datetime) -> str:
    """Return what is wrong with a shop that is to make codes, by asking it for one that nobody has; "" if nothing is."""
    adapter = ADAPTERS[platform]
    nobodys = Wanted(f"DOORSTEP-{tokens.secret()[:12].upper()}", "", "money", "", 0, "", (), now, now)
    match adapter.find(till, nobodys):
        case Later(words) | Unknown(words):
            return words
    return ""


def _wanted(code: OfferCode, *, now: datetime) -> Wanted:
    offer, currency = code.offer, code.currency
    assert code.expires_at
    return Wanted(
        code=code.code,
        mark=f"{offer.name} #{code.pk}",
        gives=offer.gives,
        amount=money.to_wire(offer.amount_minor, currency) if offer.amount_minor else "",
        percent=offer.percent or 0,
        minimum=money.to_wire(offer.minimum_minor, currency) if offer.minimum_minor else "",
        products=tuple(offer.only_products),
        starts_at=giving.launch(offer, now=now) or now,
        ends_at=code.expires_at + timedelta(hours=offer.grace_hours),
    )


def _settle(code: OfferCode, answer: Answer | Found, *, now: datetime) -> bool:
    """Write what an answer means for a code, unless another process has taken it over; say whether nobody has to ask again."""
    held = OfferCode.objects.filter(pk=code.pk, state=State.ASKED, attempts=code.attempts)
    _apply(code, answer, now=now)
    if code.state in OfferCode.COMING and code.expires_at is not None and code.expires_at <= now:
        code.state = State.FAILED
    if code.state == State.FAILED:
        code.due_at = now + REFUSED_FOR
    return bool(held.update(**{name: getattr(code, name) for name in _FIELDS})) and code.state not in OfferCode.COMING


def _apply(code: OfferCode, answer: Answer | Found, *, now: datetime) -> None:
    pause = _PAUSES[min(code.attempts, len(_PAUSES)) - 1]
    match answer:
        case Made(id=made_as, ends_at=None):
            code.state, code.made_as, code.problem = State.FAILED, made_as, "The shop made the code without its end, so it is not given."
        case Made(id=made_as, ends_at=datetime() as ends_at):
            code.state, code.made_as, code.problem = State.READY, made_as, ""
            code.expires_at = min(code.expires_at or ends_at, ends_at)
        case Refused(words):
            code.state, code.problem = State.FAILED, words[:300]
        case Later(words, seconds, is_shop):
            wait = _SHOP_AGAIN if is_shop else max(pause, timedelta(seconds=seconds))
            code.due_at, code.problem = now + wait, words[:300]
            if not code.was_asked:  # type: ignore[attr-defined]
                code.state = State.RESERVED
        case Unknown(words):
            code.due_at, code.problem = now + pause, words[:300]
        case _:  # the words are somebody else's
            code.state, code.code, code.due_at = State.RESERVED, giving.words_of(code.offer), now


def _note(counter: Counter, answer: Answer | Found, *, now: datetime) -> None:
    """Keep on the shop what is wrong with it as a whole, until it answers again."""
    problem = answer.words[:300] if isinstance(answer, Later) and answer.is_shop else ""
    if isinstance(answer, Later | Unknown) and not problem:
        return
    Counter.objects.filter(pk=counter.pk).update(problem=problem, asked_at=now)
