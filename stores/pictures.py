"""Pictures for mails and pages: whatever was uploaded is decoded and drawn anew, as wide as a mail shows it on a sharp screen, no wider.

See-through parts become white: mail programs turn the ground dark, but no picture. They lie in the database, as logos do.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from stores import logos
from stores.logos import Unusable
from stores.models import Picture, Store

LARGEST = 10 * 1024**2  # bytes of a file
MOST_PIXELS = 25_000_000  # a telephone's photograph; 100 MB once decoded
WIDEST, TALLEST = 1072, 2144  # pixels: twice what a mail's column shows
_FEW_COLORS = 4_000
_SMALLEST = 16

__all__ = ["TYPES", "Drawn", "Unusable", "drawn", "put"]
#: By kind, what it is served as.
TYPES = {"jpg": "image/jpeg", "png": "image/png"}


@dataclass(frozen=True)
class Drawn:
    """A picture as it is kept, of nothing but its pixels: no place, no time, no camera."""

    kind: str
    content: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:32]


def put(store: Store, content: bytes, *, now: datetime) -> Picture:
    """Keep an uploaded picture; the same one is kept once. Raises Unusable."""
    new = drawn(content)
    known = {"kind": new.kind, "content": new.content, "width": new.width, "height": new.height, "created_at": now}
    return Picture.objects.get_or_create(store=store, digest=new.digest, defaults=known)[0]


def drawn(content: bytes) -> Drawn:
    """Return an uploaded picture, drawn anew. Raises Unusable."""
    picture = _on_white(content)
    kind, kept = _encoded(picture)
    return Drawn(kind, kept, picture.width, picture.height)


def _on_white(content: bytes) -> Image.Image:
    read = logos.decoded(content, largest=LARGEST, most_pixels=MOST_PIXELS)
    if min(read.size) < _SMALLEST:
        raise Unusable(f"The picture is too small to be seen. Take one that is at least {_SMALLEST} pixels high and wide.")
    ground = Image.new("RGBA", read.size, (255, 255, 255, 255))
    ground.alpha_composite(read)
    picture = ground.convert("RGB")
    picture.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
    return picture


def _encoded(picture: Image.Image) -> tuple[str, bytes]:
    """Return the picture as JPEG, or as PNG where that is the smaller: a drawing, which JPEG would blur."""
    jpeg, png = io.BytesIO(), io.BytesIO()
    picture.save(jpeg, "JPEG", quality=82, optimize=True, progressive=True)
    if picture.getcolors(_FEW_COLORS):
        picture.save(png, "PNG", optimize=True)
        if len(png.getvalue()) < len(jpeg.getvalue()):
            return "png", png.getvalue()
    return "jpg", jpeg.getvalue()
