"""Whose mail it is: the shop's name, logo, address, colour, typeface and language, as far as the frame of a mail needs them."""

from dataclasses import dataclass

from django.conf import settings

from messaging.rendering import bidi
from stores.models import Store


@dataclass(frozen=True)
class Brand:
    """What every mail of a store has in common. `language` is the language of the mail's words, `site` where its own pictures lie."""

    name: str
    color: str = "#2451a9"
    typeface: str = "plain"
    postal_address: str = ""
    website: str = ""
    language: str = "en"
    logo_url: str = ""
    logo_width: int = 0
    logo_height: int = 0
    site: str = ""

    @property
    def direction(self) -> str:
        return bidi.direction(self.language)


def brand_of(store: Store, language: str = "en") -> Brand:
    """Return a store's brand for mails worded in `language`."""
    return Brand(
        name=store.name,
        color=store.brand_color,
        typeface=store.typeface,
        postal_address=store.postal_address,
        website=store.website,
        language=language,
        logo_url=f"{settings.PUBLIC_URL}{store.logo_path}" if store.logo_path else "",
        logo_width=store.logo_width,
        logo_height=store.logo_height,
        site=settings.PUBLIC_URL.rstrip("/"),
    )
