"""One archive that holds files and the digest of each: the same files give the same bytes, and a stranger's is checked.

What belongs into a capsule is the commands' affair (`dxanalysis.cli.capsule`); here it is packed, checked and unpacked.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import unicodedata
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
MOST_NAME = 900  # bytes: macOS takes paths of 1,024, with the folder they are unpacked into
_PACKED = {".png", ".jpg", ".pdf", ".pptx", ".docx", ".xlsx", ".whl", ".zip", ".parquet"}  # deflating gains nothing
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # lzma takes as much memory as the archive asks for
_DATE = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_PAPER = re.compile(r"[a-z0-9][a-z0-9-]{0,80}/[0-9]{4}/(?:briefing|report)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Of Windows, which passes over blanks before the first dot.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)


class CapsuleError(ValueError):
    """Raised for an archive that is no capsule or may do harm; nothing of it has been unpacked."""


def write_capsule(path: str | Path, files: Mapping[str, Path | bytes], about: Mapping[str, Any]) -> Path:
    """Write files and what is known of them into one archive, whole or not at all.

    Parameters
    ----------
    path : where to write
    files : name in the archive -> file, or its content
    about : what the record says besides the digests (its `runs` claim every file below ``outputs/``); it must hold
        nothing of the clock if equal inputs are to give equal bytes

    Raises
    ------
    CapsuleError
        For a name that could not be unpacked again, on this system or another.
    """
    path = Path(path)
    for name in files:
        _refuse_name(name)
    _refuse_twins(files, path.name)
    with writing(path) as aside, zipfile.ZipFile(aside, "w", allowZip64=True) as archive:
        digests = {name: _pack(archive, name, files[name]) for name in sorted(files)}
        _pack(archive, RECORD, _text({**about, "layout": LAYOUT, "files": digests}))
    return path


def read_record(path: str | Path) -> dict[str, Any]:
    """Return what a capsule says of itself, after looking at its table of contents and at the record's form.

    Raises
    ------
    CapsuleError
        When the file is no capsule, holds what no capsule does (see `unpack`), or its record claims nothing or less
        than lies in it.
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

    Nothing is written outside the folder: names that lead out of it or that another system cannot hold (CON, a blank
    or dot at the end), links, devices, names given twice or differing in letter case or in the writing of an accent
    only, passwords, more than 50,000 files or 8 GB are refused before the first file is written.

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
        raise CapsuleError(f"There is no file {path.name} in {path.parent.absolute()}. Make a capsule: dx capsule.")
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # struct, zlib and zipfile raise a dozen kinds for a damaged table of contents
        raise CapsuleError(f"{path.name} is no capsule, or it is cut off ({error}). Ask for it again.") from None
    try:
        _inspect(archive, path)
    except BaseException:
        archive.close()
        raise
    return archive


