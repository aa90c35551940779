"""Write files that have the same bytes for the same content, and never half of it; templates of users."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from ..atomic import writing
from ..facts.exporting import harmless_cells


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all (see :func:`dxanalysis.atomic.writing`)."""
    with writing(path) as aside:
        aside.write_bytes(content)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8 with Unix line ends on every system."""
    return write_bytes(path, text.encode("utf-8"))


def encodable(text: str) -> str:
    r"""Return a text of a stranger without halves of letters, which no encoding holds.

    >>> encodable("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def write_json(path: Path, content: Any) -> Path:
    """Write JSON with sorted keys and no NaN (which is no JSON): a missing number is null."""
    text = json.dumps(plain(content), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return write_text(path, text + "\n")


def plain(value: Any) -> Any:
    """Turn values of pandas and numpy into those JSON knows.

    >>> plain({"a": float("nan"), "b": (1, 2)})
    {'a': None, 'b': [1, 2]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def short_code(content: Any) -> str:
    """Return eight characters that stand for a provenance: the same content has the same code.

    >>> short_code({"year": 2025}) == short_code({"year": 2025})
    True
    """
    text = json.dumps(plain(content), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV that Excel opens with its Vietnamese letters (UTF-8 with a byte order mark)."""
    text = harmless_cells(table).to_csv(index=False, lineterminator="\n")
    return write_bytes(path, b"\xef\xbb\xbf" + text.encode("utf-8"))


def file_link(name: str) -> str:
    """Return a link to a file beside the page.

    >>> file_link("a&b.csv")
    '<a href="a&amp;b.csv">a&amp;b.csv</a>'
    """
    return f'<a href="{html.escape(name)}">{html.escape(name)}</a>'


EPOCH = dt.datetime(2000, 1, 1)
RECORD = "customXml/dxanalysis.xml"  # where office files keep data that programs of the office leave alone
_MAIN = ("ppt/_rels/presentation.xml.rels", "word/_rels/document.xml.rels", "xl/_rels/workbook.xml.rels")
_REFERENCE = (
    b'<Relationship Id="rIdProvenance" Target="../customXml/dxanalysis.xml" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"/>'
)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def set_properties(properties: Any, about: Any) -> None:
    """Write title, command and codes into the properties of a Word or PowerPoint file, with a fixed date."""
    properties.title, properties.comments = about.title[:255], about.comments[:255]
    properties.keywords, properties.author, properties.language = about.keywords[:255], "dxanalysis", about.lang
    properties.created = properties.modified = EPOCH


LINE = 15.0  # points of a line of 11-point letters
_CELL = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter", "text_wrap": True}


def open_book(held: io.BytesIO, title: str, **properties: str) -> Any:
    """Open a workbook in memory, in which nothing a stranger wrote becomes a formula or a link."""
    import xlsxwriter

    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = xlsxwriter.Workbook(held, safe)
    book.set_properties({"title": title, "created": EPOCH, **properties})
    return book


def looks_of(book: Any, more: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return formats by name: those every sheet has, and more, which are boxed unless they say otherwise."""
    plain = {"text": {}, "big": {"bold": True, "font_size": 20}, "bold": {"bold": True}}
    boxed = {"head": {"bold": True, "bg_color": "#E7E7E7", "align": "center"},
             "group": {"bold": True, "bg_color": "#F3F3F3"}, **more}
    boxed = {name: {"border": 1, "border_color": "#999999", **look} for name, look in boxed.items()}
    return {name: book.add_format(_CELL | look) for name, look in (plain | boxed).items()}


def set_page(
    sheet: Any, widths: Sequence[float], last_row: int, head: int | None = 0, *, columns: int = 0, fixed: int = 0
) -> None:
    """Set column widths, landscape A4, one page wide, the print area, and the head that is repeated."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P/&N")
    sheet.print_area(0, 0, max(last_row, 1), (columns or len(widths)) - 1)
    if head is not None:
        sheet.repeat_rows(head)
        sheet.freeze_panes(head + 1, fixed)


def lines_of(cells: Sequence[Any], widths: Sequence[float]) -> int:
    """Return in how many lines the longest cell of a row runs; Times has more letters to the unit than Excel's own."""
    room = [max(1, int(1.25 * width)) for width in widths]
    return max(1, *(-(-len(str(cell)) // width) for cell, width in zip(cells, room, strict=True)))


def grow(sheet: Any, at: int, cells: Sequence[Any], widths: Sequence[float]) -> None:
    """Make a row as high as its longest cell; not every office program does so by itself."""
    sheet.set_row(at, lines_of(cells, widths) * LINE + 2)


def write_zip(path: Path, content: bytes, record: str) -> Path:
    """Write an office file that carries a record of its making, with every date in it fixed, those inside it too."""
    return write_bytes(path, fixed(with_record(content, record)))


def with_record(content: bytes, record: str) -> bytes:
    """Return an office file with a text in a custom XML part that its main part refers to."""
    held = io.BytesIO(content)
    with zipfile.ZipFile(held) as old:
        names = old.namelist()
        main = next(name for name in _MAIN if name in names)
        parts = {name: old.read(name) for name in names}
    parts[main] = parts[main].replace(b"</Relationships>", _REFERENCE + b"</Relationships>")
    parts[RECORD] = f'<?xml version="1.0" encoding="UTF-8"?>\n<provenance>{escape(record)}</provenance>'.encode()
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return new.getvalue()


def fixed(content: bytes) -> bytes:
    """Return the bytes of a zip with fixed dates; the order of its parts stays, their contents too."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, _part(name, old.read(name)))
    return held.getvalue()


def _part(name: str, content: bytes) -> bytes:
    if name.endswith((".xlsx", ".docx", ".pptx")):
        return fixed(content)
    if name.endswith("core.xml"):
        return _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", content)
    return content


MOST_BYTES = 300 * 1024**2
MOST_PARTS = 5_000
MOST_PACKING = 250
_ACTIVE = re.compile(r"vbaproject\.bin|/activex|/externallinks/|/embeddings/(?!.*\.xlsx$)")  # a chart keeps its .xlsx
_MAIN_PART = {
    ".docx": ("word/document.xml", b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    ".pptx": (
        "ppt/presentation.xml", b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ),
}
_TYPES = "[Content_Types].xml"
_OTHER_MAIN = re.compile(rb"application/[\w.-]*(?:template|slideshow|macroEnabled)[\w.-]*\.main\+xml")
_UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, SyntaxError, NotImplementedError)
_OUTSIDE = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>")


def checked(path: str | Path, kind: str) -> Path:
    """Return the path of a template of a kind (".docx", ".pptx") that holds no program and fetches nothing.

    Links a reader may click are left; pictures, objects and templates that would be loaded from elsewhere are not.

    Raises
    ------
    ValueError
        When the file is no such file, unpacks to more than 300 MB or 250 times its size, holds macros, controls or
        embedded files, or loads anything from outside.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            fault = _fault(archive) or ("" if _MAIN_PART[kind][0] in archive.namelist() else f"is no {kind} file")
    except FileNotFoundError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        fault = f"is no office file, or a damaged one ({str(error)[:80]})"
    if fault:
        raise ValueError(f"The template {path.name} {fault}. Save it again as a plain {kind}.")
    return path


def opened(path: str | Path, kind: str, reader: Callable[[io.BytesIO], Any]) -> Any:
    """Open a checked template with the reader of its kind; a .dotx, .potx or show is read as the plain file it holds.

    Raises
    ------
    ValueError
        As :func:`checked` does, and where a part of the file is missing or cut off.
    """
    held, path = io.BytesIO(), checked(path, kind)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, _OTHER_MAIN.sub(_MAIN_PART[kind][1], part) if name == _TYPES else part)
    try:
        return reader(held)
    except _UNREADABLE as error:
        why = " ".join(str(error).split())[:80].strip("\"'")
        raise ValueError(
            f"The template {path.name} is damaged ({why}). Open it in an office program, which mends it, "
            f"and save it again as a plain {kind}."
        ) from error


def _fault(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    total, packed = sum(part.file_size for part in parts), max(1, sum(part.compress_size for part in parts))
    if len(parts) > MOST_PARTS or total > MOST_BYTES or (total > 2**23 and total / packed > MOST_PACKING):
        return f"unpacks to {total:,} bytes in {len(parts):,} parts: it looks like a zip bomb"
    for part in parts:
        if _ACTIVE.search(f"/{part.filename}".lower()):
            return f"holds a program or an embedded file ({part.filename})"
        if part.filename.endswith((".xml", ".rels")) and (fault := _of_part(part.filename, archive.read(part))):
            return fault
    return ""


def _of_part(name: str, content: bytes) -> str:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return f"declares a document type in {name}"
    outside = [link for link in _OUTSIDE.findall(content) if b"/hyperlink" not in link]
    return f"loads something from outside ({name})" if outside else ""
