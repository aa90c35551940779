"""Save a figure as PNG, SVG and PDF: same bytes for the same input, with the provenance inside each file."""

from __future__ import annotations

import io
import json
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ..briefing import theme
from .files import plain, write_bytes

FORMATS = ("png", "svg", "pdf")
MOST_RECORD = 1_000_000  # characters; a record of ours has a few thousand
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_SVG_TYPE = re.compile(rb"<!DOCTYPE svg PUBLIC [^<>\[\]]{0,200}>")  # the one matplotlib writes; any other is refused
_NO_FILE_OF_OURS = (ValueError, LookupError, OSError, SyntaxError, EOFError, RuntimeError, zlib.error, struct.error,
                    zipfile.BadZipFile)  # fmt: skip
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
    origin = json.dumps(plain(provenance), ensure_ascii=False, sort_keys=True)
    if kind == "png":
        return {"Software": None, "Description": alt, "Provenance": origin}
    if kind == "svg":
        return {"Date": None, "Creator": None, "Title": alt, "Description": origin}
    return {"CreationDate": None, "Creator": None, "Producer": None, "Title": alt[:200], "Subject": alt,
            "Keywords": origin}  # fmt: skip


def provenance_in(path: Path) -> dict[str, Any]:
    """Read the provenance back from a picture this project made.

    The file may come from anyone: it is read as data, within bounds, and nothing in it is followed or carried out.

    Raises
    ------
    ValueError
        When the file holds none.
    """
    readers = {".png": _from_png, ".svg": _from_svg, ".pdf": _from_pdf}
    readers |= dict.fromkeys((".pptx", ".docx", ".xlsx"), _from_office)
    reader = readers.get(path.suffix.lower())
    try:
        origin = reader(path) if reader else None
        found = json.loads(origin) if origin and len(origin) <= MOST_RECORD else None
    except FileNotFoundError:
        raise
    except _NO_FILE_OF_OURS:
        found = None
    if not isinstance(found, dict):
        kinds = ", ".join(readers)
        raise ValueError(f"{path.name} holds no provenance. Files made by this project that do: {kinds}.")
    return found


def _from_png(path: Path) -> str | None:
    from PIL import Image

    try:
        with warnings.catch_warnings(), Image.open(path, formats=["PNG"]) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return getattr(image, "text", {}).get("Provenance")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # a picture of gigabytes is none of ours
        return None


def _from_svg(path: Path) -> str | None:
    from defusedxml.ElementTree import fromstring

    found = fromstring(_SVG_TYPE.sub(b"", path.read_bytes(), count=1)).find(f".//{{{DUBLIN_CORE}}}description")
    return None if found is None else found.text


def _from_office(path: Path) -> str | None:
    """Read the command and the data digest from the properties of an office file."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(path) as parts, parts.open("docProps/core.xml") as part:
        about = fromstring(part.read(MOST_RECORD))  # never more, whatever it unpacks to
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
            if content[at : at + 1].isdigit():
                found.append(int(content[at : at + 3], 8))
                at += 3
                continue
            found.append(named.get(content[at], content[at]))
        else:
            found.append(content[at])
        at += 1
    return bytes(found)
