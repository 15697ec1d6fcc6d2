"""The days of an offer for a calendar: when it begins, where that is still to come, and when it ends."""

from datetime import datetime, timedelta

from django.http import HttpResponse

from lifecycle.public import ics
from offers import wording
from offers.giving import Promise
from stores.models import Store
from stores.phrases import Phrases

_HOUR = timedelta(hours=1)


def answer(offer: Promise, store: Store, words: Phrases, *, uid: str, now: datetime, change: int = 0) -> HttpResponse:
    """Answer the first and the last hour of an offer as events, each with a reminder a day ahead; without a code only what begins.

    `change` grows with each change of its days (RFC 5545, SEQUENCE). What ends before it begins was called off.
    """
    value = wording.given(offer.value, store.currency, words)
    begins = words.say("{offer} at {shop} begins", offer=value, shop=store.name)
    ends = words.say("{offer} at {shop} ends", offer=value, shop=store.name)
    code = ["DESCRIPTION:" + ics.text(words.say("Code: {code}", code=offer.code))] if offer.code else []
    is_off = offer.opens_at is not None and offer.ends_at <= offer.opens_at
    status = ["STATUS:CANCELLED" if is_off else "STATUS:CONFIRMED", f"SEQUENCE:{change}"]
    events = []
    if offer.opens_at:
        events.append(_event(f"{uid}-begins", offer.opens_at, begins, [*status, *code], words, now=now))
    if offer.code:
        events.append(_event(uid, offer.ends_at - _HOUR, ends, [*status, *code], words, now=now))
    return ics.answer(events, about="Offers", name="offer")


def _event(uid: str, start: datetime, summary: str, more: list[str], words: Phrases, *, now: datetime) -> list[str]:
    return [
        f"UID:{uid}@doorstep", f"DTSTAMP:{ics.stamp(now)}", f"DTSTART:{ics.stamp(start)}", f"DTEND:{ics.stamp(start + _HOUR)}",
        "SUMMARY:" + ics.text(summary), *more, *ics.reminder(words, "P1D"),
    ]  # fmt: skip
