"""What the demo shop's customers ask, and what its two people make of it: some is answered, some waits, one is overdue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers import notes
from enquiries import conversations, desk_work, mentions
from enquiries.letters import Letter
from enquiries.models import CannedAnswer, Enquiry
from lifecycle.public import wishes
from orders.models import Order
from stores import phrases
from stores.models import Membership, Store, User

Way = Enquiry.Way
CANNED = (
    ("Lime in the kettle", "descale\ndescaling\nlime\nlimescale",
     "Once a month: a spoon of citric acid, water up to the upper mark, one boil, then rinse twice. That is all it needs."),
    ("How to send something back", "send back\nreturn\nreturn label",
     "You have {{ return_days }} days from the arrival. Ask for it on your tracker, {{ tracker_url }}, and we mail you a label."),
    ("Where is my parcel", "where is\ntracking\nnot arrived",
     "This page always knows the latest: {{ tracker_url }}. If it stands still for two days, write again: we ask the carrier."),
)  # fmt: skip
#: Sam writes English, so those whom he answers read the mails around his words in English, too.
_OTHERS = "|".join(code[:2] for code in phrases.LANGUAGES if code != phrases.ENGLISH)
#: Which order a story is about, the newest of them.
ORDERS: Mapping[str, Mapping[str, object]] = {
    "there": {"shipments__delivered_at__isnull": False},
    "there, in English": {"shipments__delivered_at__isnull": False, "customer__language__regex": f"^(?!{_OTHERS})"},
    "under way": {"shipments__shipped_at__isnull": False, "shipments__delivered_at": None},
    "not shipped": {"shipments": None, "cancelled_at": None},
}


@dataclass(frozen=True)
class Scene:
    """Something that happens so long before the end of the story, about the `nth` newest order of its kind."""

    before: timedelta
    about: str
    nth: int
    act: Callable[[Order, User, datetime], object]


def open_desk(store: Store, *, now: datetime) -> User:
    """Let the shop have a second person, and answers written once."""
    sam = User.objects.create_user("sam@marlow.example", name="Sam Finch")
    Membership.objects.create(store=store, user=sam, role=Membership.Role.SUPPORT)
    CannedAnswer.objects.bulk_create(
        CannedAnswer(store=store, title=title, keywords=keywords, body=body, changed_at=now) for title, keywords, body in CANNED
    )
    return sam


def play(scene: Scene, store: Store, sam: User, *, now: datetime) -> None:
    """Let it happen; where the shop has no such order, nothing does."""
    held = Order.objects.filter(store=store, is_history=False, **ORDERS[scene.about]).select_related("customer", "store")
    order = held.order_by("-placed_at", "-id").distinct()[scene.nth : scene.nth + 1].first()
    if order is not None:
        scene.act(order, sam, now)


def _ask(order: Order, words: str, now: datetime, way: str = Way.TRACKER) -> Enquiry:
    letter = Letter(order.customer.email, order.customer.name, " ".join(words.split()[:7]), words)
    return conversations.ask(order.customer, letter, order=order, way=way, now=now)


def _answer(talk: Enquiry, words: str, sam: User, now: datetime, *, closes: bool = False) -> None:
    desk_work.answer(talk, text=words, by=sam, read_up_to=talk.messages.latest("pk").pk, now=now, closes=closes)


def _lime(order: Order, sam: User, now: datetime) -> None:
    talk = _ask(order, "How often should I descale it? The water here is hard as stone.", now, Way.MAIL)
    desk_work.close(talk, by=None, now=now + timedelta(minutes=4), is_settled_by_offer=True)


def _wrapped(order: Order, sam: User, now: datetime) -> None:
    talk = _ask(order, "Could you wrap it as a gift? It is for my sister, her birthday is on Sunday.", now)
    words = "Of course. It is wrapped in blue paper with a card that says it is from you, and it left this morning."
    _answer(talk, words, sam, now + timedelta(hours=2), closes=True)


def _sizes(order: Order, sam: User, now: datetime) -> None:
    talk = _ask(order, "Do the size 2 filters fit as well, or only size 4?", now, Way.FORM)
    _answer(talk, "Size 4 fits best; size 2 works for a single cup. Shall I add a pack of each to your next parcel?", sam, now)


def _rang(order: Order, sam: User, now: datetime) -> None:
    said = "She rang: the lid rattles on the boil. I told her to turn it a quarter. Will ring again if that does not do it."
    desk_work.open_by_hand(order.customer, way=Way.CALL, subject="The lid rattles", text=said, by=sam, now=now)


def _overdue(order: Order, sam: User, now: datetime) -> None:
    _ask(order, "My parcel has not moved for days and I am away from Friday on. Can it go to the shop on the corner instead?", now)


def _asks_jo(order: Order, sam: User, now: datetime) -> None:
    text = "@Jo this is the café at the harbour: they asked about twenty mugs with their name. Can we do that?"
    notes.add(order.customer, text=text, by=sam, now=now)
    mentions.tell(order.store_id, text, customer=order.customer, by=sam, now=now)


def _sends_back(order: Order, sam: User, now: datetime) -> None:
    wishes.take(order, "return", words="The grinder is louder than I thought; I would like to send it back.", now=now)


def _moves(order: Order, sam: User, now: datetime) -> None:
    wishes.take(order, "address", words="We have moved: Example street 12, second floor. Same city.", now=now)


def _open(order: Order, sam: User, now: datetime) -> None:
    talk = _ask(order, "Is the cable long enough for a worktop without a socket nearby? About a metre and a half.", now, Way.MAIL)
    desk_work.assign(talk, to=sam, by=sam, now=now)


SCENES = (
    Scene(timedelta(days=12), "there, in English", 0, _lime),
    Scene(timedelta(days=8), "there, in English", 1, _wrapped),
    Scene(timedelta(days=5), "there, in English", 0, _sizes),
    Scene(timedelta(days=4), "there", 2, _rang),
    Scene(timedelta(days=3), "under way", 0, _overdue),
    Scene(timedelta(hours=20), "there", 3, _asks_jo),
    Scene(timedelta(hours=5), "there", 1, _sends_back),
    Scene(timedelta(hours=3), "not shipped", 0, _moves),
    Scene(timedelta(hours=1), "under way", 1, _open),
)
