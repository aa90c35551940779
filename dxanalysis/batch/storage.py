"""Let results appear whole or not at all, in a folder or under a URL (``s3://...``)."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .errors import BatchError, MissingExtra, StorageError
from .processes import born, end_marked, same

FILE_NAME = "manifest.sqlite"  # the file of the manifest, in the output folder
STAGING = ".staging"
FAILED = "_failed"
AT_FDCWD, RENAME_EXCHANGE = -100, 2
TRIES_TO_PUT = 9
TRIES = 4
PUSHED = ".pushed"
OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "abfs", "az", "memory")  # an object appears there whole or not at all


def is_url(place: str | Path) -> bool:
    """Tell a URL from a path.

    >>> is_url("s3://bucket/results"), is_url("outputs"), is_url("C:/outputs")
    (True, False, False)
    """
    return "://" in str(place)


def open_store(url: str) -> tuple[Any, str]:
    """Return the file system of a URL and the path in it.

    Raises
    ------
    MissingExtra
        When fsspec, or the package for this kind of URL, is not installed.
    BatchError
        For a kind of URL nobody knows, one that names no place, and the memory of this process, which ends with it.
    """
    kind, _, rest = url.partition("://")
    if not rest.strip("/") or kind == "memory":
        raise BatchError(f"{url} names no place that lasts. Example: s3://bucket/results")
    try:
        import fsspec

        return fsspec.core.url_to_fs(url)
    except ImportError as error:
        cure = f"dxanalysis[{'storage' if kind == 's3' else 'cluster'}]" if kind == "s3" or error.name else "it"
        raise MissingExtra(f"{url} needs a package that is not installed ({error}). Install {cure}.") from error
    except ValueError as error:
        raise BatchError(f"{url} is not a place that can be opened: {error}.") from error


def mirror(url: str) -> Path:
    """Return the local folder in which runs for a URL work; the same one each time for one user."""
    name = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:12]
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"batch-{user}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise BatchError(f"{folder} belongs to another user. Set TMPDIR to a folder of your own.")
    return folder


def put_folder(folder: Path, url: str, last: str = "") -> list[str]:
    """Put every file of a folder under a URL, `last` at the end, and return their names.

    Raises
    ------
    OSError
        When a file could not be put after several tries.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    names.sort(key=lambda name: name == last)
    for name in names:
        put(folder / name, f"{url.rstrip('/')}/{name}")
    return names


def put(file: Path, url: str) -> None:
    """Put one file under a URL: in one request to an object store, elsewhere aside and then renamed."""
    store, path = open_store(url)
    again(lambda: _put_once(store, file, path), f"put {url}")


def again(action: Callable[[], Any], what: str, wait: float = 0.5) -> Any:
    """Do something up to four times with growing pauses; the last failure is raised.

    >>> again(lambda: 1, "count")
    1
    """
    for attempt in range(TRIES):
        try:
            return action()
        except (FileNotFoundError, PermissionError):
            raise  # waiting does not cure these
        except Exception as error:
            # Each file system has errors of its own for a server that is busy or gone for a moment.
            if attempt == TRIES - 1:
                raise OSError(f"could not {what} in {TRIES} tries: {error}") from error
            time.sleep(wait * 2**attempt)
    return None


def check_url(url: str) -> None:
    """Put a little under a URL and remove it again, before anything starts.

    Raises
    ------
    StorageError
        When nothing can be put there: no such bucket, no permission.
    """
    place = f"{url.rstrip('/')}/.probe-{uuid.uuid4().hex[:8]}"
    store, path = open_store(place)
    try:
        again(lambda: _put_bytes(store, b"0", path), f"put {place}")
        store.rm_file(path)
    except (OSError, ValueError) as error:
        raise StorageError(url, " ".join(str(error).split()) or type(error).__name__) from error


def present(url: str) -> set[str]:
    """Return the names of all files under a URL, in one listing."""
    store, path = open_store(url)
    store.invalidate_cache()
    try:
        found = again(lambda: store.find(path), f"list {url}")
    except FileNotFoundError:
        return set()
    start = len(path.rstrip("/")) + 1
    return {name[start:] for name in found}


def read_text(url: str) -> str:
    """Read a text file from a URL."""
    store, path = open_store(url)
    try:
        return again(lambda: store.cat_file(path), f"read {url}").decode("utf-8")
    except FileNotFoundError as error:
        raise BatchError(f"There is no file {url}.") from error


def fingerprints(url: str) -> dict[str, str]:
    """Return URL -> fingerprint for every file a URL with ``*`` stands for, without reading the files.

    The fingerprint is what the store itself tells changes by (entity tag, or size and time of change).
    """
    store, path = open_store(url)
    store.invalidate_cache()
    files = again(lambda: store.glob(path) if "*" in path else [path], f"list {url}")
    try:
        return {store.unstrip_protocol(file): str(store.ukey(file)) for file in files}
    except FileNotFoundError:
        return {}


def fetch_manifest(url: str, folder: Path) -> None:
    """Fetch the manifest from a URL unless the local one is what was last put there."""
    store, path = open_store(f"{url.rstrip('/')}/{FILE_NAME}")
    store.invalidate_cache()
    if not again(lambda: store.exists(path), f"look for {path}"):
        return
    stamp = folder / PUSHED
    if (folder / FILE_NAME).exists() and stamp.exists() and stamp.read_text() == str(store.ukey(path)):
        return
    aside = folder / f"{FILE_NAME}.{uuid.uuid4().hex[:8]}"
    again(lambda: store.get_file(path, str(aside)), f"get {path}")
    for name in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (folder / name).unlink(missing_ok=True)
    os.replace(aside, folder / FILE_NAME)
    stamp.write_text(str(store.ukey(path)))


