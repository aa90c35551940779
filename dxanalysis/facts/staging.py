"""Make a folder whole or not at all: it is filled under another name and renamed when complete."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dxanalysis.facts.package import SHIPPED
from dxanalysis.facts.understand.guards import refuse


@contextmanager
def new_folder(target: str | Path, what: str) -> Iterator[Path]:
    """Yield a staging folder beside `target` that takes its name when the block ends without an error.

    Parameters
    ----------
    target : path
        A folder that does not exist yet, outside the shipped data.
    what : str
        Name for messages.

    Raises
    ------
    DataError
        When the folder exists or lies in the shipped data.
    """
    target = Path(target).expanduser().resolve()
    if target.is_relative_to(SHIPPED):
        message = f"may not be written into the shipped data ({target})."
        raise refuse(what, message, "Choose a folder of your own.")
    if target.exists():
        raise refuse(what, f"'{target}' exists already.", "Choose a new folder; nothing is ever overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f".{secrets.token_hex(6)}.part")
    staging.mkdir()
    try:
        yield staging
        staging.rename(target)
    finally:
        if staging.exists():
            shutil.rmtree(staging)
