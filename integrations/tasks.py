"""The one place of this room that speaks to the broker: a nudge, so that a delivery is taken in before the next beat."""

import logging
from time import monotonic

from celery import current_app
from django.conf import settings

log = logging.getLogger(__name__)

_EVERY = 0.2  # seconds, per process
_PATIENCE = 0.05  # seconds to connect
_last = 0.0


def nudge() -> None:
    """Ask for a pulse, at most five times a second. Never required: without a broker, beat's next pulse does the same."""
    global _last  # noqa: PLW0603
    if not getattr(settings, "NUDGE", True) or str(settings.CELERY_BROKER_URL).startswith("memory:"):
        return
    if monotonic() - _last < _EVERY:
        return
    _last = monotonic()
    try:
        options = {"socket_connect_timeout": _PATIENCE, "socket_timeout": _PATIENCE, "max_retries": 0}
        with current_app.connection_for_write(transport_options={**current_app.conf.broker_transport_options, **options}) as connection:
            current_app.send_task("campaigns.tasks.pulse", connection=connection, expires=5, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("The broker does not answer (%s); the next beat takes over.", type(error).__name__)
