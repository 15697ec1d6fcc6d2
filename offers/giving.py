"""Gives people codes: the one they have, the shared one, the next of a pool, or one the shop is asked to make; with a real deadline."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Q

from catalog.models import Product
from offers import allowance
from offers.allowance import Had, Lack, Rules
from offers.models import Counter, Offer, OfferCode, OfferRules
from offers.wording import EVERYTHING, Terms
from stores import rows, walltime
from stores.models import Store

State = OfferCode.State
#: A code with less time left is not promised again: the mail gets a fresh one.
STILL_WORTH = timedelta(days=3)
#: No letter that is taken for another one.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 10
#: Takes the advisory lock of each of these customers, as far as codes go.
_LOCK = "SELECT pg_advisory_xact_lock(70701, hashint8(id)) FROM unnest(%s::bigint[]) id"
_GIVEN_FIELDS = ["state", "customer", "is_current", "flow", "step", "worth_minor", "currency", "issued_at", "expires_at"]


@dataclass(frozen=True)
class Promise:
    """An offer as one person gets it: what, with which code, until when, where to use it, what for; and from when, if that is to come."""

    value: str
    code: str
    ends_at: datetime
    url: str
    opens_at: datetime | None = None
    terms: Terms = EVERYTHING

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> "Promise":
        """Return what a row has kept of one: all but where it is used, and what for."""
        opens_at = datetime.fromisoformat(kept["opens_at"]) if "opens_at" in kept else None
        return cls(kept["value"], kept["code"], datetime.fromisoformat(kept["ends_at"]), "", opens_at)

    def as_now(self, offer: Offer) -> "Promise":
        """Return it with the days its offer has by now: a launch may have been moved, and its end brought forward."""
        ends_at = min(self.ends_at, offer.ends_at) if offer.ends_at else self.ends_at
        return replace(self, ends_at=ends_at, opens_at=self.opens_at and (offer.opens_at or self.opens_at))

    def kept(self) -> dict[str, str]:
        """Return what a row keeps of it as JSON."""
        opens = {"opens_at": self.opens_at.isoformat()} if self.opens_at else {}
        return {"value": self.value, "code": self.code, "ends_at": self.ends_at.isoformat(), **opens}


@dataclass(frozen=True)
class Want:
    """Somebody who is to get a code of an offer, for a step of a flow.

    `by_hand`: by staff, whom no rule binds; `is_earned`: by a deed of theirs, which only the budget binds. Both get a code of its own.
    """

    offer: Offer
    customer_id: int
    flow: str = ""
    step: str = ""
    by_hand: bool = False
    is_earned: bool = False

    @property
    def is_own(self) -> bool:
        return self.by_hand or self.is_earned


def with_code(offers: Iterable[Offer], *, now: datetime) -> frozenset[int]:
    """Return the offers (ids) that have a code to give."""
    return frozenset(pk for pk, number in left(offers, now=now).items() if number != 0)


def left(offers: Iterable[Offer], *, now: datetime) -> dict[int, int | None]:
    """Return how many codes each running offer (id) still has to give; None is no limit."""
    running = [offer for offer in offers if not has_ended(offer, now)]
    pools = [offer for offer in running if offer.kind == Offer.Kind.POOL]
    free = OfferCode.objects.filter(offer__in=pools, state=State.FREE).order_by()
    numbers = dict(free.values("offer_id").annotate(number=Count("pk")).values_list("offer_id", "number")) if pools else {}
    made = {offer.store_id for offer in running if offer.kind == Offer.Kind.MADE}
    makers = set(Counter.objects.filter(store__in=made).values_list("store_id", flat=True)) if made else set()
    endless = {
        offer.pk
        for offer in running
        if (offer.kind == Offer.Kind.SHARED and offer.code) or (offer.kind == Offer.Kind.MADE and offer.store_id in makers)
    }
    return {offer.pk: None if offer.pk in endless else numbers.get(offer.pk, 0) for offer in running}


def has_ended(offer: Offer, now: datetime) -> bool:
    return offer.ends_at is not None and offer.ends_at <= now


def words_of(offer: Offer) -> str:
    """Return words for a code that is to be made, as good as surely nobody's."""
    return offer.prefix + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def promise(offer: Offer, *, code: str, now: datetime) -> Promise:
    """Return an offer with this code, as of now; for a look at it: it gives nothing to anybody."""
    return _promise(offer, code, deadline(offer, now=now), terms_of([offer])[offer.pk], now=now)


