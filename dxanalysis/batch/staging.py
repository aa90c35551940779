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

STAGING = ".staging"
FAILED = "_failed"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def new_staging(out: Path) -> Path:
    """Make an empty folder beside the results, named after its owner so that leftovers of dead owners can be told."""
    folder = out / STAGING / f"{_owner()}~{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    return folder


def publish(staging: Path, final: Path) -> None:
    """Put a finished folder in place of `final`; a reader sees the old one or the new one, never half of either."""
    flush(staging)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        _swap(staging, final)
        shutil.rmtree(staging, ignore_errors=True)  # the old result; a leftover is swept at the next start
    else:
        os.rename(staging, final)
    _flush_folder(final.parent)


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
            shutil.rmtree(leftover, ignore_errors=True)
            swept += 1
    return swept


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
    return f"{platform.node()}~{os.getpid()}~{_born(os.getpid())}"


def _owner_alive(name: str) -> bool:
    try:
        host, pid, born, _ = name.split("~", 3)
    except ValueError:
        return False
    return host != platform.node() or abs(_born(int(pid)) - int(born)) <= 1


def _born(pid: int) -> int:
    import psutil

    try:
        return round(psutil.Process(pid).create_time())
    except psutil.Error:
        return -9
