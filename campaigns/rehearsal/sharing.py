"""Plays a script at once in as many processes as there are processors; for a command, as a worker of the broker may have no children."""

import os
from array import array
from multiprocessing import get_context
from multiprocessing.connection import Connection

from django.db import connections

from campaigns.rehearsal import past, staging
from campaigns.rehearsal.script import Script
from campaigns.rehearsal.tally import Tally

#: With fewer people a second process costs more than it brings.
FEW = 5_000


def count(script: Script) -> Tally:
    """Return the tally of everybody."""
    everybody = past.people(script)
    processes = 1 if len(everybody) < FEW else os.cpu_count() or 1
    if processes == 1:
        return _tally(script, everybody)
    connections.close_all()  # no two processes may hold the same one
    fork = get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(processes)]
    children = [
        fork.Process(target=_tell, args=(script, staging.share(everybody, number, of=processes), into))
        for number, (_, into) in enumerate(pipes)
    ]
    for child, (_, into) in zip(children, pipes, strict=True):
        child.start()
        into.close()
    kept = [found.recv() for found, _ in pipes]
    for child in children:
        child.join()
    return Tally.of(kept)


def _tally(script: Script, ids: "array[int]") -> Tally:
    counted = Tally()
    for some in staging.lots_of_people(ids):
        staging.count(script, some, counted)
    return counted


def _tell(script: Script, ids: "array[int]", into: Connection) -> None:
    """Send what became of some people, in a process of its own; where it cannot, the other side reads the end and raises EOFError."""
    into.send(_tally(script, ids).kept())
