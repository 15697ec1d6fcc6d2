"""The two mails of a referral: the friend's code, and the reward of who brought them. Both were asked for, so they are order mails."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from customers import names
from customers.models import Customer
from messaging import asked_for
from messaging.asked_for import Letter
from offers import wording
from offers.giving import Promise
from offers.models import Referral
from stores import dates, phrases, tokens
from stores.phrases import marked

_LASTS = timedelta(days=3)
_ASKED = marked("You get this because you gave {shop} your address.")
_BOUGHT = marked("You get this because you are a customer of {shop}.")
_INVITATION = Letter(
    "friend-code",
    {
        "subject": marked("{{ offer_value }} for your first order"),
        "preheader": marked("{{ friend }} thought of you. The code is yours alone."),
        "blocks": [
            {"kind": "heading", "text": marked("{{ offer_value }} at {{ brand.name }}")},
            {"kind": "text", "text": marked("{{ friend }} thought that you might like it here, and you asked for the code. Here it is:")},
            {"kind": "offer"},
            {
                "kind": "text", "tone": "soft",
                "text": marked("You get no other mails from this. It was not you who asked? Then nothing has to be done."),
            },
            {"kind": "signature", "text": marked("All the best,")},
        ],
    },
    _LASTS,
)  # fmt: skip
_REWARD = Letter(
    "friend-reward",
    {
        "subject": marked("{{ offer_value }}: your friend has ordered"),
        "preheader": marked("Thank you for bringing {{ friend }}. The code is yours alone."),
        "blocks": [
            {"kind": "heading", "text": marked("Thank you for bringing {{ friend }}")},
            {"kind": "text", "text": marked("Their first order is paid and kept, so this is yours: {{ offer_value }}.")},
            {"kind": "offer"},
            {"kind": "signature", "text": marked("All the best,")},
        ],
    },
    _LASTS,
)


def called(customer: Customer) -> str:
    """Return what somebody is called among friends, if that is sure and fit to be read by strangers."""
    name = customer.first_name or names.sure_given_name(customer.name, language=customer.language, country=customer.country)
    return name if names.is_plain(name) else ""


def invite(referral: Referral, given: Promise, *, now: datetime) -> None:
    """Queue the friend's mail."""
    _queue(_INVITATION, referral, referral.friend, given, other=referral.by, unnamed=marked("A friend"), because=_ASKED, now=now)


def reward(referral: Referral, given: Promise, *, now: datetime) -> None:
    """Queue the mail of who brought the friend."""
    _queue(_REWARD, referral, referral.by, given, other=referral.friend, unnamed=marked("your friend"), because=_BOUGHT, now=now)


def _queue(
    letter: Letter, referral: Referral, to: Customer, given: Promise, *, other: Customer, unnamed: str, because: str, now: datetime
) -> None:
    """Queue a mail in the language of who gets it, else of the other, else of the shop."""
    store = referral.store
    language = phrases.pick((to.language, other.language, store.language), phrases.LANGUAGES) or phrases.ENGLISH
    words, zone, token = phrases.of(language), ZoneInfo(store.timezone), tokens.public_token()
    values = {
        "friend": called(other) or words.say(unnamed),
        "because": words.say(because, shop=store.name),
        "offer_value": wording.given(given.value, store.currency, words),
        "offer_code": given.code,
        "offer_url": given.url,
        "offer_terms": wording.terms(given.terms, words),
        "offer_until": dates.deadline(given.ends_at, now=now, zone=zone, words=words),
        "offer_from": dates.deadline(given.opens_at, now=now, zone=zone, words=words) if given.opens_at else "",
        "calendar_url": settings.PUBLIC_URL + reverse("public:calendar", args=[token]),
    }
    asked_for.send(letter, store, to, values, language=language, key=str(referral.pk), now=now, token=token)
