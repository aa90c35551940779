"""Office files with the same bytes each time: zip dates fixed, parts in order, document times set."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

from .files import write_bytes

EPOCH = dt.datetime(2000, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def write_zip(path: Path, content: bytes) -> Path:
    """Write an office file with every date in it fixed, those of workbooks inside it too."""
    return write_bytes(path, fixed(content))


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
