"""Save a figure as PNG, SVG and PDF: same bytes for the same input, with the provenance inside each file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ..briefing import theme
from . import origin
from .files import write_bytes

FORMATS = ("png", "svg", "pdf")
PRINT_DPI, SCREEN_DPI = 300, 110


def save_figure(figure: Figure, folder: Path, stem: str, provenance: dict[str, Any], alt: str) -> list[Path]:
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
    """
    return [
        write_bytes(folder / f"{stem}.{kind}", rendered(figure, kind, PRINT_DPI, metadata(kind, provenance, alt)))
        for kind in FORMATS
    ]


def screen_png(figure: Figure) -> bytes:
    """Return a small PNG for a notebook or a page."""
    return rendered(figure, "png", SCREEN_DPI, {"Software": None})


def save_thumbnail(png: bytes, path: Path, width: int = 480) -> Path:
    """Save a light JPEG of a picture for lists of many."""
    from PIL import Image

    held = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        height = round(image.height * width / image.width)
        image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS).save(held, "JPEG", quality=80)
    return write_bytes(path, held.getvalue())


def rendered(figure: Figure, kind: str, dpi: float, about: dict[str, Any]) -> bytes:
    """Return the bytes of a figure in one format."""
    held = io.BytesIO()
    options = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
    with theme.settings():
        figure.savefig(held, format=kind, dpi=dpi, metadata=about, **options)
    return held.getvalue()


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
            "Keywords": record}  # fmt: skip
