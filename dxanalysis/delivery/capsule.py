"""One archive that holds files and the digest of each: the same files give the same bytes, and a stranger's is checked.

What belongs into a capsule is the commands' affair (`dxanalysis.cli.capsule`); here it is packed, checked and unpacked.
"""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..atomic import writing

RECORD = "capsule.json"
LAYOUT = 1
MOST_FILES = 50_000
MOST_BYTES = 8 * 1024**3
MOST_RECORD_BYTES = 50 * 1024**2
MOST_PACKING = 250
_PACKED = {
    ".png",
    ".jpg",
    ".pdf",
    ".pptx",
    ".docx",
    ".xlsx",
    ".whl",
    ".zip",
    ".parquet",
}  # deflating them gains nothing
_DATE = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20


class CapsuleError(ValueError):
    """Raised for an archive that is no capsule or may do harm; nothing of it has been unpacked."""


def write_capsule(path: str | Path, files: Mapping[str, Path | bytes], about: Mapping[str, Any]) -> Path:
    """Write files and what is known of them into one archive, whole or not at all.

    Parameters
    ----------
    path : where to write
    files : name in the archive -> file, or its content
    about : what the record says besides the digests; it must hold nothing of the clock if equal inputs are to give
        equal bytes

    Raises
    ------
    CapsuleError
        For a name that could not be unpacked again.
    """
    path = Path(path)
    for name in files:
        _refuse_name(name)
    with writing(path) as aside, zipfile.ZipFile(aside, "w", allowZip64=True) as archive:
        digests = {name: _pack(archive, name, files[name]) for name in sorted(files)}
        _pack(archive, RECORD, _text({**about, "layout": LAYOUT, "files": digests}))
    return path


def read_record(path: str | Path) -> dict[str, Any]:
    """Return what a capsule says of itself, after looking at its table of contents.

    Raises
    ------
    CapsuleError
        When the file is no capsule, or holds what no capsule does (see `unpack`).
    """
    with _opened(Path(path)) as archive:
        return _record(archive, Path(path).name)


def faults(path: str | Path) -> list[str]:
    """Return what in an archive is not as it was packed: files changed, missing, or added; empty when all is well.

    Raises
    ------
    CapsuleError
        When the file is no capsule, or holds what no capsule does (see `unpack`).
    """
    with _opened(Path(path)) as archive:
        stated = _record(archive, Path(path).name)["files"]
        held = set(archive.namelist()) - {RECORD}
        missing = [f"{name} is missing" for name in sorted(set(stated) - held)]
        added = [f"{name} was added" for name in sorted(held - set(stated))]
        same = sorted(held & set(stated))
        return [*missing, *added, *(f"{name} was changed" for name in same if _seen(archive, name) != stated[name])]


def unpack(path: str | Path, folder: str | Path) -> dict[str, Any]:
    """Unpack a capsule into an empty folder and return its record.

    Nothing is written outside the folder: names that lead out of it, links, devices, names given twice or differing
    in letter case only, passwords, more than 50,000 files or 8 GB are refused before the first file is written.

    Raises
    ------
    CapsuleError
        For any of these, for a file that is not as it was packed, and for a folder that is not empty.
    """
    path, folder = Path(path), Path(folder)
    wrong = faults(path)
    if wrong:
        raise CapsuleError(f"{path.name} is not as it was packed: {'; '.join(wrong[:5])}. Ask for it again.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CapsuleError(f"{folder} is not empty. Name a new folder.")
    with _opened(path) as archive:
        record = _record(archive, path.name)
        for name in record["files"]:
            _write_out(archive, name, folder)
    return record


def digest_of(path: str | Path) -> str:
    """Return the SHA-256 of a file."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _text(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _pack(archive: zipfile.ZipFile, name: str, source: Path | bytes) -> dict[str, Any]:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    entry.compress_type = zipfile.ZIP_STORED if PurePosixPath(name).suffix in _PACKED else zipfile.ZIP_DEFLATED
    found, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as target:
        for chunk in [source] if isinstance(source, bytes) else _chunks_of(source):
            target.write(chunk)
            found.update(chunk)
            size += len(chunk)
    return {"sha256": found.hexdigest(), "size": size}


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from _chunks(stream)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _opened(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise CapsuleError(f"There is no file {path}. Make a capsule: dx capsule.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CapsuleError(f"{path.name} is no capsule, or it is cut off ({error}). Ask for it again.") from None
    try:
        _inspect(archive, path.name)
    except CapsuleError:
        archive.close()
        raise
    return archive


def _inspect(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse what no capsule holds, from the table of contents alone."""
    parts = archive.infolist()
    total, packed = sum(part.file_size for part in parts), max(1, sum(part.compress_size for part in parts))
    if len(parts) > MOST_FILES or total > MOST_BYTES or (total > 2**23 and total / packed > MOST_PACKING):
        raise CapsuleError(f"{name} unpacks to {total:,} bytes in {len(parts):,} files: it looks like a zip bomb.")
    for part in parts:
        _refuse_name(part.filename)
        kind = stat.S_IFMT(part.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or part.flag_bits & 1:
            raise CapsuleError(f"{name} holds {part.filename!r}, a link, a device or a file with a password.")
    _refuse_twins((part.filename for part in parts), name)


def _refuse_twins(names: Iterable[str], archive: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other is not name:
            raise CapsuleError(f"{archive} holds both {other!r} and {name!r}, which some systems keep as one file.")


def _refuse_name(name: str) -> None:
    parts = name.split("/")
    harmless = name.isprintable() and not set(name) & set('\\:*?"<>|') and all(part.strip(". ") for part in parts)
    if not harmless or any(len(part.encode("utf-8", "surrogatepass")) > 255 for part in parts):
        raise CapsuleError(
            f"The name {name[:80]!r} may not stand in a capsule: it leads elsewhere or no folder can hold it."
        )


def _record(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        with archive.open(RECORD) as stream:
            record = json.loads(stream.read(MOST_RECORD_BYTES))
        files = record["files"]
        known = record["layout"] == LAYOUT and all(set(files[one]) == {"sha256", "size"} for one in files)
    except (
        KeyError,
        ValueError,
        TypeError,
        RecursionError,
        OSError,
        EOFError,
        NotImplementedError,
        zipfile.BadZipFile,
    ) as error:
        raise CapsuleError(f"{name} holds no readable {RECORD} ({type(error).__name__}). It is no capsule.") from None
    if not known:
        raise CapsuleError(f"{name} has another layout than {LAYOUT}. Check it with the version of dx that made it.")
    return record


def _seen(archive: zipfile.ZipFile, name: str) -> dict[str, Any] | None:
    """Return digest and size of a file in the archive; None where it cannot be read."""
    found, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as stream:
            for chunk in _chunks(stream):
                found.update(chunk)
                size += len(chunk)
    except Exception:  # zlib, lzma, struct and zipfile raise a dozen kinds for a damaged part
        return None
    return {"sha256": found.hexdigest(), "size": size}


def _write_out(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as stream, target.open("xb") as file:
        for chunk in _chunks(stream):
            file.write(chunk)
