"""Who works in a store: the first of all, inviting, joining, changing a role, leaving. A store never loses its last owner."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from stores import tokens
from stores.models import Invitation, Membership, Store, User

OWNER = Membership.Role.OWNER
GOOD_FOR = timedelta(days=7)


class LastOwner(Exception):
    """The change would leave a store without an owner."""


class AlreadyIn(Exception):
    """Who is invited is a member."""


class NotFirst(Exception):
    """Somebody has an account already."""


@transaction.atomic
def found(email: str, password: str, *, name: str) -> User:
    """Make the first account of an installation. Raise NotFirst, also for the second of two who come at once: each waits for the other."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {User._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    if User.objects.exists():
        raise NotFirst
    return User.objects.create_user(email, password, name=name)


def invite(store: Store, *, email: str, role: str, by: User, now: datetime) -> tuple[Invitation, str]:
    """Return an invitation and its token, which cannot be read again; an older one to the same address ends. Raise AlreadyIn."""
    email = email.strip().lower()
    if Membership.objects.filter(store=store, user__email=email).exists():
        raise AlreadyIn
    token = tokens.secret()
    fields = {"role": role, "digest": tokens.digest(token), "invited_by": by, "created_at": now, "expires_at": now + GOOD_FOR}
    invitation, _ = Invitation.objects.update_or_create(store=store, email=email, defaults=fields)
    return invitation, token


def invitation_of(token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation that a token opens; None when it was used, replaced, taken back or is too old."""
    found = Invitation.objects.select_related("store", "invited_by").filter(digest=tokens.digest(token), expires_at__gt=now)
    return found.first()


@transaction.atomic
def join(invitation: Invitation, user: User) -> Membership:
    """Make a user a member and use the invitation up; who is a member already keeps their role."""
    membership, _ = Membership.objects.get_or_create(store=invitation.store, user=user, defaults={"role": invitation.role})
    Invitation.objects.filter(pk=invitation.pk).delete()
    return membership


@transaction.atomic
def change_role(membership: Membership, role: str) -> None:
    """Give a member another role; raise LastOwner."""
    _keep_an_owner(membership, unless=role == OWNER)
    Membership.objects.filter(pk=membership.pk).update(role=role)


@transaction.atomic
def remove(membership: Membership) -> None:
    """Take a member out of the store; their notes stay. Raise LastOwner."""
    _keep_an_owner(membership, unless=False)
    Membership.objects.filter(pk=membership.pk).delete()


def _keep_an_owner(membership: Membership, *, unless: bool) -> None:
    """Lock the store's owners, so that two of them cannot remove each other at once."""
    owners = list(Membership.objects.select_for_update().filter(store_id=membership.store_id, role=OWNER).order_by("pk").values_list("pk"))
    if not unless and owners == [(membership.pk,)]:
        raise LastOwner
