"""The one place of this room that speaks to the broker: a nudge, so that a delivery is taken in before the next beat.

A thread of each process does it, over a connection that it keeps: no answer to a shop ever waits for the broker.
"""

import logging
import threading
from time import sleep
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from kombu import Connection

from integrations import reconciling, uploads
from stores import clock
from stores.failpoints import reach

log = logging.getLogger(__name__)

_EVERY = 0.2  # seconds, per process
_PATIENCE = 0.05  # seconds to connect
_wanted = threading.Event()
_starting = threading.Lock()
_thread = threading.Thread()


@shared_task(name="integrations.tasks.import_files")
def import_files() -> None:
    """Go on with one uploaded file for some seconds."""
    uploads.sweep(now=clock.read())


@shared_task(name="integrations.tasks.ask_shops")
def ask_shops() -> None:
    """Ask shops for what their deliveries left out."""
    if reconciling.sweep(now=clock.read()):
        nudge()


def nudge() -> None:
    """Ask for a pulse, at most five times a second. Never required: without a broker, beat's next pulse does the same."""
    reach("before_publish")
    if settings.NUDGE:
        _wanted.set()
        if not _thread.is_alive():
            _start()


def _start() -> None:
    """Start the thread, in each process its own: a fork leaves it behind."""
    global _thread  # noqa: PLW0603
    with _starting:
        if not _thread.is_alive():
            _thread = threading.Thread(target=_nudge_when_wanted, name="nudge", daemon=True)
            _thread.start()


def _nudge_when_wanted() -> None:
    broker = to_broker()
    while _wanted.wait():
        _wanted.clear()
        if not send_pulse(broker):
            broker.release()
            broker = to_broker()
        sleep(_EVERY)


def to_broker(url: str | None = None) -> Connection:
    """Return a connection that gives up soon; it opens when it is first used."""
    options = {"socket_connect_timeout": _PATIENCE, "socket_timeout": _PATIENCE, "max_retries": 0}
    return current_app.connection_for_write(url, transport_options={**current_app.conf.broker_transport_options, **options})


def send_pulse(broker: Connection, *, is_routine: bool = False) -> bool:
    """Ask for one pulse; return whether the broker took it. One that is not routine is for news, and worthless after some seconds."""
    said: dict[str, Any] = {"kwargs": {"is_routine": True}} if is_routine else {"expires": 5}
    try:
        current_app.send_task("campaigns.tasks.pulse", connection=broker, retry=False, ignore_result=True, **said)
    except Exception as error:
        log.warning("The broker does not answer (%s); the next beat takes over.", type(error).__name__)
        return False
    return True
