"""The preference page: which kinds of mail a customer wants, how many, whether to go on, their language and birthday; by their token."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from campaigns.occasions import listening
from customers import consent, events, preferences, topics, traits
from customers.models import Customer
from customers.topics import Words
from lifecycle.public import drawing
from lifecycle.public.days import Calendar
from lifecycle.public.door import SeeOther, opened_by
from stores import clock, phrases
from stores.phrases import Phrases, marked

_SOURCE = "preference page"
_RENEWED = marked("Yes, keep writing")


@opened_by(lambda: Customer.objects.filter(erased_at=None).select_related("store"))
def page(request: HttpRequest, customer: Customer) -> HttpResponse:
    words = drawing.words_of(request, customer.language, customer.store.language)
    offered = topics.of(customer.store, words)
    saved = SeeOther(reverse("public:preferences", args=[customer.token]) + "?saved=1")
    if request.method == "POST" and "renew" in request.POST:
        consent.renew(customer, source=_SOURCE, wording=words.say(_RENEWED), now=clock.read())
        return saved
    asks_birthday = listening.stores(events.Kind.CUSTOMER_BIRTHDAY).filter(pk=customer.store_id).exists()
    if request.method == "POST":
        if asks_birthday and not _take_birthday(request, customer):
            context = _context(request, customer, offered, words, is_no_day=True)
            return drawing.draw(request, "public/preferences.html", customer.store, words, context, status=422)
        _take(request, customer, offered)
        return saved
    context = _context(request, customer, offered, words, asks_birthday=asks_birthday)
    return drawing.draw(request, "public/preferences.html", customer.store, words, context)


def _context(
    request: HttpRequest, customer: Customer, offered: list[Words], words: Phrases, *, asks_birthday: bool = True, is_no_day: bool = False
) -> dict[str, object]:
    store, now = customer.store, clock.read()
    on = preferences.chosen(customer, store, offered)
    typed = request.POST if is_no_day else {"birth_day": customer.birth_day, "birth_month": customer.birth_month}
    return {
        "customer_token": customer.token,
        "address": masked(customer.email),
        "is_saved": "saved" in request.GET,
        "topics": [(topic, on[topic.key]) for topic in offered],
        "wants_any": any(on.values()),
        "wants_fewer": customer.wants_fewer_since is not None,
        "fewer_days": preferences.FEWER_DAYS,
        "pauses": preferences.PAUSES,
        "paused_until": customer.paused_until if customer.paused_until and customer.paused_until > now else None,
        "mail_languages": _languages(customer),
        "calendar": Calendar(now, ZoneInfo(store.timezone), words),
        "asks_to_renew": "renew" in request.GET and customer.marketing == Customer.Marketing.SUBSCRIBED,
        "asks_birthday": asks_birthday, "is_no_day": is_no_day, "days": range(1, 32),
        "months": [(number, name.capitalize()) for number, name in words.locale.months["stand-alone"]["wide"].items()],
        "birth_day": str(typed.get("birth_day") or ""), "birth_month": str(typed.get("birth_month") or ""),
    }  # fmt: skip


def _take_birthday(request: HttpRequest, customer: Customer) -> bool:
    """Keep the day and month that were chosen, or that none is; return False for no day of the calendar. The year is not asked."""
    day, month = request.POST.get("birth_day"), request.POST.get("birth_month")
    if day is None or month is None:
        return True
    try:
        found = traits.birthday(f"--{int(month):02d}-{int(day):02d}") if day or month else None
    except ValueError:
        return False
    chosen = found[1:] if found else (None, None)
    if chosen != (customer.birth_month, customer.birth_day):
        customer.birth_year, (customer.birth_month, customer.birth_day) = None, chosen
        customer.save(update_fields=["birth_year", "birth_month", "birth_day"])
    return True


def _take(request: HttpRequest, customer: Customer, offered: list[Words]) -> None:
    """Write down what differs; a box left as it was says nothing new. The button says whether it is all of the form, or one wish."""
    now, act = clock.read(), request.POST.get("act", "save")
    if act == "orders-only":
        preferences.choose(customer, wanted=(), topics=offered, source=_SOURCE, now=now)
    elif act == "end-pause":
        preferences.pause(customer, until=None, source=_SOURCE, now=now)
    elif act.startswith("pause-") and act.removeprefix("pause-") in map(str, preferences.PAUSES):
        preferences.pause(customer, until=now + timedelta(days=int(act.removeprefix("pause-"))), source=_SOURCE, now=now)
    elif act == "save":
        preferences.choose(customer, wanted=request.POST.getlist("topic"), topics=offered, source=_SOURCE, now=now)
        preferences.want_fewer(customer, is_wanted=request.POST.get("amount") == "fewer", source=_SOURCE, now=now)
        _put_language(customer, request.POST.get("language", ""))


def _put_language(customer: Customer, wanted: str) -> None:
    if wanted in phrases.LANGUAGES and wanted != _language(customer):
        Customer.objects.filter(pk=customer.pk).update(language=wanted)


def _languages(customer: Customer) -> list[tuple[str, str, bool]]:
    """Return what may be chosen: code, own name, and whether mails are in it now, where the shop has written them in it."""
    return [(code, name, code == _language(customer)) for code, name in phrases.LANGUAGES.items()]


def _language(customer: Customer) -> str:
    return phrases.pick((customer.language, customer.store.language), phrases.LANGUAGES) or phrases.ENGLISH


def masked(email: str) -> str:
    """Return an address that its owner knows again and nobody else learns: a•••@e•••.com."""
    name, _, domain = email.rpartition("@")
    ending = domain.rpartition(".")[2]
    return f"{name[:1]}•••@{domain[:1]}•••.{ending}" if name and domain else ""