def told(code: OfferCode, *, now: datetime) -> Promise:
    """Return what was promised with a code somebody was given, as of a moment."""
    assert code.expires_at
    return _promise(code.offer, code.code, code.expires_at, terms_of([code.offer])[code.offer_id], now=now)


def terms_of(offers: Iterable[Offer]) -> dict[int, Terms]:
    """Return what each of these offers (id) is good for; one query where any names products."""
    found = {offer.pk: offer for offer in offers}
    named = {(offer.store_id, each) for offer in found.values() for each in offer.only_products}
    held = Product.objects.filter(store__in={store for store, _ in named}, external_id__in={each for _, each in named}) if named else ()
    titles = {(product.store_id, product.external_id): product.title for product in held}
    return {pk: _terms(offer, titles) for pk, offer in found.items()}


def _terms(offer: Offer, titles: Mapping[tuple[int, str], str]) -> Terms:
    """Return what an offer is good for; free shipping is for whatever is bought."""
    products = () if offer.gives == Offer.Gives.SHIPPING else tuple(offer.only_products)
    shown = tuple(titles.get((offer.store_id, each), "") for each in products)
    currency = (offer.currency or offer.store.currency) if offer.minimum_minor else ""
    return Terms(offer.minimum_minor, currency, shown, offer.gives == Offer.Gives.GIFT)


def deadline(offer: Offer, *, now: datetime) -> datetime:
    """Return the end a code given now has: that of its last day by the store's clock, or the shop's own end where that comes first.

    The days of what is given ahead of its launch begin there.
    """
    zone = walltime.zone_for(customer="", country="", store=offer.store.timezone)
    ends_at = walltime.at_wall_time(launch(offer, now=now) or now, days=offer.days_valid, wall=time(23, 59), zone=zone)
    return min(ends_at, offer.ends_at) if offer.ends_at else ends_at


def launch(offer: Offer, *, now: datetime) -> datetime | None:
    """Return when an offer begins, if that is still to come."""
    return offer.opens_at if offer.opens_at and offer.opens_at > now else None


def _promise(offer: Offer, code: str, ends_at: datetime, terms: Terms, *, now: datetime) -> Promise:
    url = (offer.url or offer.store.website).replace("{code}", quote(code, safe=""))
    return Promise(offer.value, code, ends_at, url, launch(offer, now=now), terms)


@transaction.atomic
def issue(wants: Sequence[Want], *, now: datetime) -> list[Promise | Lack]:
    """Give each of these people a code, or say why not, in a few queries however many they are.

    Who has a code of the offer that is good for a while yet gets that one. Nobody gets two by asking twice at once.
    """
    if not wants:
        return []
    people = sorted({want.customer_id for want in wants})
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [people])
    desk = _Desk(now, _rules({want.offer.store_id for want in wants}), *_pools(wants))
    desk.read(people)
    desk.terms = terms_of(want.offer for want in wants)
    found = [desk.serve(want) for want in wants]
    desk.write()
    return found


def take_back(code_id: int, *, customer_id: int) -> bool:
    """Take a code back that nobody has used; return whether it was. It stays theirs, to be given again, and costs nothing meanwhile."""
    held = OfferCode.objects.filter(pk=code_id, customer=customer_id, state=State.GIVEN)
    return bool(held.update(state=State.READY, issued_at=None))


