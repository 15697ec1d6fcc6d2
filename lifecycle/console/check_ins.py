"""What customers answered, newest first: all of it, the low answers, the high ones; each beside the task it opened."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpResponse

from customers.models import Task
from lifecycle.console import paging, tabs
from lifecycle.console.answer import shown
from stores import clock
from stores.access import StoreRequest, page
from stores.models import Store
from surveys import answers
from surveys.models import Response

#: The tabs of the list: ?score=, the label, the condition, and what an empty tab says.
SCORES: dict[str, tuple[str, Q, str, str]] = {
    "": ("All", Q(), "No answers yet", "The check-in asks a week after an order has arrived."),
    "low": (f"Low, 1 to {answers.LOW}", Q(score__lte=answers.LOW), "No low answers", "An answer of 1 or 2 opens a task and stands here."),
    "high": (f"High, {answers.HIGH} to 5", Q(score__gte=answers.HIGH), "No high answers yet", "Answers of 4 and 5 stand here."),
}


@page()
def index(request: StoreRequest) -> HttpResponse:
    score = request.GET.get("score", "")
    score = score if score in SCORES else ""
    _, condition, nothing, why = SCORES[score]
    found = given(request.store).filter(condition)
    listed = paging.page(found.select_related("customer", "order"), request, by="-answered_at")
    count = paging.counted(found)
    context = {
        "section": "answers",
        "now": clock.read(),
        "page": listed,
        "rows": _with_tasks(listed.rows, request.store),
        "count": count,
        "heard": paging.heard(count, "answer"),
        "tabs": tabs.of(request, "score", [(key, words) for key, (words, *_) in SCORES.items()], score),
        "tabs_label": "Answers by score",
        "nothing": nothing,
        "why": why,
    }
    return shown(request, "console/answers.html", context, part="console/_answers.html")


def given(store: Store) -> QuerySet[Response]:
    """Return a store's answers; a question that still waits is none."""
    return Response.objects.filter(store=store, answered_at__isnull=False)


def _with_tasks(found: Sequence[Response], store: Store) -> list[tuple[Response, str, Task | None]]:
    """Put each answer beside its words and the task it opened; one query for the page."""
    keys = [answers.task_key(response.pk) for response in found]
    opened = {task.key: task for task in Task.objects.filter(store=store, key__in=keys)}
    return [(each, answers.WORDS.get(each.score or 0, ""), opened.get(answers.task_key(each.pk))) for each in found]
