"""The numbers beside the sidebar's links: they come with the membership that every page reads."""

from typing import Any

from django.db.models import OuterRef, QuerySet

from customers.models import Task
from enquiries.models import Enquiry
from lifecycle.console import paging
from stores.models import Membership

_MOST = 99


def beside(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Let memberships bring what waits in their store: conversations that are open, tasks that are (`settings.STAFF_COUNTS`)."""
    owed: QuerySet[Any] = Enquiry.objects.filter(store=OuterRef("store"), state=Enquiry.State.OPEN)
    tasks: QuerySet[Any] = Task.objects.filter(store=OuterRef("store"), state=Task.State.OPEN)
    return memberships.annotate(inbox_count=paging.number_of(owed, most=_MOST), tasks_count=paging.number_of(tasks, most=_MOST))
