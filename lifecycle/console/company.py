"""Who else is writing in a conversation just now: kept for moments in the cache, by one key a person."""

from collections.abc import Sequence

from django.core.cache import cache

from enquiries.models import Enquiry
from stores.models import Membership, User

_SECONDS = 20


def note(enquiry: Enquiry, user: User) -> None:
    """Remember that somebody is writing an answer."""
    cache.set(_key(enquiry, user.pk), str(user), timeout=_SECONDS)


def forget(enquiry: Enquiry, user: User) -> None:
    cache.delete(_key(enquiry, user.pk))


def others(enquiry: Enquiry, user: User) -> Sequence[str]:
    """Return the names of the others who are writing."""
    members = Membership.objects.filter(store=enquiry.store_id).exclude(user=user).values_list("user_id", flat=True)
    return sorted(cache.get_many([_key(enquiry, member) for member in members]).values())


def _key(enquiry: Enquiry, user: int) -> str:
    return f"writing:{enquiry.pk}:{user}"
