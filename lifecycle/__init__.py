"""The site: settings, wiring, and the pages that look across rooms (`console` for staff, `public` for customers, `api` for machines).

It imports every room and is imported by none. `localstack` runs the whole system on one machine for `make demo` and the tests.
"""

from lifecycle.celery import app as celery_app

__all__ = ["celery_app"]
