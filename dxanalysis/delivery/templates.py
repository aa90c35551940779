"""Look at an office's own template before it is taken: what it would bring into every briefing made from it."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

MOST_BYTES = 300 * 1024**2
MOST_PARTS = 5_000
MOST_PACKING = 250
_ACTIVE = re.compile(r"vbaproject\.bin|/activex|/externallinks/|/embeddings/(?!.*\.xlsx$)")  # a chart keeps its .xlsx
_OUTSIDE = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>")


def checked(path: str | Path) -> Path:
    """Return the path of a template that holds no program and fetches nothing.

    Links a reader may click are left; pictures, objects and templates that would be loaded from elsewhere are not.

    Raises
    ------
    ValueError
        When the file is no office file, unpacks to more than 300 MB or 250 times its size, holds macros, controls or
        embedded files, or loads anything from outside.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            fault = _fault(archive)
    except FileNotFoundError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        fault = f"is no office file, or a damaged one ({str(error)[:80]})"
    if fault:
        raise ValueError(f"The template {path.name} {fault}. Save it again as a plain .pptx or .docx.")
    return path


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
