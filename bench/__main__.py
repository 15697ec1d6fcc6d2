"""Run the benches named on the command line, or all of them, each in a process of its own, and print one table."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from time import monotonic

from bench import figures, scratch

#: By name: the module whose `measure()` yields figures.
BENCHES = {
    "import": "bench.importing", "hooks": "bench.hooks", "mails": "bench.mails", "confirmations": "bench.confirmations",
    "ticks": "bench.ticks", "flows": "bench.flows", "pages": "bench.pages", "knowing": "bench.knowing", "segments": "bench.segments",
    "campaigns": "bench.campaigns",
    "baskets": "bench.baskets", "drawing": "bench.drawing",
}  # fmt: skip
_HERE = Path(__file__).resolve().parent.parent


def main(words: list[str]) -> int:
    if words[:1] == ["--inside"]:
        return _inside(words[1])
    unknown = [word for word in words if word not in BENCHES]
    if unknown:
        print(f"There is no bench {unknown[0]!r}; there are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    if not os.environ.get("DATABASE_URL"):
        print("Run it with the services up: manage.py with_services -- python -m bench", file=sys.stderr)
        return 2
    began, failed = monotonic(), 0
    with scratch.database() as migrated:
        _run(migrated, "manage.py", "migrate", "-v0", "--no-input", "--skip-checks")
        figures.print_head(postgresql=scratch.postgresql())
        for name in words or BENCHES:
            with scratch.database(like=migrated) as url:
                failed |= _run(url, "-m", "bench", "--inside", name)
    print(f"\n{monotonic() - began:.0f} s in all.")
    return failed


def _run(url: str, *words: str) -> int:
    """Run Python in a process of its own on a scratch database; return its exit status."""
    env = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "lifecycle.settings", "LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    return subprocess.run([sys.executable, *words], cwd=_HERE, env={**os.environ, **env}, check=False).returncode


def _inside(name: str) -> int:
    """Run one bench in the scratch database."""
    import django

    django.setup()
    for figure in import_module(BENCHES[name]).measure():
        figures.show(figure)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
