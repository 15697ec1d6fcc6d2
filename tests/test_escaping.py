"""Whatever stands in a text, no page takes it for markup: every text field of every table holds some, and every staff page is read."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.test import Client

from customers.models import Customer
from messaging.models import Message
from tests import test_tenancy
from tests.test_tenancy import OWNER, TABLE, address

world = test_tenancy.world

#: What machines read: words of ours, names of rows, secrets, and what a shop's clock and money are.
OURS = re.compile(
    r"^sealed_|(^|_)(token|key|slug|kind|state|status|reason|timezone|language|country|currency|platform|provider|digest|secret|password|hash|hashed"
    r"|trigger|anchor|purpose|locale|query|topic|step|flow|color|file|theme|prefix|claim|stream|content_type)$"
)
#: Where free text stands inside JSON.
LOOSE = {"Event.data", "Order.shipping_address", "ImportJob.bad_rows"}
#: Answers that are somebody's markup on purpose: each must say that nothing in it may run.
SANDBOXED = {"mail_frame", "conversation_look"}
HIT = "<x-hit>"


def _of(field: "models.Field[Any, Any]", number: int) -> Any:
    """Return a text for a field that breaks out of an attribute or an element; None where none fits."""
    if isinstance(field, ArrayField):
        held = _of(field.base_field, number)
        return None if held is None else [held]
    if isinstance(field, models.URLField):
        return f"javascript:alert({number})//x-hit"
    room = field.max_length or 200
    return f"\"'>{HIT}{number}"[:room] if isinstance(field, models.CharField | models.TextField) and room >= 14 else None


def _deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _deep(each) for name, each in value.items()}
    return [_deep(each) for each in value] if isinstance(value, list) else f"\"'>{HIT}" if isinstance(value, str) else value


def _poison() -> int:
    """Put such texts everywhere a text can stand; return how many fields took one."""
    count = 0
    for model in apps.get_models():
        if "site-packages" in str(model.__module__) or model.__module__.startswith(("django", "allauth")):
            continue
        rows = model._base_manager.all()
        loose = [f.name for f in model._meta.concrete_fields if f"{model.__name__}.{f.name}" in LOOSE]
        texts = [f for f in model._meta.concrete_fields if not (f.choices or f.primary_key or OURS.search(f.name))]
        for number, row in enumerate(rows):
            fresh = {f.name: found for f in texts if (found := _of(f, number)) is not None}
            fresh |= {name: _deep(getattr(row, name)) for name in loose}
            if fresh:
                rows.filter(pk=row.pk).update(**fresh)
                count += len(fresh)
    return count


@pytest.mark.django_db
def test_no_text_is_ever_taken_for_markup_on_any_staff_page(world):
    assert _poison() > 150
    assert Customer.objects.get().name.startswith("\"'><x-hit>")
    assert Message.objects.filter(subject__contains=HIT).exists()
    browser, wrong, reached = Client(), [], 0
    browser.force_login(world["users"][OWNER], backend="allauth.account.auth_backends.AuthenticationBackend")
    for name, (looks, _) in TABLE.items():
        if looks is None:
            continue
        answer = browser.get(address(name, world))
        text = answer.getvalue().decode(errors="replace")  # some are pictures
        reached += "&lt;x-hit&gt;" in text
        if name in SANDBOXED:
            assert answer["Content-Security-Policy"].startswith("sandbox;")
        elif answer.status_code != 200:
            wrong.append(f"{name}: {answer.status_code}")
        elif answer["Content-Type"].startswith("text/html") and (HIT in text or re.search(r"(href|src|action)=\"javascript:", text)):
            spot = re.search(r"(href|src|action)=\"javascript:|<x-hit>", text)
            wrong.append(f"{name}: {text[max(0, spot.start() - 120) : spot.end() + 40]}" if spot else name)
    assert not wrong, "\n".join(wrong)
    assert reached > 40
