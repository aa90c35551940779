"""Pictures in three formats and PNG files of our own writing: what other readers see in them."""

import io
import re
import shutil
import subprocess

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from dxanalysis.briefing import theme
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


def lesson(texts=("Tỷ trọng kinh tế số", "nghiêng"), image=False):
    with theme.settings():
        figure = Figure(figsize=(5, 3))
        axes = figure.add_subplot()
        axes.plot([2020, 2021, 2022], [3, 5, 4], "o--", label=texts[0])
        axes.scatter([2020.5, 2021.5], [3.5, 4.5], c=["#0072B2", "#D55E00"], s=[20, 60])
        axes.bar([2020, 2022], [1, 2], hatch="//", facecolor="#EEEEEE")
        axes.text(2021, 2, texts[1], rotation=30)
        axes.annotate("★ ☂", (2021, 5), (2020.2, 4.6), arrowprops={"arrowstyle": "->"})
        axes.legend()
        if image:
            axes.imshow(np.eye(3), extent=(2020, 2022, 3, 5))
    return figure


@pytest.mark.parametrize("image", [False, True])
def test_a_figure_drawn_once_is_the_figure_drawn_for_each_format(image):
    once, anew = figures.Drawing(lesson(image=image)), lesson(image=image)
    one, other = (figures.drawn(figure)[..., :3].astype(int) for figure in (once, anew))
    assert one.shape == other.shape
    away = np.abs(one - other).max(axis=2) > 96
    assert away.mean() < 0.002, f"{away.mean():.2%} of the pixels are others"  # of letters and lines half a pixel apart
    said = [re.findall(r">([^<]+)</text>", file_of(figure, "svg").decode()) for figure in (once, anew)]
    assert said[0] == said[1]
    assert file_of(once, "pdf") == file_of(figures.Drawing(lesson(image=image)), "pdf")


def file_of(figure, kind):
    return figures.rendered(figure, kind, figures.metadata(kind, {}, ""))


def test_a_pdf_can_be_read_letter_by_letter(tmp_path):
    program = shutil.which("pdftotext") or pytest.skip("pdftotext is not installed")
    path = tmp_path / "page.pdf"
    figure = figures.Drawing(lesson(("Tỷ trọng (số) \\ %", "Đường ★ ☂")))
    path.write_bytes(file_of(figure, "pdf"))
    said = subprocess.run([program, "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "Tỷ trọng (số) \\ %" in said.split("\n")
    assert "☂" in said and "Đường" in said


def test_a_page_of_letters_looks_the_same_in_pdf_whoever_embeds_the_font(tmp_path):
    program = shutil.which("pdftoppm") or pytest.skip("pdftoppm is not installed")
    seen = []
    for name, figure in (("once", figures.Drawing(lesson())), ("anew", lesson())):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(file_of(figure, "pdf"))
        subprocess.run([program, "-r", "60", "-png", str(path), str(tmp_path / name)], check=True)
        with Image.open(next(tmp_path.glob(f"{name}*.png"))) as page:
            seen.append(np.asarray(page.convert("RGB")).astype(int))
    assert (np.abs(seen[0] - seen[1]).max(axis=2) > 96).mean() < 0.001
