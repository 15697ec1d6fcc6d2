"""Workers side by side, for tests of what they do to the same rows."""

import threading
from collections.abc import Callable

from django.db import connection


def run(*acts: Callable[[], object]) -> None:
    """Begin these at the same time, each in a thread and over a connection of its own; raise what went wrong in them."""
    gate = threading.Barrier(len(acts), timeout=20)
    errors: list[Exception] = []

    def work(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise ExceptionGroup("side by side", errors)
