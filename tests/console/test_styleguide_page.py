"""The style guide shows every component there is."""

from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
#: What stands on every page of a store anyway.
FRAME = {"_nav.html", "_flash.html", "_palette.html", "_order_words.html"}


def test_every_component_is_in_it():
    guide = "".join((TEMPLATES / f"console/{name}.html").read_text() for name in ("styleguide", "_styleguide_list"))
    components = {path.name for path in (TEMPLATES / "components").glob("*.html")}
    assert {name for name in components - FRAME if f"components/{name}" not in guide} == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_member_may_look_in_both_themes(store, vic, signed_in, theme):
    page = signed_in(vic).get(f"/styleguide/?theme={theme}").content.decode()
    assert f'data-theme="{theme}"' in page
    assert "Delivery failed" in page
    assert "Outcome unknown" in page or "unknown" in page


def test_who_is_not_signed_in_does_not(db, client):
    assert client.get("/styleguide/")["Location"].startswith("/login/")