def _inspect(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse what no capsule holds, from the table of contents and the file's size alone."""
    name, parts = path.name, archive.infolist()
    packed = path.stat().st_size  # not the sum of what the parts state: many names can share the same packed bytes
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_FILES or total > MOST_BYTES or (total > 2**23 and total / packed > MOST_PACKING):
        raise CapsuleError(f"{name} unpacks to {total:,} bytes in {len(parts):,} files: it looks like a zip bomb.")
    for part in parts:
        _refuse_name(part.filename)
        kind = stat.S_IFMT(part.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or part.flag_bits & 1 or part.compress_type not in _WAYS:
            odd = "a link, a device, a file with a password or one packed in a way that dx capsule does not use"
            raise CapsuleError(f"{name} holds {part.filename!r}, {odd}.")
    _refuse_twins((part.filename for part in parts), name)


def _refuse_twins(names: Iterable[str], archive: str) -> None:
    """Refuse names that some system keeps as one: by case, by how accents are written, as a file and its folder."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(_one_writing(name), name)
        if other is not name:
            raise CapsuleError(f"{archive} holds both {other!r} and {name!r}, which some systems keep as one file.")
    files = set(seen.values())
    for name, above in ((one, above) for one in files for above in _parents(one)):
        other = seen.setdefault(_one_writing(above), above)
        if other in files:
            raise CapsuleError(f"{archive} holds {other!r} as a file and as the folder of {name!r}.")
        if other != above:
            raise CapsuleError(f"{archive} holds both the folder {other!r} and {above!r}, one on some systems.")


def _one_writing(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _parents(name: str) -> list[str]:
    return [str(one) for one in PurePosixPath(name).parents][:-1]


def _refuse_name(name: str) -> None:
    if not _holdable(name):
        raise CapsuleError(
            f"The name {name[:80]!r} may not stand in a capsule: it leads elsewhere or no folder can hold it."
        )


def _holdable(name: Any) -> bool:
    """Tell whether a name stays inside its folder and can be written on Windows, macOS and Linux."""
    if not isinstance(name, str) or not name.isprintable() or set(name) & set('\\:*?"<>|'):
        return False
    return len(name.encode()) <= MOST_NAME and all(
        part.strip(" ").rstrip(".") == part != "" and not _DEVICES.fullmatch(part) and len(part.encode()) <= 255
        for part in name.split("/")
    )


def _record(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        with archive.open(RECORD) as stream:
            written = stream.read(MOST_RECORD_BYTES)
        record = json.loads(written)
        known = record["layout"] == LAYOUT
        fault = (_fault(record) or _other_form(record, written)) if known else ""
    except Exception as error:  # json, zlib and zipfile raise a dozen kinds for a damaged part
        raise CapsuleError(f"{name} holds no readable {RECORD} ({type(error).__name__}). It is no capsule.") from None
    if not known:
        raise CapsuleError(f"{name} has another layout than {LAYOUT}. Check it with the version of dx that made it.")
    if fault:
        raise CapsuleError(f"The record of {name} is not as dx capsule writes it: {fault}. Ask for the capsule again.")
    return record


def _fault(record: Mapping[str, Any]) -> str:
    """Say what in a record is not as `dx capsule` writes it, or what lies in the capsule and nothing claims."""
    files, runs, papers, data = record["files"], record.get("runs"), record.get("papers", []), record.get("data", [])
    if not isinstance(files, dict) or not all(map(_is_digest, files.values())) or not all(map(_holdable, files)):
        return "'files' is no list of names with digest and size"
    if not isinstance(runs, list) or not runs:
        return "'runs' names no run, so that nothing of it can be checked"
    if not isinstance(papers, list) or not all(map(_is_paper, papers)):
        return "'papers' is no list of folders such as 'quang-ninh/2025/briefing'"
    faults = [*(_run_fault(run, files) for run in runs), *(_claims(paper, files) for paper in papers)]
    if any(faults):
        return next(filter(None, faults))
    held = {name.split("/")[1] for name in files if name.startswith("data/")}
    if not isinstance(data, list) or not all(isinstance(one, str) and one in held for one in data):
        return "'data' is no list of the folders below data/"
    folders = [one["output"] for one in runs]
    if twice := next((one for one in folders if folders.count(one) > 1), ""):
        return f"two runs fill the folder {twice!r}"
    claimed = {f"outputs/{one['output']}/{name}" for one in (*runs, *papers) for name in one["outputs"]}
    free = sorted({name for name in files if name.startswith("outputs/")} - claimed)
    return f"no run claims {free[0]!r} ({len(free)} such files)" if free else ""


def _other_form(record: Mapping[str, Any], written: bytes) -> str:
    """Say whether a record says something else to another reader: a name given twice, NaN, another encoding."""
    same = written == _text({**record, "layout": LAYOUT})
    return "" if same else "written out again it gives other bytes (a name given twice, NaN, another encoding)"


def _is_digest(stated: Any) -> bool:
    known = isinstance(stated, dict) and stated.keys() == {"sha256", "size"}
    return known and bool(_SHA256.fullmatch(str(stated["sha256"]))) and type(stated["size"]) is int


def _is_paper(paper: Any) -> bool:
    known = isinstance(paper, dict) and isinstance(paper.get("command"), str)
    return known and bool(_PAPER.fullmatch(str(paper.get("output"))))


def _run_fault(run: Any, files: Mapping[str, Any]) -> str:
    """Say what is wrong with one run of a record: its form, a path that leads elsewhere, a file that is not there."""
    if not isinstance(run, dict) or not _holdable(run.get("output")):
        return "a run names no folder inside the capsule"
    told, notebook = f"the run {run['output'][:80]!r}", run.get("notebook")
    if not isinstance(notebook, str) or f"code/notebooks/{PurePosixPath(notebook).stem}.ipynb" not in files:
        return f"{told} names no notebook of the capsule"
    if not isinstance(run.get("parameters"), dict) or not all(map(_is_value, run["parameters"].values())):
        return f"{told} has no parameters"
    return _claims(run, files)


def _claims(made: Mapping[str, Any], files: Mapping[str, Any]) -> str:
    """Say which file a run (or a paper made from runs) claims that is not in the capsule as it says."""
    folder, outputs = made["output"], made.get("outputs")
    if not isinstance(outputs, dict) or not outputs:
        return f"{folder[:80]!r} claims no file"
    wrong = [one for one in outputs if files.get(f"outputs/{folder}/{one}", {}).get("sha256") != outputs[one]]
    return f"{folder[:80]!r} claims {wrong[0][:80]!r}, which is not in the capsule so" if wrong else ""


def _is_value(value: Any) -> bool:
    return all(map(_is_value, value)) if isinstance(value, list) else isinstance(value, (str, int, float, type(None)))


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
