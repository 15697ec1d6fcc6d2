"""The rows an answer needs are those of the public pages."""

from tests.public.conftest import customer, order, response

__all__ = ["customer", "order", "response"]
