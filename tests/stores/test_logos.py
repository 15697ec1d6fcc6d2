"""Logos: what is refused and in which words, and what is left of a picture once it is drawn anew."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from stores import logos
from stores.models import Logo


def picture(size=(400, 100), color=(200, 30, 30, 255), *, kind="PNG", **saving) -> bytes:
    """Return a picture whose middle is of one colour; with an alpha below 255 its margin is see-through."""
    image = Image.new("RGBA", size, color if color[3] == 255 else (0, 0, 0, 0))
    if color[3] < 255:
        ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4), fill=(*color[:3], 255))
    file = io.BytesIO()
    (image.convert("RGB") if kind == "JPEG" else image).save(file, kind, **saving)
    return file.getvalue()


def pixels_of(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_takes_the_three_kinds_and_keeps_png(kind):
    logo = logos.drawn(picture(kind=kind))
    assert logo.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert (logo.width, logo.height) == (240, 60)
    assert pixels_of(logo.png).size == (400, 100)


def test_a_logo_is_drawn_again_so_that_nothing_hides_in_it():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    exif = Image.Exif()
    exif[0x010E] = "secret"
    content = picture(pnginfo=notes, icc_profile=b"evil profile", exif=exif) + b"PK\x03\x04 a zip behind it"
    assert b"<script>" in content and b"secret" in content
    png = logos.drawn(content).png
    kinds = [png[at + 4 : at + 8] for at in _chunks(png)]
    assert set(kinds) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
    for hidden in (b"script", b"evil", b"secret", b"PK\x03\x04"):
        assert hidden not in png


def _chunks(png: bytes) -> list[int]:
    at, found = 8, []
    while at < len(png):
        found.append(at)
        at += 12 + struct.unpack(">I", png[at : at + 4])[0]
    return found


@pytest.mark.parametrize("svg", [b'<svg xmlns="x"/>', b'<?xml version="1.0"?>\n<!-- hello -->\n<SVG onload="alert(1)"></SVG>'])
def test_svg_is_refused_with_the_way_out(svg):
    with pytest.raises(logos.Unusable, match=r"SVG files can carry programs, so they are not taken. Save it as PNG"):
        logos.drawn(svg)


def _gif() -> bytes:
    file = io.BytesIO()
    Image.new("P", (100, 40)).save(file, "GIF")
    return file.getvalue()


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", picture()[:200], _gif(), b"%PDF-1.7"])
def test_what_is_no_picture_of_the_three_kinds_is_refused(content):
    with pytest.raises(logos.Unusable, match=r"This file cannot be read as a picture. Upload a PNG, JPEG or WebP file."):
        logos.drawn(content)


def test_a_large_file_is_refused_unread():
    with pytest.raises(logos.Unusable, match="larger than 2 MB"):
        logos.drawn(b"\x89PNG" + b"x" * logos.LARGEST)


@pytest.mark.parametrize("side", [4_000, 12_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side):
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(10**6))) + _chunk(b"IEND", b"")
    with pytest.raises(logos.Unusable, match="more than 12 million pixels"):
        logos.drawn(bomb)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize(("size", "words"), [((8, 8), "too small or too thin"), ((3000, 40), "too small or too thin")])
def test_what_could_not_be_seen_is_refused(size, words):
    with pytest.raises(logos.Unusable, match=words):
        logos.drawn(picture(size))


def test_an_empty_picture_is_refused():
    file = io.BytesIO()
    Image.new("RGBA", (200, 80), (0, 0, 0, 0)).save(file, "PNG")
    with pytest.raises(logos.Unusable, match="see-through everywhere"):
        logos.drawn(file.getvalue())


@pytest.mark.parametrize(
    ("ink", "plate"),
    [((29, 33, 38, 0), (255, 255, 255, 255)), ((255, 255, 255, 0), (29, 33, 38, 255)), ((255, 204, 0, 0), (29, 33, 38, 255))],
)
def test_see_through_parts_get_a_plate_that_the_logo_can_be_seen_on(ink, plate):
    logo = logos.drawn(picture((400, 120), ink))
    image = pixels_of(logo.png)
    assert image.getpixel((image.width // 2, 3)) == plate
    assert image.getpixel((image.width // 2, image.height // 2)) == (*ink[:3], 255)
    assert image.getchannel("A").getpixel((0, 0)) == 0  # round corners
    assert logo.height <= 64


def test_a_small_picture_is_not_blown_up():
    logo = logos.drawn(picture((120, 40)))
    assert (logo.width, logo.height, pixels_of(logo.png).size) == (120, 40, (120, 40))


def test_a_photo_lying_on_its_side_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    logo = logos.drawn(picture((100, 300), kind="JPEG", exif=exif))
    assert pixels_of(logo.png).size == (300, 100)


def test_put_and_remove(store, other):
    logos.put(store, picture())
    logos.put(other, picture())
    store.refresh_from_db()
    logo = Logo.objects.get(store=store)
    assert (store.logo_digest, store.logo_width, store.logo_height) == (logo.digest, 240, 60)
    assert store.logo_path == f"/l/{logo.digest}.png"
    logos.put(store, picture())
    assert Logo.objects.filter(store=store).count() == 1
    logos.remove(store)
    store.refresh_from_db()
    assert (store.logo_path, Logo.objects.filter(store=store).count()) == ("", 1)
