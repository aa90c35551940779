"""Write a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