def reserve(wants: Sequence[Want], *, at: Sequence[datetime], now: datetime) -> int:
    """Have codes made at the shop ahead of the moments they will be given at; return how many were begun.

    None is for somebody who would get none now: the shop is not to be filled with codes that nobody gets.
    """
    with transaction.atomic():
        people = sorted({want.customer_id for want in wants})
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [people])
        desk = _Desk(now, _rules({want.offer.store_id for want in wants}), {})
        desk.read(people)
        for want, moment in zip(wants, at, strict=True):
            held = desk.current.get((want.offer.pk, want.customer_id))
            has_one = held is not None and (desk.is_refused(held) or desk.is_worth_it(held, moment))
            if not has_one and desk.refusal(want) is None:
                desk.begin(want, moment)
        desk.write()
    return len(desk.fresh)


@dataclass
class _Desk:
    """One round of giving: what is known of these people, and what is to be written."""

    now: datetime
    rules: dict[int, Rules]
    pools: dict[int, list[OfferCode]]
    in_other_hands: set[int] = field(default_factory=set)  # pools (offers) of which another worker holds codes it may not need
    terms: dict[int, Terms] = field(default_factory=dict)
    current: dict[tuple[int, int], OfferCode] = field(default_factory=dict)
    had: dict[int, list[Had]] = field(default_factory=lambda: defaultdict(list))
    fresh: list[OfferCode] = field(default_factory=list)
    changed: dict[int, OfferCode] = field(default_factory=dict)

    def read(self, people: Sequence[int]) -> None:
        """Read the codes these people have, and those they were given lately."""
        lately = Q(is_current=True) | Q(state__in=OfferCode.OUT, issued_at__gte=self.now - timedelta(days=93))
        for code in OfferCode.objects.filter(lately, customer__in=people).select_related("offer__store"):
            if code.is_current:
                self.current[code.offer_id, code.customer_id or 0] = code
            self._note(code)

    def serve(self, want: Want) -> Promise | Lack:
        offer, key = want.offer, (want.offer.pk, want.customer_id)
        if has_ended(offer, self.now):
            return Lack.EMPTY
        held = self.current.get(key)
        if held and self.is_refused(held):
            return Lack.EMPTY
        if held and (not self.is_worth_it(held, self.now) or (want.is_own and held.state == State.GIVEN)):
            held = None
        if held and held.state in OfferCode.COMING:
            return Lack.MAKING
        if held and held.state == State.GIVEN and held.expires_at:
            return _promise(held.offer, held.code, held.expires_at, self.terms[offer.pk], now=self.now)
        if not want.by_hand and (lack := self.refusal(want)):
            return lack
        return self._give(want, held) if held else self._next(want)

    def is_worth_it(self, held: OfferCode, moment: datetime) -> bool:
        """Say whether a current code is the one to have at a moment: not used up, nor about to end, unless its offer is so short."""
        if held.state not in (State.GIVEN, State.READY, *OfferCode.COMING) or held.expires_at is None:
            return False
        fresh = deadline(held.offer, now=moment) - moment
        return held.expires_at - moment >= min(STILL_WORTH, fresh / 2)

    def is_refused(self, held: OfferCode) -> bool:
        """Say whether the shop would not make a code, and is not to be asked again yet."""
        return held.state == State.FAILED and held.due_at is not None and held.due_at > self.now

    def refusal(self, want: Want) -> Lack | None:
        """Return what the store's rules have against giving somebody a code of this offer."""
        offer, rules = want.offer, self.rules[want.offer.store_id]
        rules = replace(rules, may_stack=rules.may_stack or want.is_earned)
        return allowance.refusal(
            self.had[want.customer_id], offer=offer.pk, worth_minor=offer.worth_minor or 0, currency=offer.currency or rules.currency,
            rules=rules, now=self.now,
        )  # fmt: skip

    def begin(self, want: Want, moment: datetime) -> OfferCode:
        """Reserve words that the shop is to be asked for."""
        code = OfferCode(store_id=want.offer.store_id, offer=want.offer, code=words_of(want.offer), due_at=self.now)
        self._assign(code, want, State.RESERVED, deadline(want.offer, now=moment))
        return code

    def write(self) -> None:
        rows.update_many(list(self.changed.values()), _GIVEN_FIELDS)  # first: what is current no more makes room
        OfferCode.objects.bulk_create(self.fresh)

    def _next(self, want: Want) -> Promise | Lack:
        offer = want.offer
        if offer.kind == Offer.Kind.MADE:
            if not self._has_counter(offer):
                return Lack.EMPTY
            self.begin(want, self.now)
            return Lack.MAKING
        if offer.kind == Offer.Kind.POOL:
            free = self.pools.get(offer.pk)
            if free:
                return self._give(want, free.pop(0))
            return Lack.MAKING if offer.pk in self.in_other_hands else Lack.EMPTY
        if not offer.code:
            return Lack.EMPTY
        return self._give(want, OfferCode(store_id=offer.store_id, offer=offer, code=offer.code, is_shared=True))

    def _give(self, want: Want, code: OfferCode) -> Promise:
        code.issued_at = self.now
        ends_at = code.expires_at if code.state == State.READY and code.expires_at else deadline(want.offer, now=self.now)
        self._assign(code, want, State.GIVEN, ends_at)
        self._note(code)
        return _promise(want.offer, code.code, ends_at, self.terms[want.offer.pk], now=self.now)

    def _assign(self, code: OfferCode, want: Want, state: str, ends_at: datetime) -> None:
        """Make a code this person's current one."""
        key = (want.offer.pk, want.customer_id)
        before = self.current.get(key)
        if before is not None and before is not code:
            before.is_current = False
            if before.pk:
                self.changed[before.pk] = before
        code.customer_id, code.state, code.is_current = want.customer_id, state, True
        code.flow, code.step, code.expires_at = want.flow, want.step, ends_at
        code.worth_minor, code.currency = want.offer.worth_minor or 0, want.offer.currency or want.offer.store.currency
        self.current[key] = code
        if code.pk:
            self.changed[code.pk] = code
        elif code not in self.fresh:
            self.fresh.append(code)

    def _note(self, code: OfferCode) -> None:
        if code.state in OfferCode.OUT and code.issued_at and code.expires_at:
            good_until = code.expires_at + timedelta(hours=code.offer.grace_hours)
            is_used = code.state == State.USED
            had = Had(code.offer_id, code.issued_at, code.worth_minor, code.currency, is_used, good_until)
            self.had[code.customer_id or 0].append(had)

    def _has_counter(self, offer: Offer) -> bool:
        return Counter.objects.filter(store=offer.store_id).exists()


