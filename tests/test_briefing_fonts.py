"""The fonts of the pictures: small enough to be fast, whole enough for every word, read from memory."""

import io
import unicodedata
from itertools import product
from pathlib import Path

import numpy as np
from maintain.fonts import letters
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from dxanalysis.briefing import labels, theme

VOWELS = "aăâeêioôơuưy"
TONES = "\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}\N{COMBINING TILDE}\N{COMBINING HOOK ABOVE}\u0323"


def held(name):
    return set(FT2Font(str(Path(theme.__file__).with_name(name))).get_charmap())


def words(node):
    return node if isinstance(node, str) else "".join(map(words, node.values() if isinstance(node, dict) else node))


def test_they_hold_every_vietnamese_letter_and_every_letter_of_the_wording():
    vietnamese = {unicodedata.normalize("NFC", v + t) for v, t in product(VOWELS, ["", *TONES])} | {"đ"}
    wanted = {ord(c) for c in vietnamese | {c.upper() for c in vietnamese} | set(words(labels.wording())) - {"\n"}}
    assert {chr(code) for name in theme.FONT_FILES.values() for code in wanted - held(name)} == set()


def test_they_are_what_the_builder_says_they_are():
    assert all(letters() <= held(name) for name in theme.FONT_FILES.values())


def test_a_letter_that_they_lack_is_drawn_from_the_whole_font():
    assert ord("Ж") not in held("sans.ttf")
    with theme.settings():
        picture = pixels("Ж")
        font = font_manager.get_font(font_manager.fontManager._find_fonts_by_props(font_manager.FontProperties()))
    assert font.family_name == theme.FONT
    assert (picture != pixels_of_the_whole_font("Ж")).mean() == 0


def test_letters_are_the_same_whether_read_from_the_file_or_from_memory(monkeypatch):
    with theme.settings():
        from_memory = pixels("Tỷ trọng kinh tế số 7,1%")
        assert isinstance(font_manager.get_font(str(font_manager.findfont("DejaVu Sans"))).fname, theme.FontFile)
        monkeypatch.setattr(font_manager, "ft2font", font_manager.ft2font.real)
        font_manager._get_font.cache_clear()
        from_file = pixels("Tỷ trọng kinh tế số 7,1%")
        font_manager._get_font.cache_clear()
    assert np.array_equal(from_memory, from_file)


def test_a_pdf_names_the_font_by_its_file_and_embeds_the_letters_used():
    with theme.settings():
        figure, written = page("Quảng Ninh"), io.BytesIO()
        figure.savefig(written, format="pdf")
    assert b"DejaVuSans" in written.getvalue()
    assert len(written.getvalue()) < 20_000


def page(text):
    figure = Figure(figsize=(3, 1))
    FigureCanvasAgg(figure)
    figure.text(0.05, 0.4, text)
    return figure


def pixels(text):
    figure = page(text)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


def pixels_of_the_whole_font(text):
    with theme.settings():
        figure = page("")
        figure.text(0.05, 0.4, text, family="DejaVu Sans")
        figure.canvas.draw()
        return np.asarray(figure.canvas.buffer_rgba()).copy()


def test_fonts_found_once_are_those_found_each_time():
    find = font_manager.fontManager._find_fonts_by_props
    with theme.settings():
        for weight in ("normal", "bold"):
            ours = font_manager.FontProperties(family=list(theme.FAMILY), weight=weight)
            assert (
                find(ours)
                == find(ours)
                == type(font_manager.fontManager)._find_fonts_by_props(font_manager.fontManager, ours)
            )
        other = font_manager.FontProperties(family="DejaVu Serif")
        assert "Serif" in str(find(other)[0])
