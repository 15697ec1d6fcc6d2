"""Pictures for mails: whatever was uploaded is decoded and drawn anew, as wide as a mail shows it on a sharp screen, and no wider.

See-through parts become white: mail programs turn the ground dark, but no picture. They lie in the database, as logos do.
"""

import hashlib
import io
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

__all__ = ["Unusable", "put"]


def put(store: Store, content: bytes, *, now: datetime) -> Picture:
    """Keep an uploaded picture; the same one is kept once. Raises Unusable."""
    drawn = _drawn(content)
    kind, kept = _encoded(drawn)
    known = {"kind": kind, "content": kept, "width": drawn.width, "height": drawn.height, "created_at": now}
    digest = hashlib.sha256(kept).hexdigest()[:32]
    return Picture.objects.get_or_create(store=store, digest=digest, defaults=known)[0]


def _drawn(content: bytes) -> Image.Image:
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