def _rules(stores: Iterable[int]) -> dict[int, Rules]:
    held = OfferRules.objects.filter(store__in=stores).in_bulk()
    return {store.pk: rules_of(store, held.get(store.pk)) for store in Store.objects.filter(pk__in=stores)}


def rules_of(store: Store, held: OfferRules | None) -> Rules:
    """Return a store's rules; those of one that has said nothing are: no stacking, no budget."""
    zone = ZoneInfo(store.timezone)
    return Rules(store.currency, zone, held.quarter_budget_minor, held.may_stack) if held else Rules(store.currency, zone)


def _pools(wants: Sequence[Want]) -> tuple[dict[int, list[OfferCode]], set[int]]:
    """Lock as many free codes of each pool as may be needed, passing over those that another transaction has in hand.

    Return them, and the pools that are short of some for that reason alone: who finds none there is to ask again, not to go without.
    """
    counts: dict[int, int] = defaultdict(int)
    for want in wants:
        counts[want.offer.pk] += want.offer.kind == Offer.Kind.POOL
    free = OfferCode.objects.filter(state=State.FREE)
    held = free.select_for_update(skip_locked=True, of=("self",)).select_related("offer")
    pools = {pk: list(held.filter(offer=pk).order_by("id")[:number]) for pk, number in counts.items() if number}
    short = {pk: [code.pk for code in codes] for pk, codes in pools.items() if len(codes) < counts[pk]}
    return pools, {pk for pk, codes in short.items() if free.filter(offer=pk).exclude(pk__in=codes).exists()}
