"""Lets go of all a person did: their actions, the browsers they are known by, what they cared for, and what it added up to."""

from customers.erasure import Person
from engagement.models import Action, Engagement, Interest, Visitor


def forget(person: Person) -> None:
    Action.objects.filter(visitor__customer=person.id).delete()
    for model in (Action, Visitor, Interest, Engagement):
        model.objects.filter(customer=person.id).delete()
