"""Brings a database of these servers up to date."""

import gc

from django.core.management import call_command
from django.db import connection


def migrate() -> None:
    """Run the migrations that are missing, and let go of the line.

    The models that are drawn anew for each new table all live until the end: the collector would walk them over and over, a quarter of the
    whole time.
    """
    gc.disable()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        gc.enable()
        connection.close()
