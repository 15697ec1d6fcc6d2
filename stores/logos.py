"""A shop's logo: whatever was uploaded is decoded and drawn anew, so that nothing but its pixels is kept and served.

The picture brings its own plate where it has see-through parts: mail programs turn the ground dark, but no picture, and dark words on
a ground gone dark would be lost. It lies in the database, where every web process finds it, and is never deleted with the store alive:
mails that were sent ask for it by its digest.
"""

import hashlib
import io
from dataclasses import dataclass

from django.db import transaction
from PIL import Image, ImageDraw, ImageOps, ImageStat

from stores.models import Logo, Store

LARGEST = 2 * 1024**2  # bytes of a file
MOST_PIXELS = 12_000_000  # 48 MB once decoded
FORMATS = ("PNG", "JPEG", "WEBP")
_WIDE, _HIGH, _THINNEST = 240, 64, 12  # CSS pixels
_SHARP = 2  # pixels a CSS pixel, where the upload has as many
_PAD, _ROUND = 8, 6  # of the plate, in CSS pixels
_WHITE, _INK = (255, 255, 255), (29, 33, 38)
_LIGHT = 170  # mean grey of 255 from which words are lost on white


class Unusable(Exception):
    """A file that cannot be a logo; the text says what to do."""


@dataclass(frozen=True)
class Drawn:
    """A logo as PNG, and the size it is shown at, in CSS pixels."""

    png: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.png).hexdigest()[:32]


@transaction.atomic
def put(store: Store, content: bytes) -> None:
    """Make an uploaded picture the store's logo. Raises Unusable."""
    logo = drawn(content)
    Logo.objects.get_or_create(store=store, digest=logo.digest, defaults={"content": logo.png})
    _show(store, logo.digest, logo.width, logo.height)


def remove(store: Store) -> None:
    """Let the store's name stand again; mails already sent keep their picture."""
    _show(store, "", 0, 0)


def _show(store: Store, digest: str, width: int, height: int) -> None:
    store.logo_digest, store.logo_width, store.logo_height = digest, width, height
    store.save(update_fields=["logo_digest", "logo_width", "logo_height"])


def drawn(content: bytes) -> Drawn:
    """Return an uploaded picture as a logo. Raises Unusable."""
    picture = _cropped(decoded(content))
    has_plate = picture.getchannel("A").histogram()[255] < picture.width * picture.height
    room = (_WIDE - 2 * _PAD, _HIGH - 2 * _PAD) if has_plate else (_WIDE, _HIGH)
    picture.thumbnail((room[0] * _SHARP, room[1] * _SHARP), Image.Resampling.LANCZOS)
    scale = max(1.0, picture.width / room[0], picture.height / room[1])
    if min(picture.size) / scale < _THINNEST:
        raise Unusable("The picture is too small or too thin to be seen as a logo. Take one that is at least 24 pixels high and wide.")
    if has_plate:
        picture = _on_a_plate(picture, round(_PAD * scale))
    _round_off(picture, round(_ROUND * scale))
    kept = io.BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return Drawn(kept.getvalue(), round(picture.width / scale), round(picture.height / scale))


def decoded(content: bytes, *, largest: int = LARGEST, most_pixels: int = MOST_PIXELS) -> Image.Image:
    """Return the pixels of a file and nothing else of it: no metadata, no profile, no second frame. Raises Unusable."""
    if len(content) > largest:
        raise Unusable(f"The file is larger than {largest // 1024**2} MB. Save it smaller.")
    if b"<svg" in content[:4096].lower():
        raise Unusable("SVG files can carry programs, so they are not taken. Save it as PNG and upload that.")
    too_many = Unusable(f"The picture has more than {most_pixels // 10**6} million pixels. Save it smaller.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > most_pixels:
                raise too_many
            read = ImageOps.exif_transpose(opened).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Unusable("This file cannot be read as a picture. Upload a PNG, JPEG or WebP file.") from error
    blank = Image.new("RGBA", read.size)
    blank.paste(read)
    return blank


def _cropped(picture: Image.Image) -> Image.Image:
    """Cut away the see-through margin."""
    box = picture.getchannel("A").getbbox()
    if box is None:
        raise Unusable("The picture is see-through everywhere: there would be nothing to see.")
    return picture.crop(box)


def _on_a_plate(picture: Image.Image, pad: int) -> Image.Image:
    """Put a picture with see-through parts on white, or on ink if it is so light that white would swallow it."""
    solid = picture.getchannel("A").point(lambda alpha: 255 if alpha > 127 else 0)
    is_light = bool(solid.getbbox()) and ImageStat.Stat(picture.convert("L"), solid).mean[0] > _LIGHT
    plate = Image.new("RGBA", (picture.width + 2 * pad, picture.height + 2 * pad), (*(_INK if is_light else _WHITE), 255))
    plate.alpha_composite(picture, (pad, pad))
    return plate


def _round_off(picture: Image.Image, radius: int) -> None:
    corners = Image.new("L", picture.size)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), radius, fill=255)
    picture.putalpha(corners)
