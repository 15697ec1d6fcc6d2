"""Whole-project rules of templates: each event kind is drawn, files stay small, nothing breaks the content policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from customers.models import Event
from lifecycle.console import timeline

ROOT = Path(settings.BASE_DIR) / "templates"
FILES = sorted(path for path in ROOT.rglob("*.html") if "mail" not in path.relative_to(ROOT).parts)


@pytest.mark.parametrize("kind", Event.Kind.values)
def test_each_event_kind_has_a_timeline_template(kind):
    assert timeline.template_of(kind) == f"timeline/{kind}.html"
    get_template(timeline.template_of(kind))


def test_a_kind_of_a_later_release_is_drawn_plainly():
    get_template(timeline.template_of("parcel.eaten"))


@pytest.mark.parametrize("kind", Event.Kind.values)
def test_an_event_without_data_is_drawn(kind, store):
    event = Event(store=store, kind=kind, customer_id=1, occurred_at=store.created_at, data={})
    context = {"event": event, "data": timeline.Data(), "zone": "UTC", "now": store.created_at, "request": type("R", (), {"store": store})}
    assert "<time" in get_template(timeline.template_of(kind)).render(context)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_is_short_and_has_no_inline_style_or_script(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert not re.search(r"<[^>%]*\s(style|on\w+)=|<style|<script(?![^>]*\ssrc=)", text)


def test_every_icon_used_is_in_the_sprite():
    sprite = (Path(settings.BASE_DIR) / "static/vendor/lucide/sprite.svg").read_text()
    for path in FILES:
        for name in re.findall(r'{% icon "([\w-]+)" %}|symbol="([\w-]+)"', path.read_text()):
            assert f'id="{name[0] or name[1]}"' in sprite, path
