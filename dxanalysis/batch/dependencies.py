"""Decide what a run depends on, and digest it: notebook, parameters, data files, imported code, environment.

The digest of a run is the digest of its parts; the parts are kept, so that a plan can say *which* one changed.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import BatchError
from .notebooks import Notebook, home
from .storage import fingerprints, is_url

RUNNER_VERSION = "1"  # raise when the same run would give another result


class FileDigests:
    """Digest files once, and again only when their size or time of change differs.

    Parameters
    ----------
    known : mapping
        Path -> (size, mtime_ns, sha256), from an earlier session.
    """

    def __init__(self, known: Mapping[str, tuple[int, int, str]] | None = None) -> None:
        self.known = dict(known or {})
        self.fresh: dict[str, tuple[int, int, str]] = {}
        self.seen: dict[str, str] = {}

    def __call__(self, path: Path) -> str:
        """Return the SHA-256 of a file; a file is looked at once per session."""
        key = str(path)
        if key not in self.seen:
            self.seen[key] = self._digest(path, key)
        return self.seen[key]

    def _digest(self, path: Path, key: str) -> str:
        state = path.stat()
        if self.known.get(key, ())[:2] == (state.st_size, state.st_mtime_ns):
            return self.known[key][2]
        digest = _sha256(path)
        self.fresh[key] = (state.st_size, state.st_mtime_ns, digest)
        return digest


def digest_of(value: Any) -> str:
    """Return the digest of anything that can be written as JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def data_digests(notebook: Notebook, patterns: Iterable[str | Path], digest: Callable[[Path], str]) -> dict[str, str]:
    """Return file -> digest for the declared inputs of a notebook, files and URLs alike.

    A file under a URL is known by what its store tells changes by; it is not read for this.
    """
    found: dict[str, str] = {}
    for pattern in map(str, patterns):
        if is_url(notebook.path) and not is_url(pattern) and not os.path.isabs(pattern):
            pattern = f"{notebook.path.rpartition('/')[0]}/{pattern}"
        if is_url(pattern):
            marks = fingerprints(pattern)
            if not marks:
                raise BatchError(
                    f"{notebook.name} declares the input {pattern!r}, and nothing is there. Correct the URL."
                )
            found |= marks
        else:
            found |= {portable(file, notebook): digest(file) for file in data_files(notebook, [pattern])}
    return dict(sorted(found.items()))


def data_files(notebook: Notebook, patterns: Iterable[str | Path]) -> list[Path]:
    """Return the files that `patterns` name, relative to the notebook's folder, sorted.

    A folder stands for every file in it.

    Raises
    ------
    BatchError
        When a declared input does not exist: its changes would never be seen.
    """
    folder = home(notebook.path)
    found: set[Path] = set()
    for pattern in patterns:
        matches = _matching(folder, str(pattern))
        if not matches:
            raise BatchError(
                f"{notebook.name} declares the input {str(pattern)!r}, and no such file is there. "
                f"Correct the path, which starts from {folder}/."
            )
        found.update(matches)
    return sorted(found)


def portable(file: Path, notebook: Notebook) -> str:
    """Name a file relative to the notebook's folder, so that another machine says the same."""
    if is_url(notebook.path):
        return file.as_posix()
    return Path(os.path.relpath(file, home(notebook.path))).as_posix()


