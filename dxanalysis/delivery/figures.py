"""Save a figure as PNG, SVG and PDF: same bytes for the same input, with the provenance inside each file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ..briefing import theme
from . import png
from .files import plain, write_bytes

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("png", "svg", "pdf")
PRINT_DPI, SCREEN_SHARE = 300, 3  # a picture for the screen has a third of the printed one's pixels each way


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
    from PIL import Image

    held = io.BytesIO()
    with theme.settings():
        figure.savefig(held, format="rgba", dpi=PRINT_DPI)
    size = tuple(int(inches * PRINT_DPI) for inches in figure.get_size_inches())
    return np.asarray(Image.frombuffer("RGBX", size, held.getbuffer(), "raw", "RGBX", 0, 1).convert("RGB"))


def screen_picture(pixels: np.ndarray) -> Image.Image:
    """Return the picture for a notebook or a page: the printed one made smaller, not drawn again."""
    from PIL import Image

    return Image.fromarray(pixels).reduce(SCREEN_SHARE)


def png_of(picture: Image.Image) -> bytes:
    """Return the bytes of a small picture as PNG."""
    held = io.BytesIO()
    picture.save(held, "PNG", compress_level=4)
    return held.getvalue()


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
    return held.getvalue()


def metadata(kind: str, provenance: dict[str, Any], alt: str) -> dict[str, Any]:
    """Return the metadata of a format: title, description, provenance, and no date.

    >>> metadata("png", {"code": "ab12"}, "A line")["Provenance"]
    '{"code": "ab12"}'
    """
    origin = json.dumps(plain(provenance), ensure_ascii=False, sort_keys=True)
    if kind == "png":
        return {"Software": None, "Description": alt, "Provenance": origin}
    if kind == "svg":
        return {"Date": None, "Creator": None, "Title": alt, "Description": origin}
    return {"CreationDate": None, "Creator": None, "Producer": None, "Title": alt[:200], "Subject": alt,
            "Keywords": origin}  # fmt: skip


def provenance_in(path: Path) -> dict[str, Any]:
    """Read the provenance back from a picture this project made.

    Raises
    ------
    ValueError
        When the file holds none.
    """
    readers = {".png": _from_png, ".svg": _from_svg, ".pdf": _from_pdf}
    readers |= dict.fromkeys((".pptx", ".docx", ".xlsx"), _from_office)
    reader = readers.get(path.suffix.lower())
    origin = reader(path) if reader else None
    if not origin:
        kinds = ", ".join(readers)
        raise ValueError(f"{path.name} holds no provenance. Files made by this project that do: {kinds}.")
    return json.loads(origin)


def _from_png(path: Path) -> str | None:
    from PIL import Image

    with Image.open(path) as image:
        return getattr(image, "text", {}).get("Provenance")


def _from_svg(path: Path) -> str | None:
    import xml.etree.ElementTree as tree  # our own file, read for its metadata

    found = tree.parse(path).find(".//{http://purl.org/dc/elements/1.1/}description")  # noqa: S314
    return None if found is None else found.text


def _from_office(path: Path) -> str | None:
    """Read the command and the data digest from the properties of an office file."""
    import xml.etree.ElementTree as tree  # our own file, read for its properties
    import zipfile

    with zipfile.ZipFile(path) as parts:
        about = tree.fromstring(parts.read("docProps/core.xml"))  # noqa: S314
    texts = {part.tag.rsplit("}", 1)[-1]: part.text or "" for part in about}
    if not texts.get("description"):
        return None
    return json.dumps({"command": texts["description"], "data_digest": texts.get("keywords", "")})


def _from_pdf(path: Path) -> str | None:
    """Read the Keywords entry of the information dictionary: a text in brackets, or UTF-16 in brackets with escapes."""
    content = path.read_bytes()
    start = content.rfind(b"/Keywords (")
    if start < 0:
        return None
    raw = _unescaped(content[start + len(b"/Keywords (") :])
    return raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


def _unescaped(content: bytes) -> bytes:
    """Read a PDF string up to its closing bracket, taking backslashes out."""
    named = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("f"): 12}
    found, at = bytearray(), 0
    while content[at] != ord(")"):
        if content[at] == ord("\\"):
            at += 1
            if chr(content[at]).isdigit():
                found.append(int(content[at : at + 3], 8))
                at += 3
                continue
            found.append(named.get(content[at], content[at]))
        else:
            found.append(content[at])
        at += 1
    return bytes(found)
