"""The table of promises names real tests, and misses none of the promises."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
PROMISED = {*(f"S{n}" for n in range(1, 25)), *(f"D{n}" for n in (2, 3, 4, 5, *range(9, 20), 22)), "W5"}


def test_every_promise_stands_there_and_every_test_it_names_is_there():
    lines = re.findall(r"^\| ([SDW]\d+(?:, [SD]\d+)*) \|", TABLE, re.MULTILINE)
    assert {name for line in lines for name in line.split(", ")} == PROMISED
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)
    assert len(named) >= len(PROMISED)
    gone = [f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")]
    assert gone == []
