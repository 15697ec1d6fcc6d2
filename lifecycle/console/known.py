"""What stands beside a customer's timeline: permission, segments, a birthday, who may be the same person, who became part of them."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from customers import merging
from customers.models import Consent, Customer, Duplicate, Merge
from enquiries.models import Enquiry
from lifecycle.console.merge import why_words
from offers.models import OfferCode
from segments.models import Membership

_LEAP_YEAR = 2000
_MOST = 3
_MOST_SEGMENTS = 20
_MOST_WORDS = 10


def beside(people: QuerySet[Customer], *, now: datetime) -> QuerySet[Customer]:
    """Read with customers what `of` shows of them, so that their page asks no more often."""
    merges = Merge.objects.filter(customer=OuterRef("pk"), undone_at__isnull=True, at__gte=now - merging.UNDO_FOR).order_by("-pk")
    talks = Enquiry.objects.filter(customer=OuterRef("pk")).order_by("-last_at", "-id")
    groups = Membership.objects.filter(customer=OuterRef("pk"), segment__archived_at=None).order_by("segment__name")
    said = Consent.objects.filter(customer=OuterRef("pk")).order_by("-at", "-id")
    codes = OfferCode.objects.filter(customer=OuterRef("pk"), state=OfferCode.State.GIVEN, expires_at__gt=now).order_by("expires_at")
    return people.annotate(
        codes_open=ArraySubquery(
            codes.values(it=JSONObject(offer="offer_id", name="offer__name", value="offer__value", code="code", at="expires_at"))[:_MOST]
        ),
        groups=ArraySubquery(groups.values(it=JSONObject(pk="segment_id", name="segment__name", at="entered_at"))[:_MOST_SEGMENTS]),
        words_said=ArraySubquery(
            said.values(it=JSONObject(topic="topic", is_granted="is_granted", source="source", wording="wording", at="at"))[:_MOST_WORDS]
        ),
        likely_later=ArraySubquery(_others("first", "second")),
        likely_earlier=ArraySubquery(_others("second", "first")),
        talks=ArraySubquery(talks.values(it=JSONObject(pk="pk", subject="subject", state="state"))[:_MOST]),
        merges_held=ArraySubquery(merges.values(it=JSONObject(pk="pk", name="gone_name", at="at"))[:_MOST]),
    )


def _others(mine: str, theirs: str) -> QuerySet[Duplicate, Any]:
    pairs = Duplicate.objects.filter(**{mine: OuterRef("pk")}, is_dismissed=False).order_by("pk")
    it = JSONObject(pk=f"{theirs}_id", name=f"{theirs}__name", email=f"{theirs}__email", whys="whys")
    return pairs.values(it=it)[:_MOST]


def of(customer: Any) -> dict[str, Any]:
    """Return it for the page of a customer read `beside`; no query."""
    pairs = [*customer.likely_earlier, *customer.likely_later]
    return {
        "born": _born(customer),
        "likely": [(each["pk"], each["name"] or each["email"] or "Guest", why_words(each["whys"])) for each in pairs[:_MOST]],
        "codes": [{**each, "at": parse_datetime(each["at"])} for each in customer.codes_open],
        "groups": [{**each, "at": parse_datetime(each["at"])} for each in customer.groups],
        "consents": [
            {**each, "at": parse_datetime(each["at"]), "topic": Consent.Topic(each["topic"]).label} for each in customer.words_said
        ],
        "talks": [{**each, "state": Enquiry.State(each["state"]).label} for each in customer.talks],
        "merges": [{**each, "at": parse_datetime(each["at"])} for each in customer.merges_held],
    }


def _born(customer: Customer) -> str:
    if customer.birth_month is None or customer.birth_day is None:
        return ""
    day = date(customer.birth_year or _LEAP_YEAR, customer.birth_month, customer.birth_day)
    return date_format(day, "j F Y" if customer.birth_year else "j F")
