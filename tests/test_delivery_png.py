"""PNG files of our own writing: what other readers see in them."""

import io

import numpy as np
import pytest
from PIL import Image

from dxanalysis.delivery import figures

FILLS = [(255, 255, 255), (247, 247, 247), (244, 247, 250), (0, 114, 178), (213, 94, 0), (26, 26, 26)]


def seen(pixels, texts=None):
    picture = Image.open(io.BytesIO(figures.encoded(pixels, 300, texts or {})))
    picture.load()
    return picture, np.asarray(picture.convert("RGB"))


def chart():
    """Give bands of fills with a black letter's blended edge between them."""
    bands = np.repeat(np.array(FILLS, np.uint8)[None], 100, axis=0).repeat(60, axis=1)
    pixels = np.repeat(bands, 3, axis=0)
    pixels[:, ::60] = np.arange(300, dtype=np.uint8)[:, None, None] // 2
    return pixels


def test_another_reader_sees_words_and_resolution():
    texts = {"Description": "Tỷ trọng ≥ 20%", "Provenance": '{"code": "ab"}', "Software": None}
    picture, _ = seen(chart(), texts)
    assert picture.text == {"Description": "Tỷ trọng ≥ 20%", "Provenance": '{"code": "ab"}'}
    assert round(picture.info["dpi"][0]) == 300


def test_a_chart_gets_a_palette_that_keeps_every_fill_and_hardly_moves_a_blend():
    pixels = chart()
    picture, back = seen(pixels)
    assert picture.mode == "P"
    for at, fill in enumerate(FILLS):
        assert (back[:, 60 * at + 1 : 60 * at + 60] == fill).all(), fill
    assert np.abs(back.astype(int) - pixels).max() <= 40


def test_a_photograph_keeps_its_24_bits():
    pixels = np.random.default_rng(1).integers(0, 256, size=(600, 600, 3), dtype="uint8")
    picture, back = seen(pixels)
    assert picture.mode == "RGB"
    assert np.array_equal(back, pixels)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (7, 5)])
def test_a_tiny_picture_is_one_too(shape):
    pixels = np.full((*shape, 3), 255, dtype="uint8")
    assert np.array_equal(seen(pixels)[1], pixels)


def test_a_picture_of_one_colour_takes_next_to_nothing():
    white = np.full((1000, 1000, 3), 255, dtype="uint8")
    assert len(figures.encoded(white, 300, {})) < 5_000
