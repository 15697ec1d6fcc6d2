"""Lets answers and reviews forget who gave them, what they wrote and showed: the scores and stars stay, and no review is shown any more."""

from customers.erasure import Person
from surveys.models import Response, Review, ReviewPhoto


def forget(person: Person) -> None:
    Response.objects.filter(customer=person.id).update(comment="")
    ReviewPhoto.objects.filter(review__customer=person.id).delete()
    Review.objects.filter(customer=person.id).update(
        text="", name="", answer="", answered_by=None, answered_at=None, state=Review.State.HIDDEN, hidden_because=Review.Hidden.PRIVATE
    )
