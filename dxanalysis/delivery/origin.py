"""What a file was made from: the record that pictures, decks, notes and workbooks carry, and how it is read back."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import metadata as packages
from pathlib import Path
from typing import Any

import dxanalysis

from ..atomic import code_digest, digest_of
from . import files
from .files import RECORD

ROOMS = ("facts", "analysis", "forecasting", "briefing", "delivery")  # whose code decides what a file holds
DRAWN_BY = ("matplotlib", "numpy", "pandas", "statsmodels")
BOUND_BY = (*DRAWN_BY, "python-pptx", "python-docx", "xlsxwriter", "fpdf2", "lxml", "pillow")
_OPTIONS = {"area": "areas", "year": "years", "indicator": "indicators", "definition": "definitions", "as_of": "as-of",
            "lang": "lang"}
_MOST_BYTES = 1_000_000  # a record is a few kilobytes; more is no record of ours
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_SVG_TYPE = re.compile(rb"<!DOCTYPE svg PUBLIC [^<>\[\]]{0,200}>")  # the one matplotlib writes; any other is refused
_NO_FILE_OF_OURS = (ValueError, LookupError, OSError, SyntaxError, EOFError, RuntimeError, zlib.error, struct.error,
                    zipfile.BadZipFile)


@lru_cache(maxsize=64)
def methods(notebook: str = "") -> dict[str, str]:
    """Return the version of the methods: twelve characters of the digest of each room's code, and of the notebook's.

    >>> sorted(methods())
    ['analysis', 'api', 'briefing', 'delivery', 'facts', 'forecasting']
    """
    path = Path(dxanalysis.__file__).parents[1] / "notebooks" / f"{notebook}.ipynb"
    rooms = {room: code_digest(room) for room in ROOMS} | {"api": code_digest()}
    return rooms | ({"notebook": _cells(path)} if notebook and path.exists() else {})


def _cells(path: Path) -> str:
    """Return the digest of a notebook's code; its prose decides nothing."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:12]


def command_of(notebook: str, parameters: dict[str, Any]) -> list[str]:
    """Return the words of the command that repeats a run.

    >>> command_of("30_attainment", {"area": "quang-ninh", "growth": 8.0})
    ['dx', 'run', '--notebooks', '30_attainment', '--areas', 'quang-ninh', '-p', 'growth=8.0']
    """
    words = ["dx", "run", "--notebooks", notebook]
    for name, value in parameters.items():
        words += [f"--{_OPTIONS[name]}", str(value)] if name in _OPTIONS else ["-p", f"{name}={value}"]
    return words


def versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages, leaving out those that are not installed."""
    found = {name: _version(name) for name in names}
    return {name: version for name, version in found.items() if version is not None}


@lru_cache(maxsize=64)
def _version(name: str) -> str | None:
    try:
        return packages.version(name)
    except packages.PackageNotFoundError:
        return None  # an extra that this computer does without; the record then does not name it


def coded(record: dict[str, Any]) -> dict[str, Any]:
    """Add to a record its short code, which a picture also prints."""
    return record | {"code": files.short_code(record)}


def of_chart(
    name: str, function: str, size: str, *, notebook: str, parameters: dict[str, Any], command: str, data_digest: str,
    definition: str = "", vintage: str = "",
) -> dict[str, Any]:
    """Return the record of one chart of a notebook."""
    return coded({
        "chart": name, "function": function, "size": size, "notebook": notebook, "parameters": parameters,
        "command": command, "data_digest": data_digest, "definition": definition, "vintage": vintage,
        "methods": methods(notebook), "packages": versions(DRAWN_BY), "version": dxanalysis.__version__,
    })


def of_office_file(about: dict[str, Any], data_digest: str, template: Path | None = None) -> dict[str, Any]:
    """Return the record of a deck, note, workbook, report or form: whose it is and the command that makes it again."""
    return coded(about | {
        "pack": True, "data_digest": data_digest, "template": None if template is None else digest_of(template),
        "methods": methods(), "packages": versions(BOUND_BY), "version": dxanalysis.__version__,
    })


def text_of(record: dict[str, Any]) -> str:
    """Write a record as the JSON that files carry."""
    return json.dumps(files.plain(record), ensure_ascii=False, sort_keys=True)


def read(path: str | Path) -> dict[str, Any]:
    """Read the record back from a file this project made.

    The file may come from anyone: it is read as data, within bounds, and nothing in it is carried out.

    Raises
    ------
    ValueError
        When the file holds no record.
    """
    path = Path(path)
    path.stat()  # a file that is not there is told as that, whatever its kind
    readers: dict[str, Callable[[Path], str | None]] = {".png": _from_png, ".svg": _from_svg, ".pdf": _from_pdf}
    readers |= dict.fromkeys((".pptx", ".docx", ".xlsx"), _from_office)
    reader = readers.get(path.suffix.lower())
    try:
        text = reader(path) if reader else None
        record = json.loads(text) if text and len(text) <= _MOST_BYTES else None
    except FileNotFoundError:
        raise
    except _NO_FILE_OF_OURS:
        record = None
    if not isinstance(record, dict):
        kinds = ", ".join(readers)
        raise ValueError(f"{path.name} holds no provenance. Files made by this project that do: {kinds}.")
    return record


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

    found = fromstring(_SVG_TYPE.sub(b"", path.read_bytes(), count=1)).find(f".//{{{_DUBLIN_CORE}}}description")
    return None if found is None else found.text


def _from_office(path: Path) -> str | None:
    """Read the part that :func:`dxanalysis.delivery.files.with_record` put into an office file."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(path) as parts, parts.open(RECORD) as part:
        return fromstring(part.read(_MOST_BYTES)).text  # never more, whatever it unpacks to


def _from_pdf(path: Path) -> str | None:
    """Read the Keywords entry of the information dictionary: a text in brackets, or hexadecimal UTF-16."""
    content = path.read_bytes()
    start = content.rfind(b"/Keywords ")
    if start < 0:
        return None
    held = content[start + len(b"/Keywords ") :]
    raw = bytes.fromhex(held[1 : held.index(b">")].decode("ascii")) if held[:1] == b"<" else _unescaped(held[1:])
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
