"""Notice when data or code change under a running batch: its result would not be what its provenance says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from .storage import is_url

State = tuple[int, int, int, int]
_KNOWN: dict[str, tuple[State, str]] = {}  # path -> what the file looked like, its sha256


def changed_input(path: str, inputs: Mapping[str, str]) -> str:
    """Say which input of a run is no longer what it was when the run was planned, or nothing.

    Parameters
    ----------
    path : str
        The notebook's file.
    inputs : mapping
        File, relative to the notebook's folder -> sha256. Files under URLs are not looked at again.
    """
    if is_url(path):
        return ""
    folder = Path(path).parent
    for name, digest in inputs.items():
        if not is_url(name) and _digest(folder / name) != digest:
            return f"{name} changed after the batch was planned. Run the same command again."
    return ""


def _digest(file: Path) -> str:
    """Digest a file, again only when it looks different: 1,000 runs share their inputs."""
    try:
        found = file.stat()
        state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        if _KNOWN.get(str(file), (None,))[0] != state:
            with file.open("rb") as content:
                _KNOWN[str(file)] = (state, hashlib.file_digest(content, "sha256").hexdigest())
    except OSError:
        return ""  # gone, or being replaced: that is a change
    return _KNOWN[str(file)][1]
