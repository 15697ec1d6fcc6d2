"""Clocks that are wrong: libfaketime where it is installed, by the environment a process starts with."""

import glob
from pathlib import Path

_FOUND = sorted(glob.glob("/usr/lib/*/faketime/libfaketime.so.1") + glob.glob("/usr/lib/faketime/libfaketime.so.1"))
LIBRARY = _FOUND[0] if _FOUND else ""
WHY_NOT = "libfaketime is not installed (on Debian and Ubuntu: apt-get install faketime)"


def skewed(by: str) -> dict[str, str]:
    """Return the environment of a process whose clock is wrong by so much, such as "-2h"; empty without the library."""
    return {"LD_PRELOAD": LIBRARY, "FAKETIME": by} if LIBRARY else {}


def settable(file: Path) -> dict[str, str]:
    """Return the environment of a database whose clock follows a file (`set_by`); its steady clock is left alone."""
    if not LIBRARY:
        return {}
    set_by(file, seconds=0)
    return {
        "LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def set_by(file: Path, *, seconds: int) -> None:
    """Let the clocks that follow a file be wrong by so many seconds, within a second."""
    partial = file.with_suffix(".partial")
    partial.write_text(f"{seconds:+d}")
    partial.chmod(0o644)
    partial.replace(file)
