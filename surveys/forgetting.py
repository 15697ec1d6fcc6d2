"""Lets answers and reviews forget who gave them and what they wrote: the scores and stars stay, and no review is shown any more."""

from customers.erasure import Person
from surveys.models import Response, Review


def forget(person: Person) -> None:
    Response.objects.filter(customer=person.id).update(comment="")
    Review.objects.filter(customer=person.id).update(
        text="", name="", answer="", answered_by=None, answered_at=None, state=Review.State.HIDDEN, hidden_because=Review.Hidden.PRIVATE
    )
