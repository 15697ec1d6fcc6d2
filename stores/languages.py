"""The languages a store writes to its customers in: its own first, and those it offers beside it."""

from babel import Locale
from babel.languages import get_official_languages

from stores import phrases
from stores.models import Store

#: Each language there are words of ours in, and what staff call it.
NAMES = [(code, str(Locale.parse(code, sep="-").get_display_name("en") or code)) for code in phrases.LANGUAGES]
_NAMED = dict(NAMES)


def of_country(country: str) -> str:
    """Return the language that most people of a country speak, English where there are no words of ours in it."""
    most = get_official_languages(country, de_facto=True)[:1]
    return phrases.pick((f"{code}-{country}" for code in most), phrases.LANGUAGES) or phrases.ENGLISH


def own(store: Store) -> str:
    """Return the store's own language, English where there are no words of ours in it."""
    return phrases.pick((store.language,), phrases.LANGUAGES) or phrases.ENGLISH


def name(code: str) -> str:
    """Return what staff call a language."""
    return _NAMED.get(code, code)


def offered(store: Store) -> list[str]:
    """Return the languages mails may go out in, the store's own first."""
    first = own(store)
    return [first, *(code for code in store.languages if code in phrases.LANGUAGES and code != first)]
