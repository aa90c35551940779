"""Save a figure as PNG, SVG and PDF: same bytes for the same input, with the provenance inside each file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ..briefing import fonts, theme
from . import origin, png
from .files import write_bytes

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("png", "svg", "pdf")
# Text in an SVG is set in the reader's fonts: DejaVu Sans, else Verdana, of which it has nearly the widths.
_OUR_FONT = ", ".join(f"'{name}'" for name in fonts.FAMILY).encode()
_READERS_FONTS = b"'DejaVu Sans', Verdana, sans-serif"
# 200 dots per inch: a slide of 2,000 pixels, half a page of A4 at 300; 300 took 1.6 times the bytes and the time, and
# who prints larger has the PDF and the SVG. A picture for the screen has half as many pixels each way.
PRINT_DPI, SCREEN_SHARE = 200, 2


def save_figure(
    figure: Figure, folder: Path, stem: str, provenance: dict[str, Any], alt: str, pixels: np.ndarray | None = None
) -> list[Path]:
    """Save a figure in every format as ``folder/stem.<format>``.

    Parameters
    ----------
    figure : matplotlib Figure
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
        "png": png.encoded(drawn(figure) if pixels is None else pixels, PRINT_DPI, about["png"]),
        **{kind: rendered(figure, kind, about[kind]) for kind in FORMATS if kind != "png"},
    }
    return [write_bytes(folder / f"{stem}.{kind}", content) for kind, content in contents.items()]


def drawn(figure: Figure) -> np.ndarray:
    """Draw a figure at the printer's resolution: an array (height, width, 3) of bytes, red, green and blue."""
    caught = _Pixels()
    with theme.settings():
        figure.savefig(caught, format="rgba", dpi=PRINT_DPI)
    return caught.pixels


class _Pixels(io.RawIOBase):
    """Be the file into which matplotlib writes what it drew, and take it before it is copied once more."""

    pixels: np.ndarray

    def write(self, inked: memoryview) -> int:
        """Keep red, green and blue; the paper is opaque."""
        drawing = np.asarray(inked)
        self.pixels = np.empty((*drawing.shape[:2], 3), np.uint8)
        for colour in range(3):  # three times faster than all three at once
            self.pixels[..., colour] = drawing[..., colour]
        return drawing.size


def screen_picture(pixels: np.ndarray) -> Image.Image:
    """Return the picture for a notebook or a page: the printed one made smaller, not drawn again."""
    from PIL import Image

    return Image.fromarray(pixels).reduce(SCREEN_SHARE)


def png_of(picture: Image.Image) -> bytes:
    """Return the bytes of a small picture as PNG."""
    return png.encoded(np.asarray(picture), PRINT_DPI / SCREEN_SHARE, {})


def save_thumbnail(picture: Image.Image, path: Path, width: int = 480) -> Path:
    """Save a light JPEG of a picture for lists of many."""
    from PIL import Image

    held = io.BytesIO()
    height = round(picture.height * width / picture.width)
    picture.resize((width, height), Image.Resampling.LANCZOS).save(held, "JPEG", quality=80)
    return write_bytes(path, held.getvalue())


def rendered(figure: Figure, kind: str, about: dict[str, Any]) -> bytes:
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
