"""Who gets a store's test mails beside the one who asks for them."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from campaigns.models import Step
from campaigns.writing import trial
from campaigns.writing.models import Proofreader
from campaigns.writing.preview import Sample
from stores.models import Store

#: Tests are for eyes one knows, not for lists.
MOST = 10


class NotAdded(ValueError):
    """The address cannot get tests; the message says why."""


def add(store: Store, email: str) -> Proofreader:
    """Save an address to send tests to; return its row, the same for the same address. Raises NotAdded."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise NotAdded("Write an address like name@example.com.") from error
    if Proofreader.objects.filter(store=store).exclude(email=email).count() >= MOST:
        raise NotAdded(f"{MOST} testers are enough. Remove one first.")
    tester, _ = Proofreader.objects.get_or_create(store=store, email=email)
    return tester


def of(store: Store) -> QuerySet[Proofreader]:
    return Proofreader.objects.filter(store=store).order_by("email")


def send(
    step: Step, shown: Sample, people: Sequence[tuple[str, str]], *, variant: str, language: str, now: datetime
) -> list[tuple[str, trial.Trial]]:  # fmt: skip
    """Send a step's mail to each of these people, `(address, name)`; return what became of each. A broken road is not tried again."""
    done: list[tuple[str, trial.Trial]] = []
    for person in people:
        (result,) = trial.send([step], shown, to=person, variant=variant, language=language, now=now)
        done.append((person[0], result))
        if result.outcome in ("retry", "unknown"):
            break
    return done