def put_manifest(folder: Path, url: str) -> None:
    """Put the manifest under a URL, whole and in one file."""
    import sqlite3
    from contextlib import closing

    target = f"{url.rstrip('/')}/{FILE_NAME}"
    copy = folder / f"{FILE_NAME}.copy"
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / FILE_NAME)) as source, closing(sqlite3.connect(copy)) as other:
        source.backup(other)
    put(copy, target)
    copy.unlink()
    store, path = open_store(target)
    store.invalidate_cache()
    (folder / PUSHED).write_text(str(store.ukey(path)))


def _put_bytes(store: Any, content: bytes, path: str) -> None:
    if "file" in store.protocol or "local" in store.protocol:
        store.makedirs(os.path.dirname(path), exist_ok=True)
    store.pipe_file(path, content)


def _put_once(store: Any, file: Path, path: str) -> None:
    kinds = (store.protocol,) if isinstance(store.protocol, str) else store.protocol
    if any(kind in OBJECT_STORES for kind in kinds):
        _put_bytes(store, file.read_bytes(), path)
        return
    store.makedirs(os.path.dirname(path), exist_ok=True)
    aside = f"{path}.{uuid.uuid4().hex[:8]}.part"
    store.put_file(str(file), aside)
    if "file" in kinds or "local" in kinds:
        os.replace(aside, path)
    else:
        store.mv(aside, path)


def new_staging(out: Path) -> Path:
    """Make an empty folder beside the results, named after its owner so that leftovers of dead owners can be told."""
    folder = out / STAGING / f"{_owner()}~{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    return folder


def publish(staging: Path, final: Path, made: Iterable[str] = ()) -> list[str]:
    """Put a finished folder in place of `final`; a reader sees the old one or the new one, never half of either.

    Parameters
    ----------
    staging, final : Path
        The finished folder, and where it belongs.
    made : iterable of str
        Files that earlier runs have left there. Any other file is somebody's own and is kept.

    Returns
    -------
    list of str
        The files that were kept.
    """
    flush(staging)
    for _ in range(TRIES_TO_PUT):
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            kept = _put(staging, final, set(made))
            break
        except FileNotFoundError:
            continue  # another run has just removed the folder above it, empty at that moment
    else:
        kept = _put(staging, final, set(made))
    _flush_folder(final.parent)
    return kept


def _put(staging: Path, final: Path, made: set[str]) -> list[str]:
    if final.is_symlink():  # since the batch began: its files would be moved out of the folder it leads to
        raise FileExistsError(f"{final} has become a link. Remove it and run the same command again.")
    if not final.exists():
        os.rename(staging, final)
        return []
    _swap(staging, final)
    kept = _keep_foreign(staging, final, made)
    shutil.rmtree(staging, ignore_errors=True)  # the old result; a leftover is swept at the next start
    return kept


def _keep_foreign(old: Path, new: Path, made: set[str]) -> list[str]:
    """Move the files that no run has made from the old result to the new one; return their names."""
    kept = []
    for path in sorted(path for path in old.rglob("*") if path.is_symlink() or not path.is_dir()):
        name = path.relative_to(old).as_posix()
        there = os.path.lexists(new / name)
        if name in made or (there and not made):  # without a manifest, what is called the same is ours
            continue
        target = new / (f"{name}.kept" if there else name)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)
        kept.append(target.relative_to(new).as_posix())
    return kept


def discard(folder: Path, made: Iterable[str]) -> None:
    """Remove the files of an earlier run if they are there, and the folders that are empty then."""
    if folder.is_symlink():
        return  # somebody's own, and what it leads to all the more
    for name in made:
        (folder / name).unlink(missing_ok=True)
    inside = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)
    for parent in (*inside, folder, *folder.parents):
        if parent.name in (STAGING, FAILED):
            break
        try:
            parent.rmdir()
        except OSError:
            continue  # not empty, or gone already


def sweep(out: Path) -> int:
    """Remove what dead runners left in the staging folder, and return how many folders that were.

    What bears another name than `new_staging` gives is somebody's own, and so is what a link leads to.
    """
    swept = 0
    folder = out / STAGING
    for leftover in folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ():
        if not _owner_alive(leftover.name):
            end_marked(str(leftover.resolve()))  # what a killed run has left running
            shutil.rmtree(leftover, ignore_errors=True)
            swept += 1
    return swept


def check_place(out: Path, folders: Iterable[str] = ()) -> None:
    """Write a little into the output folder before anything starts.

    Raises
    ------
    BatchError
        When it is a file, or one of the folders that runs put into it is a file or a link.
    StorageError
        When it cannot be written: no permission, a read-only or a full disk.
    """
    if out.exists() and not out.is_dir():
        raise BatchError(f"The output folder {out} is a file. Name a folder.")
    if out.is_symlink() and not out.exists():
        raise BatchError(f"The output folder {out} is a link to {os.readlink(out)}, which is not there. Make it anew.")
    for folder in (out / name for name in (STAGING, FAILED, *folders)):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise BatchError(
                f"{folder} is a link or a file, and a run puts its folder there. Remove it, or name another output "
                "folder."
            )
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
        return True  # not named by us
