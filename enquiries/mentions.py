"""Colleagues named in notes: `@Bo` or `@Bo Lindgren` tells them, on their first page and under Tasks, until they have seen it."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from customers.models import Customer
from enquiries.models import Enquiry, Mention
from stores.models import Membership, Store, User

_SIGN = re.compile(r"(?<![\w@.])@(?=\w)")
_MOST = 10


def colleagues(store_id: int) -> QuerySet[User]:
    """Return who can be named in a store's notes, in order: who may do something about it."""
    members = Membership.objects.filter(store=store_id).exclude(role=Membership.Role.VIEWER)
    return User.objects.filter(pk__in=members.values("user")).order_by("name", "email")


def named(text: str, people: Iterable[User]) -> Sequence[User]:
    """Return whom a text names, the fullest name that fits counting; whoever share it are all meant. Pure."""
    known = [(name, person) for person in people for name in _names(person)]
    found: dict[int, User] = {}
    for sign in _SIGN.finditer(text):
        rest = " ".join(text[sign.end() : sign.end() + 200].split()).casefold()
        fitting = [(name, person) for name, person in known if _begins(rest, name)]
        longest = max((len(name) for name, _ in fitting), default=0)
        found |= {person.pk: person for name, person in fitting if len(name) == longest}
    return list(found.values())[:_MOST]


def tell(
    store_id: int, text: str, *, customer: Customer | None = None, enquiry: Enquiry | None = None, by: User, now: datetime
) -> Sequence[User]:
    """Let those whom a note names know of it, but not its writer; return who they are."""
    people = [person for person in named(text, colleagues(store_id)) if person != by] if "@" in text else []
    Mention.objects.bulk_create(
        Mention(store_id=store_id, customer=customer, enquiry=enquiry, user=person, by=by, text=text, at=now) for person in people
    )
    return people


def unseen(store: Store, user: User) -> QuerySet[Mention]:
    """Return where somebody was named that they have not seen, the newest first."""
    return Mention.objects.filter(store=store, user=user, seen_at=None).select_related("customer", "by").order_by("-at", "-id")


def see(mention: Mention, *, by: User, now: datetime) -> None:
    """Take a mention off its colleague's pages; nobody else can."""
    Mention.objects.filter(pk=mention.pk, user=by, seen_at=None).update(seen_at=now)


def _names(person: User) -> set[str]:
    whole = " ".join(person.name.split()).casefold()
    return {name for name in (whole, whole.partition(" ")[0], person.email.partition("@")[0].casefold()) if name}


def _begins(rest: str, name: str) -> bool:
    """Say whether a text begins with a name that ends there, and is no address."""
    after = rest[len(name) :][:1]
    return rest.startswith(name) and not (after.isalnum() or after == "@")
