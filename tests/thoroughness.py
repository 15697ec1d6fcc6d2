"""How many examples hypothesis tries: a part of them in every run of the suite, all of them in `make faults`."""

import os

ALL = os.environ.get("FAULTS") == "all"


def examples(many: int) -> int:
    """Return ``many`` where time is no matter, else a quarter."""
    return many if ALL else many // 4
