"""Asking for a review of what was bought, taking it, and what staff do with it: shown, hidden for a reason, answered in public."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from customers import events, tasks_for_staff
from customers.models import Customer, Event, Task
from orders.models import Order
from stores.models import User
from stores.phrases import marked
from stores.pictures import Drawn
from surveys.models import Review, ReviewPhoto

State = Review.State
Kind = Event.Kind

#: At or below it a person looks after the customer.
LOW = 2
#: So many pictures stand beside one review.
MOST_PHOTOS = 3
#: The stars in words, as the page says them.
WORDS = {1: marked("Bad"), 2: marked("Poor"), 3: marked("All right"), 4: marked("Good"), 5: marked("Great")}
_LOOKED_AT_WITHIN = timedelta(hours=24)


class NotStars(ValueError):
    """Stars that are not 1, 2, 3, 4 or 5."""


class NotGiven(Exception):
    """Nobody has written it yet, so there is nothing to show, hide or answer."""


def ask(order: Order, *, now: datetime) -> Review:
    """Return the row that waits for a review of the most costly thing an order kept; asking again returns the same row."""
    kept = [line for line in order.lines.select_related("product") if line.refunded_quantity < line.quantity]
    line = max(kept, key=lambda each: each.unit_price_minor, default=None)
    review, _ = Review.objects.get_or_create(
        order=order,
        defaults={
            "store_id": order.store_id, "customer_id": order.customer_id, "product": line.product if line else None,
            "title": line.name[:300] if line else "", "name": public_name(order.customer), "asked_at": now,
        },
    )  # fmt: skip
    return review


def public_name(customer: Customer) -> str:
    """Return "Ana R.": enough to be somebody, too little to be found."""
    words = customer.name.split()
    first = customer.first_name or (words[0] if words else "")
    initial = f" {words[-1][0].upper()}." if len(words) > 1 else ""
    return f"{first}{initial}"[:60]


@transaction.atomic
def give(review: Review, *, stars: int, text: str = "", name: str = "", photos: Sequence[Drawn] = (), now: datetime) -> Review:
    """Take a review, or a change of it; the same words and pictures twice are one review. Raise NotStars.

    It is seen by others only when staff show it, also after a change. Few stars open a task for staff, which only staff close.
    """
    if stars not in range(1, 6):
        raise NotStars(f"{stars!r} is not a number of stars from 1 to 5")
    held = Review.objects.select_for_update(of=("self",)).select_related("order", "customer").get(pk=review.pk)
    before, text, name = held.stars, text.replace("\x00", "").strip(), name.replace("\x00", "").strip()[:60]
    added = _add_photos(held, photos, now=now)
    if (before, held.text, held.name, added) == (stars, text, name, 0):
        return held
    held.stars, held.text, held.name, held.given_at = stars, text, name, now
    held.state, held.hidden_because = State.WAITING, ""
    held.save(update_fields=["stars", "text", "name", "given_at", "state", "hidden_because"])
    _record(held, now=now)
    if stars <= LOW:
        _call_for_help(held, was_low=before is not None and before <= LOW, now=now)
    return held


def _add_photos(review: Review, photos: Sequence[Drawn], *, now: datetime) -> int:
    """Put pictures beside a review, as many as there is room for; return how many are new."""
    held = set(review.photos.values_list("digest", flat=True))
    new = list({each.digest: each for each in photos if each.digest not in held}.values())[: MOST_PHOTOS - len(held)]
    ReviewPhoto.objects.bulk_create(
        ReviewPhoto(
            store_id=review.store_id, review=review, digest=one.digest, kind=one.kind, content=one.content, width=one.width,
            height=one.height, added_at=now,
        )
        for one in new
    )  # fmt: skip
    return len(new)


def take_photo_away(review: Review, photo: int) -> None:
    """Let a customer take one of their pictures away; what is left stays as it was decided."""
    review.photos.filter(pk=photo).delete()


def _record(review: Review, *, now: datetime) -> None:
    """Write the event of this change; its number makes the key, counted under the row's lock."""
    prefix = f"{Kind.REVIEW_GIVEN}:{review.pk}:"
    given = Event.objects.filter(customer_id=review.customer_id, kind=Kind.REVIEW_GIVEN, key__startswith=prefix).count()
    data = {**_about(review), "score": review.stars, "comment": review.text, "photos": review.photos.count()}
    events.record(review.customer, Kind.REVIEW_GIVEN, at=now, key=f"{prefix}{given + 1}", now=now, data=data)


def _about(review: Review) -> dict[str, object]:
    return {
        "review": review.pk, "order": review.order_id, "number": str(review.order), "product": review.product_id, "title": review.title,
    }  # fmt: skip


def _call_for_help(review: Review, *, was_low: bool, now: datetime) -> None:
    """Have a task open for few stars: reopened when they became unhappy again, and always with their latest words."""
    task = tasks_for_staff.open_task(
        review.customer,
        kind="low_review",
        key=f"low-review:{review.pk}",
        title=f"Gave {review.stars} of 5 stars to {review.title or 'an order'}"[:200],
        detail=review.text,
        order_number=str(review.order),
        due_at=now + _LOOKED_AT_WITHIN,
        now=now,
    )
    if task.state == Task.State.CLOSED and not was_low:
        tasks_for_staff.reopen(task, now=now)
    if task.detail != review.text:
        Task.objects.filter(pk=task.pk).update(detail=review.text)


def show(review: Review) -> None:
    """Let others read it. Raise NotGiven."""
    _put(review, State.SHOWN, "")


def hide(review: Review, *, because: str) -> None:
    """Keep it from others for one of the reasons of `Review.Hidden`; that it is bad is none of them. Raise NotGiven or ValueError."""
    _put(review, State.HIDDEN, Review.Hidden(because).value)


def wait(review: Review) -> None:
    """Take a decision back. Raise NotGiven."""
    _put(review, State.WAITING, "")


def _put(review: Review, state: str, because: str) -> None:
    given = Review.objects.filter(pk=review.pk, given_at__isnull=False)
    if not given.update(state=state, hidden_because=because):
        raise NotGiven
    review.state, review.hidden_because = state, because


@transaction.atomic
def answer(review: Review, *, text: str, by: User, now: datetime) -> None:
    """Say something to it in public, or change what was said; an empty text takes it back. Raise NotGiven."""
    held = Review.objects.select_for_update(of=("self",)).select_related("order", "customer").get(pk=review.pk)
    if held.given_at is None:
        raise NotGiven
    text = text.replace("\x00", "").strip()
    if held.answer == text:
        return
    held.answer, held.answered_at, held.answered_by = text, now if text else None, by if text else None
    held.save(update_fields=["answer", "answered_at", "answered_by"])
    if text:
        key = f"{Kind.REVIEW_ANSWERED}:{held.pk}:{now.isoformat()}"
        data = {**_about(held), "text": text, "by": str(by)}
        events.record(held.customer, Kind.REVIEW_ANSWERED, at=now, key=key, now=now, data=data)
