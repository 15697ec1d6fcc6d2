"""Fills the demo shop through the real doors: two years from a file, then four weeks lived while the stored clock walks along."""

import json
from datetime import datetime, timedelta

from django.conf import settings

from campaigns import flows, recipes
from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from catalog.models import Pairing, Product, ProductGuide
from customers import rfm_refresh
from customers.models import SavedView
from integrations import connections, imports, inbox
from lifecycle.demo import desk, friends, reviewed, story, years
from lifecycle.demo.goods import GOODS
from offers.models import Offer
from orders import learning
from segments import ready_made, saving
from segments.models import Segment
from stores import clock
from stores.models import Membership, Store, User
from surveys import answers
from surveys.models import Response

#: What the thank-you mail promises, told to budgets and to what open codes may still cost.
TEN_EUROS = {"gives": Offer.Gives.MONEY, "amount_minor": 1000, "worth_minor": 1000, "currency": "EUR"}
SLUG, LOGIN, PASSWORD = "marlow", "jo@marlow.example", "kettle-and-lamp"
#: What those who answer say, by turns.
SCORES = (5, 4, 5, None, 5, 2, 4, None)
#: Views of the customers list that everybody in the shop has.
VIEWS = (("Champions", "group=champions"), ("Slipping away", "group=at_risk&marketing=subscribed"), ("Coffee club", "tag=coffee+club"))
STRIDE = timedelta(hours=12)
#: So often scores and segments follow: somebody waits for this shop to open.
NIGHT = timedelta(days=1)
#: The ready-made segments that the shop has, and those whose comings and goings stand in timelines.
SEGMENTS, WATCHED = {"champions", "vip", "new", "slipping", "lost", "birthday"}, {"new"}


def load(*, now: datetime) -> Store:
    """Make the shop and live its last four weeks up to `now`; the clock is real again afterwards."""
    begin = now - timedelta(days=28, hours=1)
    clock.set_to(begin)
    store = _open_shop(begin)
    lines = (json.dumps(order).encode() for order in years.orders(until=begin))
    imports.take_in(store, lines, now=begin, file_name="two-years.jsonl")
    rfm_refresh.refresh(store, now=begin - timedelta(days=3))  # of another month than now, so that who moved can be seen
    learning.learn(store, now=begin)
    _group(store, begin)
    try:
        _live(store, begin, now)
    except Exception:
        store.delete()  # half a shop would pass for a whole one at the next start
        raise
    finally:
        clock.reset()
    return store


def _live(store: Store, begin: datetime, end: datetime) -> None:
    owner = User.objects.get(email=LOGIN, memberships__store=store)
    friends.come(store, now=begin)
    last, learned, sam, scenes = begin, begin, desk.open_desk(store, now=begin), list(desk.SCENES)
    for delivery in story.deliveries(now=end):
        while scenes and end - scenes[0].before <= delivery.at:
            last = _play(scenes.pop(0), store, sam, end)
        if delivery.at - last >= STRIDE or delivery.topic == "orders/create":
            learns = delivery.at - learned >= NIGHT
            travel_to(delivery.at, learns=learns)
            _answer(store)
            reviewed.write(store, now=delivery.at)
            reviewed.read(store, owner, now=delivery.at)
            last, learned = delivery.at, delivery.at if learns else learned
        inbox.apply(store, delivery.topic, delivery.payload, now=delivery.at, live_since=begin)
    for scene in scenes:
        _play(scene, store, sam, end)
    travel_to(end)
    rfm_refresh.refresh(store, now=end)
    learning.learn(store, now=end)
    Segment.objects.filter(store=store).update(due_at=end)
    sweep_until_quiet()


def _play(scene: desk.Scene, store: Store, sam: User, end: datetime) -> datetime:
    at = end - scene.before
    travel_to(at)
    desk.play(scene, store, sam, now=at)
    return at


def _open_shop(now: datetime) -> Store:
    store = Store.objects.create(
        slug=SLUG, name="Marlow & Finch", timezone="Europe/Berlin", currency="EUR", country="DE", sender_name="Jo at Marlow & Finch",
        sender_email="jo@marlow.example", reply_to="jo@marlow.example", postal_address="Beispielkai 1, 20457 Hamburg",
        website="https://marlow.example/", soft_opt_in=True, created_at=now,
    )  # fmt: skip
    owner = User.objects.create_user(LOGIN, PASSWORD, name="Jo Marlow")
    Membership.objects.create(store=store, user=owner, role=Membership.Role.OWNER)
    _stock(store)
    connections.create(store, platform="generic", now=now)
    flow = recipes.install(store, "post-purchase", now=now)
    Offer.objects.filter(store=store).update(value="€10 off", code="THANKS10", days_valid=9, **TEN_EUROS)
    friends.open_program(store)
    flows.activate(flow, now=now)
    for name, query in VIEWS:
        SavedView.objects.create(store=store, name=name, query=query, created_at=now)
    return store


def _stock(store: Store) -> None:
    """Put the goods on the shelf, with their guides and what goes well together."""
    products = {}
    for good in GOODS:
        products[good.sku] = product = Product.objects.create(
            store=store, external_id=good.sku, title=good.title, sku=good.sku, kind=good.kind, url=f"https://marlow.example/{good.sku}",
            price_minor=int(good.price.replace(".", "")), currency="EUR", category=good.category, tags=sorted(good.tags),
            image_url=f"{settings.PUBLIC_URL}/static/demo/{good.sku}.png",
        )  # fmt: skip
        if good.tips:
            guide = {"headline": good.headline, "tips": list(good.tips), "mistake": good.mistake, "care": good.care}
            ProductGuide.objects.create(store=store, product=product, **guide)
    for good in GOODS:
        for rank, (sku, reason) in enumerate(good.pairs, start=1):
            Pairing.objects.create(store=store, product=products[good.sku], suggested=products[sku], reason=reason, rank=rank)


def _group(store: Store, now: datetime) -> None:
    """Make the segments whose members come and go in the four weeks that are lived."""
    for ready in ready_made.of(store, today=now.date()):
        if ready.key in SEGMENTS:
            saving.create(store, name=ready.name, rule=ready.rule, now=now, is_watched=ready.key in WATCHED)
    kettle, filters = (str(Product.objects.get(store=store, external_id=sku).pk) for sku in ("kettle", "filters"))
    rule = {"all": [{"what": "bought", "op": "did", "values": [kettle]}, {"what": "bought", "op": "did_not", "values": [filters]}]}
    saving.create(store, name="Kettle, but no filters", rule=rule, now=now)


def _answer(store: Store) -> None:
    """Let those who were asked at least half a day ago answer, or not."""
    now = clock.read()
    for response in Response.objects.filter(store=store, answered_at__isnull=True, asked_at__lte=now - timedelta(hours=12)):
        score = SCORES[response.pk % len(SCORES)]
        if score is not None:
            comment = "The lid does not close properly." if score <= answers.LOW else ""
            answers.answer(response, score=score, comment=comment, now=now)
