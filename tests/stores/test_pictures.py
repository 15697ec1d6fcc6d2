"""Pictures for mails: drawn anew, narrow enough, opaque, kept once, and refused in words."""

import io

import pytest
from PIL import Image

from stores import clock, pictures
from stores.models import Picture
from tests.stores.test_logos import picture


def noise(size) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, "JPEG", exif=b"Exif\x00\x00secret")
    return file.getvalue()


def test_a_photograph_becomes_as_wide_as_a_mail_shows_it_and_loses_what_else_was_in_it(store):
    kept = pictures.put(store, noise((2144, 1200)), now=clock.read())
    assert (kept.kind, kept.width, kept.height) == ("jpg", 1072, 600)
    assert kept.path == f"/g/{kept.digest}-1072x600.jpg"
    assert b"secret" not in bytes(kept.content)


def test_a_drawing_stays_sharp_and_what_was_see_through_is_white(store, client):
    kept = pictures.put(store, picture((400, 100), (200, 30, 30, 128)), now=clock.read())
    assert kept.kind == "png"
    assert Image.open(io.BytesIO(bytes(kept.content))).getpixel((0, 0)) == (255, 255, 255)
    assert pictures.put(store, picture((400, 100), (200, 30, 30, 128)), now=clock.read()) == kept
    answer = client.get(kept.path)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", bytes(kept.content))
    assert client.get(kept.path.replace(kept.digest, "0" * 32)).status_code == 404


@pytest.mark.parametrize(("content", "words"), [(b"<svg/>", "SVG files"), (b"x", "cannot be read"), (picture((8, 8)), "too small")])
def test_what_is_no_picture_is_refused(store, content, words):
    with pytest.raises(pictures.Unusable, match=words):
        pictures.put(store, content, now=clock.read())
    assert Picture.objects.count() == 0
