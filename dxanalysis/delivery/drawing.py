"""Lay a figure out once and draw it as pixels, SVG and PDF from that.

What is done by hand here (letters into pixels and PDF, fonts into PDF) is what `matplotlib` 3.11 does, without what it
works out anew for each letter and file; with any other version its own way is taken.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from ..briefing import theme

_OUR_FONTS = Path(theme.__file__).parent
# What a renderer is told to draw, and which of the words are transforms to its pixels.
_SCALED = {"draw_path": (2,), "draw_markers": (2, 4), "draw_path_collection": (1, 5), "draw_text": ()}
_GROUPS = ("open_group", "close_group")
_OTHERS = {name for name in dir(RendererBase) if name.startswith("draw_")} - set(_SCALED)


class Drawing:
    """A figure that is laid out once and drawn in every format from that: the three differ in their ink only.

    Laying out axes and letters takes two thirds of the time in which matplotlib writes a file. A figure with something
    that has pixels of its own (an image, a formula) is laid out for each format, as matplotlib does.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self._calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._dpi = figure.dpi
        own = isinstance(figure.canvas, FigureCanvasAgg)  # it has measured the texts already
        renderer = figure.canvas.get_renderer() if own else RendererAgg(*figure.bbox.size, figure.dpi)
        self._height = renderer.height
        heard = {name: self._heard(name) for name in (*_SCALED, *_GROUPS)}
        before = vars(renderer).copy()
        vars(renderer).update(heard, **dict.fromkeys(_OTHERS, _refused))
        try:
            with theme.settings():
                figure.draw(renderer)
        except NotImplementedError:
            self._calls = []
        finally:
            vars(renderer).clear()
            vars(renderer).update(before)

    def savefig(self, *words: Any, **options: Any) -> None:
        """Do as the figure's own method does."""
        with theme.settings(), self._instead_of_drawing():
            self.figure.savefig(*words, **options)

    def _heard(self, name: str) -> Callable[..., None]:
        def hear(*words: Any, **options: Any) -> None:
            if words and isinstance(words[0], GraphicsContextBase):
                kept = GraphicsContextBase()
                kept.copy_properties(words[0])
                words = (kept, *words[1:])
            places = _SCALED.get(name, ())
            words = tuple(word.frozen() if at in places else word for at, word in enumerate(words))
            self._calls.append((name, words, options))

        return hear

    @contextlib.contextmanager
    def _instead_of_drawing(self) -> Iterator[None]:
        if not self._calls:
            yield
            return
        self.figure.draw = self._draw
        try:
            yield
        finally:
            del self.figure.draw

    def _draw(self, renderer: Any) -> None:
        """Draw it on a renderer of another resolution."""
        share = self.figure.dpi / self._dpi
        scale = Affine2D().scale(share)
        for name, words, options in self._calls:
            if name not in _GROUPS:
                context = renderer.new_gc()
                context.copy_properties(words[0])
                rest = [word + scale if at in _SCALED[name] else word for at, word in enumerate(words)]
                words = (context, *rest[1:])
            if name == "draw_text":
                up = (self._height - words[2]) * share
                height = renderer.get_canvas_width_height()[1]
                words = (words[0], words[1] * share, height - up if renderer.flipy() else up, *words[3:])
                if _WRITE is not None and _WRITE(renderer, *words[:6]):
                    continue
            getattr(renderer, name)(*words, **options)


def _refused(*_words: Any, **_options: Any) -> None:
    raise NotImplementedError


def _written(renderer: Any, context: Any, x: float, y: float, text: str, font: Any, angle: float = 0) -> bool:
    """Write a text into pixels or a PDF as matplotlib 3.11 does, with what all its letters share worked out once."""
    if isinstance(renderer, RendererAgg):
        return _inked(renderer, context, x, y, text, font, angle)
    return hasattr(renderer, "file") and _set_in_pdf(renderer, context, x, y, text, font, angle)


def _inked(renderer: Any, context: Any, x: float, y: float, text: str, font: Any, angle: float) -> bool:
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.array([[round(0x10000 * cos), round(-0x10000 * sin)], [round(0x10000 * sin), round(0x10000 * cos)]])
    flags, mode = LoadFlags.NO_HINTING, RenderMode.NORMAL
    face, inked = None, []
    for letter in renderer._prepare_font(font)._layout(text, flags=flags, features=None, language=None):
        if face is not letter.ft_object:
            face = letter.ft_object
            face.set_size(font.get_size_in_points(), renderer.dpi)
        across, up = x + letter.x * cos - letter.y * sin, renderer.height - y + letter.x * sin + letter.y * cos
        face._set_transform(turn, [round(0x40 * across), round(0x40 * up)])
        bitmap = face._render_glyph(letter.glyph_index, flags, mode)
        if bitmap.buffer.size:
            inked.append((bitmap.left, int(renderer.height) - bitmap.top, bitmap.buffer))
    if not inked:
        return True
    left, top = min(one[0] for one in inked), min(one[1] for one in inked)
    right = max(at + ink.shape[1] for at, _, ink in inked)
    bottom = max(at + ink.shape[0] for _, at, ink in inked)
    line = np.zeros((bottom - top, right - left), np.uint8)
    for at, down, ink in inked:
        place = line[down - top : down - top + ink.shape[0], at - left : at - left + ink.shape[1]]
        np.maximum(place, ink, out=place)
    renderer._renderer.draw_text_image(line, left, bottom, 0, context)
    return True


