"""Write PNG files of charts small: their few hundred colours as a palette, a byte for each pixel.

A chart has a dozen fills and the blends at the edges of its letters and lines. Kept exactly are the fills; the blends
go to the nearest of a few steps, which no eye tells apart at 200 dots per inch. That takes a quarter of the bytes of
24 bits a pixel. A picture of more colours than a chart ever has (a photograph) keeps its 24 bits.
zlib-ng packs in a third of zlib's time, into as many bytes, the same on every processor.
The format: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from zlib_ng import zlib_ng

_PLAIN = 0  # the filter "as it is": best where a byte is the number of a colour
_LEVEL = 6  # a tenth smaller than 4, a quarter than 2, for a hundredth of a second more
_MOST_COLOURS = 256
_A_PHOTOGRAPH = 20_000  # colours in a ninth of the pixels; the busiest chart has 1,300
_EVERY = 3  # each third pixel of each third row says which colours there are
_A_FILL = 0.0004  # of the pixels in one colour: kept exactly (a dot of 20 pixels across is 0.0001 of a slide)
_STEP = 5  # bits by which the blends are made coarser


def encoded(pixels: np.ndarray, dpi: float, texts: Mapping[str, str | None]) -> bytes:
    """Return a PNG of an array (height, width, 3) of bytes: red, green and blue.

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
    sample = np.ascontiguousarray(pixels[::_EVERY, ::_EVERY]).reshape(-1, 3).astype(np.uint32)
    codes, counts = np.unique(sample @ np.array([65536, 256, 1], dtype=np.uint32), return_counts=True)
    if len(codes) > _A_PHOTOGRAPH:
        return np.empty((0, 3), np.uint8), pixels
    order = np.argsort(-counts, kind="stable")
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)[order]
    fills = colours[counts[order] >= _A_FILL * len(sample)]
    coarse = colours[np.unique((colours >> _STEP) @ np.array([64, 8, 1]), return_index=True)[1]]
    palette = np.unique(np.concatenate([fills, coarse])[:_MOST_COLOURS], axis=0).astype(np.uint8)
    cells = _cells(pixels)
    return palette, _nearest(cells, fills, palette)[cells]


def _cells(pixels: np.ndarray) -> np.ndarray:
    """Return the upper five bits of the three channels of each pixel as one number."""
    cells = np.left_shift(pixels[..., 0] >> 3, 10, dtype=np.uint16)
    cells |= np.left_shift(pixels[..., 1] >> 3, 5, dtype=np.uint16)
    cells |= pixels[..., 2] >> 3
    return cells


def _nearest(cells: np.ndarray, fills: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return for each cell the number of the colour that stands for it: its fill, else the nearest."""
    held = np.zeros(1 << 15, bool)
    held[cells] = True
    seen = np.flatnonzero(held)
    middles = np.stack([seen >> 10, seen >> 5 & 31, seen & 31], axis=1) * 8 + 4
    table = np.zeros(1 << 15, np.uint8)
    table[seen] = ((middles[:, None] - palette.astype(int)) ** 2).sum(axis=2).argmin(axis=1)
    for fill in fills[::-1]:  # the most frequent last: it stands for its cell
        cell = int(_cells(fill.astype(np.uint8).reshape(1, 1, 3))[0, 0])
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
