"""Write a file whole or not at all, keep what was found for the next process that asks, and digest files and code."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

# The mark of a folder that only spares work, by which backups and plans of batches pass over it (bford.info/cachedir).
CACHE = "Signature: 8a477f597d28d172789f06886806bc55\n"


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Yield a path to write to, which takes the place of `path` when the block ends, and vanishes when it fails.

    A reader never sees half a file. What stands there before is replaced, a link too, never what the link leads to. The
    file has the rights that the user's umask leaves to any new file.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with writing(folder / "table.csv") as aside:
    ...     _ = aside.write_text("year,value\\n")
    >>> [path.name for path in folder.iterdir()]
    ['table.csv']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(6)}.part{path.suffix}")
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def kept(folder: Path, name: str, make: Callable[[], Any], *, states: int = 4) -> Any:
    """Return what `make` gives, its lists as tuples, from a file of a folder where an earlier process left it.

    A file that is missing or damaged is made anew, and where nothing can be written nothing is kept: the answer is the
    same, and only slower. The folder holds one state of everything the answer depends on; of its kind the newest few
    are left beside it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "state-1"
    >>> kept(folder, "answer", lambda: {"share": 7.1}), kept(folder, "answer", lambda: {"share": 0.0})
    ({'share': 7.1}, {'share': 7.1})
    """
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
    found = _intact(file)
    if found is None:
        found = json.dumps(make(), default=lambda value: value.item())
        try:
            if not folder.exists():
                _leave(folder.parent, states - 1)
                folder.mkdir(parents=True, exist_ok=True)
                (folder.parent / "CACHEDIR.TAG").write_text(CACHE, encoding="ascii")
            with writing(file) as aside:
                aside.write_text(f"{_sum(found)}\n{found}", encoding="utf-8")
        except OSError:
            pass
    return _frozen(json.loads(found))


def digest_of(path: str | Path) -> str:
    """Return the SHA-256 of a file."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=16)
def code_digest(room: str = "") -> str:
    """Return twelve characters of the digest of a room's code, or of the files that join the rooms."""
    folder, found = Path(__file__).parent / room, hashlib.sha256()
    for path in sorted(folder.rglob("*") if room else folder.glob("*.py")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes().replace(b"\r\n", b"\n")  # a checkout on Windows is the same code
            found.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return found.hexdigest()[:12]


def _frozen(value: Any) -> Any:
    """Return plain data with its lists as tuples."""
    if isinstance(value, dict):
        return {name: _frozen(part) for name, part in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _intact(file: Path) -> str | None:
    """Return the text of a file whose first line is its own checksum; None for a missing or damaged one."""
    try:
        checksum, _, text = file.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return text if checksum == _sum(text) else None


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _leave(parent: Path, number: int) -> None:
    """Delete all but the newest states of a folder."""
    states = sorted(filter(Path.is_dir, parent.glob("*")), key=lambda one: one.stat().st_mtime)
    for old in states[: max(len(states) - number, 0)]:
        shutil.rmtree(old, ignore_errors=True)