def _set_in_pdf(renderer: Any, context: Any, x: float, y: float, text: str, font: Any, angle: float) -> bool:
    letters = renderer._get_font_ttf(font)._layout(text, LoadFlags.NO_HINTING, features=None, language=None)
    if any(letter.y for letter in letters):
        return False
    file, size, known = renderer.file, font.get_size_in_points(), vars(renderer.file).setdefault("_known_letters", {})
    renderer.check_gc(context, context._rgb)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    said = [b"q %.6f %.6f %.6f %.6f %.6f %.6f cm BT" % (cos, sin, -sin, cos, x, y)]
    name, began, line = None, 0.0, b""
    for letter in letters:
        key = (letter.ft_object.fname, letter.char, letter.glyph_index)
        if key not in known:
            subset, code = file._character_tracker.track_glyph(letter.ft_object, letter.char, letter.glyph_index)
            path = FontPath(letter.ft_object.fname, letter.ft_object.face_index)
            known[key] = (b"/%s" % file.fontName(path, subset).name, b"%04x" % code)
        if name != known[key][0]:
            said.append(b"[<%s>] TJ" % line if line else b"")
            name, line = known[key][0], b""
            said.append(b"%s %.6f Tf %.6f 0 Td" % (name, size, letter.x - began))
            began = letter.x
        if letter.prev_kern and line:
            line += b"> %.4f <" % (-1000 * letter.prev_kern / size)
        line += known[key][1]
    said.append(b"[<%s>] TJ ET Q\n" % line)
    file.write(b"\n".join(filter(None, said)))
    return True


def _embed_quickly() -> None:
    """Take the letters that a PDF shows out of our own fonts as a copy of bytes; fontTools reads and writes all tables.

    Twelve times per run, and each time it took as long as drawing a chart's lines.
    """
    from matplotlib.backends import _backend_pdf_ps as pdf

    of_any, written = pdf.get_glyphs_subset, pdf.font_as_file

    @contextlib.contextmanager
    def of_ours(path: Any, glyphs: Any) -> Iterator[Any]:
        if Path(str(path)).parent != _OUR_FONTS:
            with of_any(path, glyphs) as found:
                yield found
            return
        yield SimpleNamespace(font=only(_content(str(path)), set(glyphs)), glyph_index_map={one: one for one in glyphs})

    pdf.get_glyphs_subset = of_ours
    pdf.font_as_file = lambda font: io.BytesIO(font) if isinstance(font, bytes) else written(font)


def only(font: bytes, glyphs: set[int]) -> bytes:
    """Return a TrueType font with the outlines of some glyphs only, each under its old number.

    The six tables that a PDF needs, see https://learn.microsoft.com/typography/opentype/spec/glyf for the parts of a
    composed letter.

    >>> whole = (_OUR_FONTS / "sans.ttf").read_bytes()
    >>> 1000 < len(only(whole, {36, 37})) < 6000
    True
    """
    count = struct.unpack_from(">H", font, 4)[0]
    entries = (struct.unpack_from(">4s4xII", font, 12 + 16 * at) for at in range(count))
    table = {name: font[start : start + size] for name, start, size in entries}
    wide = struct.unpack_from(">h", table[b"head"], 50)[0]
    known = len(table[b"loca"]) // (4 if wide else 2)
    ends = struct.unpack(f">{known}{'I' if wide else 'H'}", table[b"loca"])
    ends = ends if wide else tuple(2 * end for end in ends)
    outline = {glyph: table[b"glyf"][ends[glyph] : ends[glyph + 1]] for glyph in range(known - 1)}
    kept, todo = {0}, set(glyphs)
    while todo:
        kept |= todo
        todo = {part for glyph in todo for part in _parts(outline[glyph])} - kept
    drawn = [outline[glyph] if glyph in kept else b"" for glyph in range(known - 1)]
    starts = [0]
    for one in drawn:
        starts.append(starts[-1] + len(one))
    head = table[b"head"][:50] + struct.pack(">h", 1) + table[b"head"][52:]
    told = {b"glyf": b"".join(drawn), b"head": head, b"hhea": table[b"hhea"], b"hmtx": table[b"hmtx"],
            b"loca": struct.pack(f">{known}I", *starts), b"maxp": table[b"maxp"]}
    return _font_of(told)


def _parts(outline: bytes) -> Iterator[int]:
    """Yield the glyphs a composed letter is made of: a letter and its accents."""
    if not outline or struct.unpack_from(">h", outline)[0] >= 0:
        return
    at, more = 10, True
    while more:
        flags, glyph = struct.unpack_from(">HH", outline, at)
        yield glyph
        at += 4 + (4 if flags & 1 else 2) + (2 if flags & 8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0)
        more = bool(flags & 0x20)


def _font_of(tables: dict[bytes, bytes]) -> bytes:
    """Write a TrueType file: what is where, then the tables, each beginning at a multiple of four."""
    near = 1 << (len(tables).bit_length() - 1)
    head = struct.pack(">IHHHH", 0x10000, len(tables), 16 * near, near.bit_length() - 1, 16 * (len(tables) - near))
    at, body = 12 + 16 * len(tables), b""
    for name, content in sorted(tables.items()):
        padded = content + b"\0" * (-len(content) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        head += struct.pack(">4sIII", name, total, at + len(body), len(content))
        body += padded
    return head + body


@lru_cache(maxsize=4)
def _content(path: str) -> bytes:
    return Path(path).read_bytes()


_WRITE: Callable[..., bool] | None = None
if matplotlib.__version__.startswith("3.11."):  # of its own, and of no other
    from matplotlib.font_manager import FontPath
    from matplotlib.ft2font import LoadFlags, RenderMode

    _WRITE = _written
    _embed_quickly()
