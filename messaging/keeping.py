"""Lets the exact copies of old mails go: that they went, to whom, and what became of them stays."""

from datetime import datetime, timedelta

from django.conf import settings

from messaging.models import Message

_AT_ONCE, _MOST = 1000, 50_000


def sweep(*, now: datetime) -> int:
    """Empty the mails that are older than copies are kept; return how many."""
    until = now - timedelta(days=settings.MAIL_COPIES_KEPT_DAYS)
    old = Message.objects.filter(state__in=Message.OVER, created_at__lt=until).exclude(html="").order_by("created_at")
    done = 0
    while done < _MOST and (found := list(old.values_list("pk", flat=True)[:_AT_ONCE])):
        done += Message.objects.filter(pk__in=found).update(html="", text="")
    return done
