"""The alarm of a pool that runs low: a mail to those who can fill it, once until there is enough again."""

import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from offers.models import Offer, OfferCode
from stores.models import Membership

log = logging.getLogger(__name__)
_WHO = (Membership.Role.OWNER, Membership.Role.MARKETER)


def sweep(*, now: datetime) -> int:
    """Raise the alarm of pools that have just run low, and end that of those that were filled; return how many were raised.

    Each is marked first: who fails to mail says so in the log, and the first page of the store says it all the same.
    """
    codes = OfferCode.objects.filter(offer=OuterRef("pk"))
    free = codes.filter(state=OfferCode.State.FREE).order_by().values("offer").annotate(number=Count("pk")).values("number")
    pools = Offer.objects.filter(Exists(codes), kind=Offer.Kind.POOL).annotate(left=Coalesce(Subquery(free), 0))
    pools.filter(Q(left__gte=F("alarm_below")), alarmed_at__isnull=False).update(alarmed_at=None)
    raised = 0
    for offer in pools.filter(Q(left__lt=F("alarm_below")), alarmed_at=None).select_related("store"):
        if Offer.objects.filter(pk=offer.pk, alarmed_at=None).update(alarmed_at=now):
            raised += 1
            _mail(offer, offer.left)
    return raised


def _mail(offer: Offer, left: int) -> None:
    store = offer.store
    people = Membership.objects.filter(store=store, role__in=_WHO, user__is_active=True).order_by("pk")
    address = settings.PUBLIC_URL.rstrip("/") + reverse("console:offer", args=[store.slug, offer.pk])
    words = f"Its pool holds {left} more." if left else "Its pool is empty: mails that promise it are skipped."
    text = f"The offer “{offer}” of {store.name} runs out of codes. {words}\n\nAdd codes here:\n{address}\n"
    sender = f"{store.name} <{store.sender_email}>" if store.sender_email else None
    for email in people.values_list("user__email", flat=True):
        try:
            EmailMessage(f"{store.name}: “{offer}” runs out of codes", text, sender, [email]).send()
        except (OSError, SMTPException):
            log.warning("The alarm of offer %s could not be mailed", offer.pk, exc_info=True)
