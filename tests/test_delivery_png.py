"""PNG files of our own writing: what other readers see in them."""

import io

import numpy as np
from PIL import Image

from dxanalysis.delivery import png


def test_another_reader_sees_the_same_pixels_words_and_resolution():
    pixels = np.random.default_rng(1).integers(0, 256, size=(7, 5, 3), dtype="uint8")
    texts = {"Description": "Tỷ trọng ≥ 20%", "Provenance": '{"code": "ab"}', "Software": None}
    with Image.open(io.BytesIO(png.encoded(pixels, 300, texts))) as picture:
        picture.load()
        assert np.array_equal(np.asarray(picture), pixels)
        assert picture.text == {"Description": "Tỷ trọng ≥ 20%", "Provenance": '{"code": "ab"}'}
        assert round(picture.info["dpi"][0]) == 300


def test_a_picture_of_one_colour_takes_next_to_nothing():
    white = np.full((1000, 1000, 3), 255, dtype="uint8")
    assert len(png.encoded(white, 300, {})) < 20_000
