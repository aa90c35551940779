"""Write PNG files of charts fast: each row as its difference from the one above, which in a chart is mostly nothing.

Libraries try five filters on every row, which takes four times as long on a picture of five million pixels and saves
nothing. zlib-ng packs the rows in a third of zlib's time, into as many bytes, the same on every processor.
The format: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from zlib_ng import zlib_ng

_UP = 2  # the filter "difference from the row above"
_LEVEL = 2  # a third smaller than 1; 3 takes longer and saves another 1 %


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
    chunks = [
        (b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack("!IIB", per_metre, per_metre, 1)),
        *((b"iTXt", _text(keyword, text)) for keyword, text in texts.items() if text is not None),
        (b"IDAT", zlib_ng.compress(_rows(pixels).data, _LEVEL)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _rows(pixels: np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    rows = np.empty((flat.shape[0], 1 + flat.shape[1]), dtype=np.uint8)
    rows[:, 0] = _UP
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    return rows


def _text(keyword: str, text: str) -> bytes:
    return keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")  # not packed, no language


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", zlib.crc32(kind + content))
