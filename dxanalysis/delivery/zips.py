"""Office files with the same bytes each time: zip dates fixed, parts in order, document times set."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from .files import write_bytes

EPOCH = dt.datetime(2000, 1, 1)
RECORD = "customXml/dxanalysis.xml"  # where office files keep data that programs of the office leave alone
_MAIN = ("ppt/_rels/presentation.xml.rels", "word/_rels/document.xml.rels", "xl/_rels/workbook.xml.rels")
_REFERENCE = (
    b'<Relationship Id="rIdProvenance" Target="../customXml/dxanalysis.xml" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"/>'
)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


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