def environment_digest(locks: Iterable[str | Path] = ()) -> str:
    """Digest Python's version, the installed packages with versions, and the lock files given."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    installed = sorted(
        entry.name for path in paths if path for entry in os.scandir(path) if entry.name.endswith(".dist-info")
    )
    contents = [hashlib.sha256(Path(lock).read_bytes()).hexdigest() for lock in locks]
    return digest_of([list(sys.version_info[:3]), installed, contents])


def _matching(folder: Path, pattern: str) -> list[Path]:
    path = Path(pattern) if os.path.isabs(pattern) else folder / pattern
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        return [Path(os.path.normpath(file)) for file in files]
    if path.is_file():
        return [Path(os.path.normpath(path))]
    base, _, rest = str(path).partition("*")
    start = Path(base if base.endswith("/") else os.path.dirname(base))
    if (not rest and "*" not in str(path)) or not start.is_dir():
        return []
    wanted = str(path)[len(str(start)) :].lstrip("/")
    return [Path(os.path.normpath(file)) for file in start.glob(wanted) if file.is_file()]


State = tuple[int, int, int, int]
_KNOWN: dict[str, tuple[State, str]] = {}  # path -> what the file looked like, its sha256


MOVING = "changed meanwhile"  # in place of a digest: which content the run has read is not known
PASSING = {"__pycache__", ".ipynb_checkpoints"}  # in any folder, and nobody's data
LISTED = "/"  # at the end of a folder's name: the run has looked which names are in it


def what_it_opened(text: str, notebook: Notebook) -> dict[str, Any]:
    """Return what a run has opened, from the lines that its kernel wrote (:mod:`.opened`).

    Returns
    -------
    dict
        ``files``: name, relative to the notebook's folder -> digest, nothing for one that is not there;
        ``unknown``: what of it cannot be followed; ``written``: modules that it has written itself.
        Nothing at all where the lines do not end as they should.
    """
    lines = [ast.literal_eval(line) for line in text.splitlines()]
    if ("end",) not in lines:
        return {}
    files: dict[str, str] = {}
    written: set[str] = {os.path.realpath(notebook.path)}  # the notebook itself counts by its cells
    unknown: dict[str, None] = {}
    for kind, name, *state in (line for line in lines if len(line) > 1):
        if kind == "write":
            written.add(name)
        elif kind in ("program", "host"):
            unknown[f"starts {name}" if kind == "program" else f"asks {name}"] = None
        elif name not in written and not _is_cache(name if kind == "list" else os.path.dirname(name)):
            files.setdefault(portable(Path(name), notebook) + LISTED * (kind == "list"), _as_read(name, state))
    said = f"{', '.join(unknown)}, whose data are not seen" if unknown else ""
    own = sorted(portable(Path(name), notebook) for name in written if name.endswith(".py"))
    return {"files": files, "unknown": said, "written": own}


@functools.lru_cache(maxsize=4096)
def _is_cache(folder: str) -> bool:
    """Tell a folder that is marked as one which only spares work (``CACHEDIR.TAG``), or lies in such a one."""
    above = os.path.dirname(folder)
    return os.path.isfile(os.path.join(folder, "CACHEDIR.TAG")) or (above != folder and _is_cache(above))


def _as_read(name: str, state: Sequence[int | None]) -> str:
    """Digest a file that still is as it was when it was opened, or the names in a folder."""
    path = Path(name)
    found = path.stat() if path.is_file() else None
    now = (found.st_mtime_ns, found.st_size) if found else (None, None)
    return state_of(path, _digest) if path.is_dir() or now == tuple(state) else MOVING


def state_of(path: Path, digest: Callable[[Path], str]) -> str:
    """Digest a file, or the names in a folder; nothing where there is neither."""
    if path.is_dir():
        return digest_of(sorted(set(os.listdir(path)) - PASSING))
    return digest(path) if path.is_file() else ""


def changed_input(
    path: str, inputs: Mapping[str, str], own: Collection[str] = (), read: Mapping[str, str] | None = None
) -> str:
    """Say which input of a run is no longer what it was when the run was planned, or nothing.

    Parameters
    ----------
    path : str
        The notebook's file.
    inputs : mapping
        File, relative to the notebook's folder -> sha256. Files under URLs are not looked at again.
    own : collection of str
        Modules that the run has written itself.
    read : mapping, optional
        ``files`` of :func:`what_it_opened`: a file that was changed and changed back holds what was planned, and the
        run may have read something else.
    """
    if is_url(path):
        return ""
    folder = home(path)
    for name, digest in inputs.items():
        if is_url(name) or name in own:
            continue
        if _digest(folder / name) != digest or (read or {}).get(name) == MOVING:
            return f"{name} changed after the batch was planned. Run the same command again."
    return ""


def _digest(file: Path) -> str:
    """Digest a file, again only when it looks different: 1,000 runs share their inputs."""
    try:
        found = file.stat()
        state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        if _KNOWN.get(str(file), (None,))[0] != state:
            _KNOWN[str(file)] = (state, _sha256(file))
    except OSError:
        return ""  # gone, or being replaced: that is a change
    return _KNOWN[str(file)][1]


def file_digests(folder: Path) -> dict[str, str]:
    """Return file -> sha256 of all files in a folder, sorted by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
