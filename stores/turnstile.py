"""How many deliveries one sender may make: an even pace with a long rush before it, counted by each web process for itself.

It keeps one store's flood from everybody's web processes and database; it asks nobody, since a delivery must be taken also while the cache
is away. The rule is the generic cell rate algorithm (ITU-T I.371).
"""

from django.conf import settings

RUSH_SECONDS = 60.0  # of the even pace, at once
_MOST_KEPT = 10_000
_NOTHING = 1e-6  # seconds: what sums of fractions are off by
_free_at: dict[str, float] = {}


def wait(sender: str, *, moment: float) -> float:
    """Count one delivery; return 0.0, or after how many seconds to try again if it is one too many. `moment` is a monotonic time."""
    interval = 1.0 / settings.HOOKS_PER_SECOND
    free_at = max(_free_at.get(sender, 0.0), moment)
    too_soon = free_at - moment - (RUSH_SECONDS - interval)
    if too_soon > _NOTHING:
        return too_soon
    if len(_free_at) >= _MOST_KEPT:
        forget()
    _free_at[sender] = free_at + interval
    return 0.0


def forget() -> None:
    """Begin to count anew."""
    _free_at.clear()
