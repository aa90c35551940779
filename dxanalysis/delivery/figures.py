"""Save a figure as PNG, SVG and PDF: same bytes for the same input, with the provenance inside each file.

The PNG files are small: a chart has a few hundred colours, a palette with a byte for each pixel. Kept exactly are its
dozen fills; the blends at the edges of letters and lines go to the nearest of a few steps, which no eye tells apart at
200 dots per inch. That takes a quarter of the bytes of 24 bits a pixel. A picture of more colours than a chart ever has
(a photograph) keeps its 24 bits. zlib-ng packs in a third of zlib's time, into as many bytes, the same on every
processor. The format: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from zlib_ng import zlib_ng

from ..briefing import theme
from . import origin
from .drawing import Drawing
from .files import write_bytes

if TYPE_CHECKING:
    from PIL import Image


_PLAIN = 0  # the filter "as it is": best where a byte is the number of a colour
_LEVEL = 6  # a tenth smaller than 4, a quarter than 2, for a hundredth of a second more
_MOST_COLOURS = 256
_A_PHOTOGRAPH = 20_000  # colours in a ninth of the pixels; the busiest chart has 1,300
_EVERY = 3  # each third pixel of each third row says which colours there are
_A_FILL = 0.0004  # of the pixels in one colour: kept exactly (a dot of 20 pixels across is 0.0001 of a slide)
_STEP = 5  # bits by which the blends are made coarser


def encoded(pixels: np.ndarray, dpi: float, texts: Mapping[str, str | None]) -> bytes:
    """Return a PNG of an array (height, width, 3 or 4) of bytes: red, green and blue; a fourth says nothing.

    Parameters
    ----------
    pixels : array
    dpi : float
        Pixels per inch, for printing.
    texts : mapping
        Keyword -> text for the metadata; None is left out.

    Examples
    --------
    >>> encoded(np.zeros((2, 3, 3), dtype="uint8"), 300, {"Title": "Tỷ trọng"})[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    height, width = pixels.shape[:2]
    per_metre = round(dpi / 0.0254)
    palette, numbered = palette_of(pixels)
    kind = 3 if len(palette) else 2
    chunks = [
        (b"IHDR", struct.pack("!IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        (b"pHYs", struct.pack("!IIB", per_metre, per_metre, 1)),
        *((b"iTXt", _text(keyword, text)) for keyword, text in texts.items() if text is not None),
        *([(b"PLTE", palette.tobytes())] if len(palette) else []),
        (b"IDAT", zlib_ng.compress(_rows(numbered).data, _LEVEL)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def palette_of(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the palette (n, 3) of a picture and the number of each pixel's colour in it.

    Colours that differ by less than 8 in every channel count as one. A photograph gets no palette and keeps its pixels.

    >>> palette, numbered = palette_of(np.full((9, 9, 3), 255, dtype="uint8"))
    >>> palette.tolist(), int(numbered.max())
    ([[255, 255, 255]], 0)
    """
    codes = _codes(pixels)
    sample = codes[::_EVERY, ::_EVERY]
    paper = codes[0, 0]  # nine tenths of a chart, and known without looking at each
    found, counts = np.unique(sample[sample != paper], return_counts=True)
    found, counts = np.append(found, paper), np.append(counts, sample.size - counts.sum())
    if len(found) > _A_PHOTOGRAPH:
        return np.empty((0, 3), np.uint8), pixels[..., :3]
    order = np.argsort(-counts, kind="stable")
    colours = np.stack([found & 255, found >> 8 & 255, found >> 16], axis=1)[order]
    fills = colours[counts[order] >= _A_FILL * sample.size]
    coarse = colours[np.unique((colours >> _STEP) @ np.array([64, 8, 1]), return_index=True)[1]]
    palette = np.unique(np.concatenate([fills, coarse])[:_MOST_COLOURS], axis=0).astype(np.uint8)
    inked = np.flatnonzero(codes != paper)
    cells = _cells(np.append(codes.ravel()[inked], paper))
    numbers = _nearest(cells, fills, palette)[cells]
    numbered = np.full(codes.shape, numbers[-1])
    numbered.ravel()[inked] = numbers[:-1]
    return palette, numbered


def _codes(pixels: np.ndarray) -> np.ndarray:
    """Return each pixel's red, green and blue as one number; a fourth byte says nothing."""
    if pixels.shape[-1] == 4 and pixels.flags.c_contiguous:
        return pixels.view("<u4")[..., 0] & 0xFFFFFF
    return pixels[..., :3].astype(np.uint32) @ np.array([1, 256, 65536], dtype=np.uint32)


def _cells(codes: np.ndarray) -> np.ndarray:
    """Return the upper five bits of the three channels of each code as one number."""
    return ((codes & 0xF8) << 7 | codes >> 6 & 0x3E0 | codes >> 19).astype(np.uint16)


def _nearest(cells: np.ndarray, fills: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return for each cell the number of the colour that stands for it: its fill, else the nearest."""
    held = np.zeros(1 << 15, bool)
    held[cells] = True
    seen = np.flatnonzero(held)
    middles = np.stack([seen >> 10, seen >> 5 & 31, seen & 31], axis=1) * 8 + 4
    table = np.zeros(1 << 15, np.uint8)
    table[seen] = ((middles[:, None] - palette.astype(int)) ** 2).sum(axis=2).argmin(axis=1)
    for fill in fills[::-1]:  # the most frequent last: it stands for its cell
        cell = int(_cells(fill @ np.array([1, 256, 65536])))
        table[cell] = int(np.flatnonzero((palette == fill).all(axis=1))[0])
    return table


def _rows(pixels: np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    rows = np.empty((flat.shape[0], 1 + flat.shape[1]), dtype=np.uint8)
    rows[:, 0] = _PLAIN
    rows[:, 1:] = flat
    return rows


def _text(keyword: str, text: str) -> bytes:
    return keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")  # not packed, no language


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", zlib.crc32(kind + content))


FORMATS = ("png", "svg", "pdf")
# Text in an SVG is set in the reader's fonts: DejaVu Sans, else Verdana, of which it has nearly the widths.
_OUR_FONT = ", ".join(f"'{name}'" for name in theme.FAMILY).encode()
_READERS_FONTS = b"'DejaVu Sans', Verdana, sans-serif"
# 200 dots per inch: a slide of 2,000 pixels, half a page of A4 at 300; 300 took 1.6 times the bytes and the time, and
# who prints larger has the PDF and the SVG. A picture for the screen has half as many pixels each way.
PRINT_DPI, SCREEN_SHARE = 200, 2


def save_figure(
    figure: Figure | Drawing, folder: Path, stem: str, provenance: dict[str, Any], alt: str,
    pixels: np.ndarray | None = None,
) -> list[Path]:
    """Save a figure in every format as ``folder/stem.<format>``.

    Parameters
    ----------
    figure : matplotlib Figure or Drawing
    folder : Path
    stem : str
        Name of the files without the ending, such as ``trend.vi``.
    provenance : dict
        Data digest, definition, vintage, method version, parameters, command: written into the metadata as JSON.
    alt : str
        What the picture shows, in words; the description in the metadata.
    pixels : array, optional
        The figure as :func:`drawn` gives it, where it has been drawn already.
    """
    about = {kind: metadata(kind, provenance, alt) for kind in FORMATS}
    contents = {
        "png": encoded(drawn(figure) if pixels is None else pixels, PRINT_DPI, about["png"]),
        **{kind: rendered(figure, kind, about[kind]) for kind in FORMATS if kind != "png"},
    }
    return [write_bytes(folder / f"{stem}.{kind}", content) for kind, content in contents.items()]


def drawn(figure: Figure | Drawing) -> np.ndarray:
    """Draw a figure at the printer's resolution: an array (height, width, 4) of bytes; all is opaque."""
    caught = _Pixels()
    with theme.settings():
        figure.savefig(caught, format="rgba", dpi=PRINT_DPI)
    return caught.pixels


class _Pixels(io.RawIOBase):
    """Be the file into which matplotlib writes what it drew, and take it before it is copied once more."""

    pixels: np.ndarray

    def write(self, inked: memoryview) -> int:
        """Keep it; the paper is opaque."""
        self.pixels = np.array(inked)
        return self.pixels.size


def screen_picture(pixels: np.ndarray) -> Image.Image:
    """Return the picture for a notebook or a page: the printed one made smaller, not drawn again."""
    from PIL import Image

    return Image.fromarray(pixels).reduce(SCREEN_SHARE).convert("RGB")


def png_of(picture: Image.Image) -> bytes:
    """Return the bytes of a small picture as PNG."""
    return encoded(np.asarray(picture), PRINT_DPI / SCREEN_SHARE, {})


def save_thumbnail(pixels: np.ndarray, path: Path, width: int = 480) -> Path:
    """Save a drawn figure as a light JPEG for lists of many: made smaller, not drawn again."""
    from PIL import Image

    held, picture = io.BytesIO(), Image.fromarray(pixels)
    picture = picture.reduce(max(1, picture.width // width)).convert("RGB")
    picture.resize((width, round(width * picture.height / picture.width))).save(held, "JPEG", quality=80)
    return write_bytes(path, held.getvalue())


def rendered(figure: Figure | Drawing, kind: str, about: dict[str, Any]) -> bytes:
    """Return the bytes of a figure as SVG or PDF."""
    held = io.BytesIO()
    with theme.settings():
        figure.savefig(held, format=kind, metadata=about)
    return held.getvalue().replace(_OUR_FONT, _READERS_FONTS) if kind == "svg" else held.getvalue()


def metadata(kind: str, provenance: dict[str, Any], alt: str) -> dict[str, Any]:
    """Return the metadata of a format: title, description, provenance, and no date.

    >>> metadata("png", {"code": "ab12"}, "A line")["Provenance"]
    '{"code": "ab12"}'
    """
    record = origin.text_of(provenance)
    if kind == "png":
        return {"Software": None, "Description": alt, "Provenance": record}
    if kind == "svg":
        return {"Date": None, "Creator": None, "Title": alt, "Description": record}
    return {"CreationDate": None, "Creator": None, "Producer": None, "Title": alt[:200], "Subject": alt,
            "Keywords": record}
