"""The languages a store writes to its customers in: its own first, and those it offers beside it."""

from babel import Locale

from stores import phrases
from stores.models import Store


def own(store: Store) -> str:
    """Return the store's own language, English where there are no words of ours in it."""
    return phrases.pick((store.language,), phrases.LANGUAGES) or phrases.ENGLISH


def name(code: str) -> str:
    """Return what staff call a language."""
    return str(Locale.parse(code, sep="-").get_display_name("en") or code)


def offered(store: Store) -> list[str]:
    """Return the languages mails may go out in, the store's own first."""
    first = own(store)
    return [first, *(code for code in store.languages if code in phrases.LANGUAGES and code != first)]
