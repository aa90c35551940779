"""Give each kernel a private folder with a short path for its sockets, and remove those of dead runners."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .processes import born, same

NAME = re.compile(r"^k(\d+)-(\d+)-")


def base() -> str:
    """Return a folder for temporary files whose path leaves room for a socket's name: it must be under 104 bytes."""
    folder = tempfile.gettempdir()
    return folder if len(folder) < 60 else "/tmp"  # noqa: S108


def new_folder() -> Path:
    """Make a folder named after this process."""
    return Path(tempfile.mkdtemp(prefix=f"k{os.getpid()}-{born(os.getpid()):.0f}-", dir=base()))


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Give a folder for a kernel's sockets, and remove it afterwards."""
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_sockets() -> int:
    """Remove the folders of this user's processes that were killed, and return how many there were."""
    swept = 0
    for entry in os.scandir(base()):
        owner = NAME.match(entry.name)
        if owner and _mine(entry) and not same(int(owner[1]), float(owner[2])):
            shutil.rmtree(entry.path, ignore_errors=True)
            swept += 1
    return swept


def _mine(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.getuid()
    except OSError:
        return False  # another one has swept it
