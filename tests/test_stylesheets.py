"""The stylesheets: one file a component, joined for the browser, small, and without a rule that nothing wears."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from lifecycle import stylesheets

ROOT = Path(settings.BASE_DIR)
PARTS = sorted((ROOT / "static/css").glob("*/*.css"))
BUDGET = 20_000


def plain(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def test_all_of_them_together_are_small():
    assert sum(len(gzip.compress(stylesheets.joined(name).encode())) for name in stylesheets.NAMES) <= BUDGET


@pytest.mark.parametrize("name", stylesheets.NAMES)
def test_a_browser_gets_one_file_that_imports_nothing(name):
    served = Path(str(finders.find(name))).read_text()
    assert served == stylesheets.joined(name)
    assert "@import" not in served
    assert served.count("{") == served.count("}")


def test_collecting_takes_the_joined_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "css/staff.css").read_text() == stylesheets.joined("css/staff.css")


def test_each_part_is_in_a_sheet_is_short_and_says_what_it_is():
    sheets = "".join((ROOT / "static" / name).read_text() for name in stylesheets.NAMES)
    assert [str(path) for path in PARTS if f'"{path.parent.name}/{path.name}"' not in sheets] == []
    assert [path.name for path in PARTS if len(path.read_text().splitlines()) > 120 or not path.read_text().startswith("/* ")] == []
    assert [path.name for path in PARTS if "url(" in path.read_text()] == []  # it would lead elsewhere once joined


def test_colours_stand_with_the_tokens_only():
    assert [path.name for path in PARTS if path.parent.name != "tokens" and re.search(r"#[0-9a-f]{3,8}\b|rgb\(", plain(path))] == []


def test_every_class_is_worn_and_every_token_used():
    """A class may be put together ("stop-{{ state }}"): then its first part stands in a template."""
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("lifecycle/**/*.py"), *ROOT.glob("static/js/*.js")]
    text = "\n".join(path.read_text() for path in sources)
    rules = "\n".join(plain(path) for path in PARTS)
    classes = set(re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", rules))
    idle = {name for name in classes if not re.search(rf"(?<![\w-]){name}(?![\w-])", text)}
    assert {name for name in idle if f"{re.split('-', name)[0]}-{{{{" not in text} == set()
    assert {token for token in re.findall(r"(--[\w-]+):", rules) if f"var({token})" not in rules + text} == set()
