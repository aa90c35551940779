"""Let results appear whole or not at all: written aside, flushed to the disk, then put in place by one rename."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import sys
import uuid
from pathlib import Path

from .errors import BatchError, StorageError
from .processes import born, end_marked, same

STAGING = ".staging"
FAILED = "_failed"
AT_FDCWD, RENAME_EXCHANGE = -100, 2
TRIES = 9


def new_staging(out: Path) -> Path:
    """Make an empty folder beside the results, named after its owner so that leftovers of dead owners can be told."""
    folder = out / STAGING / f"{_owner()}~{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    return folder


def publish(staging: Path, final: Path) -> None:
    """Put a finished folder in place of `final`; a reader sees the old one or the new one, never half of either."""
    flush(staging)
    for _ in range(TRIES):
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            _put(staging, final)
            break
        except FileNotFoundError:
            continue  # another run has just removed the folder above it, empty at that moment
    else:
        _put(staging, final)
    _flush_folder(final.parent)


def _put(staging: Path, final: Path) -> None:
    if final.exists():
        _swap(staging, final)
        shutil.rmtree(staging, ignore_errors=True)  # the old result; a leftover is swept at the next start
    else:
        os.rename(staging, final)


def discard(folder: Path) -> None:
    """Remove a folder if it is there, and the empty folders above it up to the output folder's own."""
    shutil.rmtree(folder, ignore_errors=True)
    for parent in folder.parents:
        if parent.name in (STAGING, FAILED):
            break
        try:
            parent.rmdir()
        except OSError:
            break  # not empty, or gone already


def sweep(out: Path) -> int:
    """Remove what dead runners left in the staging folder, and return how many folders that were."""
    swept = 0
    folder = out / STAGING
    for leftover in folder.iterdir() if folder.is_dir() else ():
        if not _owner_alive(leftover.name):
            end_marked(str(leftover.resolve()))  # what a killed run has left running
            shutil.rmtree(leftover, ignore_errors=True)
            swept += 1
    return swept


def check_place(out: Path) -> None:
    """Write a little into the output folder before anything starts.

    Raises
    ------
    BatchError
        When it is a file.
    StorageError
        When it cannot be written: no permission, a read-only or a full disk.
    """
    if out.exists() and not out.is_dir():
        raise BatchError(f"The output folder {out} is a file. Name a folder.")
    try:
        probe = new_staging(out)
        try:
            (probe / "probe").write_bytes(b"0" * 65_536)
            _flush_file(str(probe / "probe"))
        finally:
            shutil.rmtree(probe, ignore_errors=True)
    except OSError as error:
        raise StorageError(out, error.strerror or str(error)) from error


def flush(folder: Path) -> None:
    """Force every file of a folder, and the folder itself, to the disk."""
    for place, _, names in os.walk(folder):
        for name in names:
            _flush_file(os.path.join(place, name))
        _flush_folder(Path(place))


def file_digests(folder: Path) -> dict[str, str]:
    """Return file -> sha256 of all files in a folder, sorted by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush_file(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows has no handle for a folder
    _flush_file(str(folder))


def _swap(one: Path, other: Path) -> None:
    """Exchange two folders, in one step where the system can (Linux), else in two renames."""
    if sys.platform == "linux" and _exchange(one, other):
        return
    aside = one.with_name(f"{one.name}~old")
    os.rename(other, aside)
    os.rename(one, other)
    os.rename(aside, one)


def _exchange(one: Path, other: Path) -> bool:
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0


def _owner() -> str:
    return f"{platform.node()}~{os.getpid()}~{born(os.getpid()):.0f}"


def _owner_alive(name: str) -> bool:
    try:
        host, pid, since, _ = name.split("~", 3)
        return host != platform.node() or same(int(pid), float(since))
    except ValueError:
        return False  # not named by us: nobody's
