"""Named places where a test of faults may stop, kill or fail the process: `FAILPOINT=after_claim:kill,mid_body:stop` in its environment.

Without that variable they cost one look into an empty dict. A place acts once, at its first passing, or at the n-th with `name:action@n`.
"""

import os
import signal
import time

OF_CAMPAIGNS = frozenset({"in_freeze", "in_line"})
NAMES = OF_CAMPAIGNS | frozenset({
    "after_plan_commit", "before_publish", "after_claim", "before_sending", "after_sending_commit", "mid_body", "after_dot",
    "before_sent_commit", "after_sent_commit", "in_webhook_insert", "in_reconcile", "in_erase",
})  # fmt: skip


class Injected(RuntimeError):
    """The failure a test of faults asked for."""


def _asked_for(text: str) -> dict[str, tuple[str, int]]:
    """Return action and passing by name; raise ValueError for a name or an action there is not."""
    found = {}
    for part in filter(None, text.split(",")):
        name, _, rest = part.partition(":")
        action, _, passing = rest.partition("@")
        if name not in NAMES or action not in ("kill", "raise", "stop", "sleep"):
            raise ValueError(f"FAILPOINT: {part!r} is not understood.")
        found[name] = (action, int(passing or 1))
    return found


_armed: dict[str, tuple[str, int]] = {}


def arm(text: str) -> None:
    """Ask for failures; raise ValueError for what is not understood."""
    _armed.clear()
    _armed.update(_asked_for(text))


arm(os.environ.get("FAILPOINT", ""))


def reach(name: str) -> None:
    """Pass a named place."""
    if _armed and name in _armed:
        _act(name)


def _act(name: str) -> None:
    action, passing = _armed[name]
    if passing > 1:
        _armed[name] = (action, passing - 1)
        return
    del _armed[name]
    match action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "sleep":
            time.sleep(5)
        case _:
            raise Injected(name)
