"""Blocks and whole mails that a store keeps for its other mails. What is taken from the shelf is a copy: nothing follows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.writing.models import Kept
from stores.models import Store, User

_LONGEST_NAME = 80
#: What of a content makes a mail anew.
_OF_A_MAIL = ("subject", "preheader", "blocks")


def keep(store: Store, content: Mapping[str, Any], *, name: str, by: User, now: datetime) -> Kept:
    """Keep a block (it has a kind) or a mail; another of the same name is replaced."""
    is_mail = "kind" not in content
    kept = {field: content[field] for field in _OF_A_MAIL if field in content} if is_mail else dict(content)
    short = " ".join(name.split())[:_LONGEST_NAME] or "Without a name"
    fields = {"content": kept, "by": by, "at": now}
    return Kept.objects.update_or_create(store=store, is_mail=is_mail, name=short, defaults=fields)[0]


def of(store: Store) -> QuerySet[Kept]:
    return Kept.objects.filter(store=store).order_by("name")


def find(store: Store, pk: int, *, is_mail: bool) -> Kept | None:
    return of(store).filter(is_mail=is_mail, pk=pk).first()


def forget(store: Store, pk: int) -> bool:
    """Take something off the shelf; say whether it was there."""
    return bool(Kept.objects.filter(store=store, pk=pk).delete()[0])
