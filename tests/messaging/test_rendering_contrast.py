"""Colours and typefaces that can be read."""

import pytest

from messaging.rendering import contrast, paint
from messaging.rendering.brand import Brand
from stores.models import Store


@pytest.mark.parametrize(
    ("color", "ground", "expected"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#777777", 4.48)],
)
def test_ratio_is_the_one_of_wcag(color, ground, expected):
    assert contrast.ratio(color, ground) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("ground", ["#ffffff", "#181b21", "#f5f3ef", "#777777"])
@pytest.mark.parametrize("color", ["#ffff00", "#ffffff", "#000000", "#2451a9", "#c8643c", "#777777", "red", "", "#12345g", "#fff"])
def test_repairs_every_colour_on_every_ground(color, ground):
    assert contrast.ratio(contrast.repaired(color, ground, at_least=3, fallback="#2451a9"), ground) >= 3


def test_leaves_a_good_colour_alone():
    assert contrast.repaired("#2451a9", "#ffffff", at_least=3, fallback="#000000") == "#2451a9"


@pytest.mark.parametrize("scheme", [paint.LIGHT, paint.DARK])
def test_both_schemes_can_be_read(scheme):
    assert contrast.ratio(scheme.ink, scheme.card) >= 7.4
    assert contrast.ratio(scheme.soft, scheme.card) >= 7.4
    assert contrast.ratio(scheme.soft, scheme.ground) >= 6.7
    assert contrast.ratio(scheme.ink, scheme.plate) >= 7
    assert contrast.ratio(scheme.soft, scheme.plate) >= 4.5
    assert contrast.ratio(scheme.link, scheme.card) >= 7
    assert contrast.ratio(scheme.on_button, scheme.button) >= 7


@pytest.mark.parametrize("color", ["#ffff00", "#ffffff", "#000000", "#c8643c", "'};x"])
def test_numbers_can_be_read_on_any_brand(color):
    for scheme in (paint.LIGHT, paint.DARK):
        mark = paint.mark_of(Brand(name="x", color=color), scheme)
        assert contrast.ratio(mark, scheme.card) >= 3
        assert contrast.ratio(contrast.ink_on(mark), mark) >= 4.5


def test_every_typeface_of_a_store_is_set_in_what_devices_have_and_ends_in_a_kind():
    assert set(paint.FONTS) == set(Store.Typeface.values)
    for name, stack in paint.FONTS.items():
        assert stack.endswith("serif")
        assert stack in paint.inlined(Brand(name="x", typeface=name)) and stack in paint.kept(Brand(name="x", typeface=name))
