"""The whole system on one machine: embedded PostgreSQL and Valkey for the tests and `with_services`, and `make demo` around them.

`processes` starts and stops children that never outlive their parent; `postgres` and `valkey` know one server each; `servers` brings
both up for a data folder and shares them between commands; `keeper` runs one command beside them; `supervisor` adds web, worker, beat
and the mail catcher (`catcher`). `pytest_services` does for a test run what `with_services` does for a command. None of it is used in
production, where DATABASE_URL and REDIS_URL name real servers.
"""

import sys


def before_django(argv: list[str]) -> None:
    """Bring the embedded services up if this command wants them; the settings read their addresses when Django starts."""
    command = argv[1] if len(argv) > 1 else ""
    if command not in ("with_services", "up") or not {"-h", "--help"}.isdisjoint(_own_options(argv)):
        return
    from lifecycle.localstack import servers

    try:
        if command == "up":
            from lifecycle.localstack import supervisor

            supervisor.prepare(argv[2:])
        elif split_command(argv)[1]:
            servers.start_for_command(fast="--fast" in _own_options(argv))
    except servers.Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def split_command(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return `manage.py with_services`'s own options and the command to run: all after the first `--`, or from the first plain word."""
    words = argv[2:]
    for position, word in enumerate(words):
        if word == "--":
            return words[:position], words[position + 1 :]
        if not word.startswith("-"):
            return words[:position], words[position:]
    return words, []


def _own_options(argv: list[str]) -> list[str]:
    return split_command(argv)[0]
