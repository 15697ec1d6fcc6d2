"""Asking the shop on its pages: from the tracker, by a form, and saying that what was mailed at once answered it."""

from contextlib import suppress
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from customers import identity
from enquiries import conversations, desk_work, doors, files, hours, letters
from enquiries.letters import Letter
from enquiries.models import Enquiry
from lifecycle.public import days, drawing, tracker, tries
from lifecycle.public.door import SeeOther, opened_by, private, unknown
from orders.models import Order
from stores import clock
from stores.models import Store
from stores.phrases import Phrases

LONGEST = 4000
_FILES = 3


@require_POST
@opened_by(lambda: Order.objects.select_related("store", "customer"))
def from_tracker(request: HttpRequest, order: Order) -> HttpResponse:
    """Take in a question about an order; the tracker says that it has arrived."""
    now = clock.read()
    text = words_of(request.POST)
    address = reverse("public:tracker", args=[order.token])
    if not text:
        return SeeOther(f"{address}?asked=empty#ask")
    if tries.refused_until(request, f"ask:{order.customer_id}", now=now):
        return SeeOther(f"{address}?asked=often#ask")
    customer = order.customer
    words = tracker.words_of(request, order)
    subject = words.say("Order {number}", number=order)
    letter = Letter(customer.email, customer.name, subject, text, files=_files(request), language=words.language)
    conversations.ask(customer, letter, order=order, way=Enquiry.Way.TRACKER, now=now)
    return SeeOther(f"{address}?asked=yes#ask")


@dataclass
class Asked:
    """What was typed, and what is wrong with it."""

    email: str = ""
    name: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    is_too_often: bool = False

    @property
    def status(self) -> int:
        return 429 if self.is_too_often else 422 if self.errors else 200


@private
def page(request: HttpRequest, store: str) -> HttpResponse:
    """Show a store's form, and take in what is written: whoever writes, known or not, gets the same page."""
    shop = Store.objects.filter(slug=store).first()
    if shop is None:
        return unknown(request)
    asked, words = Asked(), drawing.words_of(request, shop.language)
    if request.method == "POST":
        asked = _read(request.POST, words)
        if not asked.errors and not _is_too_often(request, shop, asked):
            _take_in(request, shop, asked)
            return SeeOther(f"{reverse('public:ask', args=[shop.slug])}?asked")
    desk = doors.of(shop)
    context = {
        "asked": asked, "is_asked": "asked" in request.GET and not asked.text, "hours": hours.words(hours.read(desk.hours), words),
        "calendar": days.Calendar(clock.read(), ZoneInfo(shop.timezone), words), "longest": LONGEST,
    }  # fmt: skip
    return drawing.draw(request, "public/ask.html", shop, words, context, status=asked.status)


def _read(given: QueryDict, words: Phrases) -> Asked:
    email, name = (letters.one_line(given.get(part, ""))[:200] for part in ("email", "name"))
    asked = Asked(email, name, words_of(given))
    if identity.email_key(email) is None:
        asked.errors["email"] = words.say("Write the whole e-mail address, such as ana@example.com: the answer goes there.")
    if not asked.text:
        asked.errors["text"] = words.say("Write what you want to know.")
    return asked


def _is_too_often(request: HttpRequest, store: Store, asked: Asked) -> bool:
    asked.is_too_often = tries.refused_until(request, f"ask:{store.pk}:{asked.email.lower()}", now=clock.read()) is not None
    return asked.is_too_often


def _take_in(request: HttpRequest, store: Store, asked: Asked) -> None:
    """Anybody can type anybody's address, so nothing is mailed by itself; what comes from the shop's own address goes nowhere."""
    subject = letters.one_line(asked.text)[:60]
    letter = Letter(asked.email, asked.name, subject, asked.text, refuses_answers=True, files=_files(request))
    with suppress(conversations.NotTaken):
        conversations.receive(store, letter, now=clock.read(), way=Enquiry.Way.FORM)


def words_of(given: QueryDict) -> str:
    return letters.whole(given.get("text", "")).strip()[:LONGEST]


def _files(request: HttpRequest) -> tuple[files.File, ...]:
    sent = request.FILES.getlist("files")[:_FILES]
    return tuple(files.file(one.name or "", one.read(files.LARGEST + 1), place) for place, one in enumerate(sent))


@opened_by(lambda: Enquiry.objects.select_related("store", "customer"))
def answered(request: HttpRequest, enquiry: Enquiry) -> HttpResponse:
    """Close a conversation whose asker found the answer in the mail; a GET only asks, since scanners follow links."""
    if request.method == "POST":
        desk_work.close(enquiry, by=None, now=clock.read(), is_settled_by_offer=True)
        return SeeOther(reverse("public:answered", args=[enquiry.token]))
    words = drawing.words_of(request, enquiry.customer.language if enquiry.customer else "", enquiry.store.language)
    return drawing.draw(request, "public/answered.html", enquiry.store, words, {"is_closed": enquiry.state == Enquiry.State.CLOSED})
