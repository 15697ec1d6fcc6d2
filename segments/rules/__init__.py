"""Rules of segments as values: `tree` is what a rule is, `catalogue` what it may speak of, `parsing` reads it from JSON with an error for
each row, `wording` says it as a sentence. Nothing here knows the database; `segments.compiling` turns a tree into SQL."""

from typing import Any

EVERYONE: dict[str, Any] = {"everyone": True}
