"""What is installed beside us: whether it is whole."""

from __future__ import annotations

import sys
from importlib import metadata

_MADE_LATER = (".pyc", ".pyo")  # by Python itself, when a module is first used


def missing_files(most: int = 3) -> list[str]:
    """Return files that installed packages list and that are gone or cut short, at most so many.

    An environment is damaged so by a full disk, a virus scanner or a synchronised folder; what then fails, fails
    anywhere. Asked only after an error: it looks at 20,000 files.
    """
    found: list[str] = []
    for package in metadata.distributions():
        for file in package.files or ():
            place = package.locate_file(file)
            if file.suffix in _MADE_LATER or file.parts[:1] == ("..",):  # programs and manuals outside
                continue
            try:
                whole = file.size is None or place.stat().st_size == file.size  # type: ignore[attr-defined]
            except OSError:
                whole = False
            if not whole:
                found.append(f"{file} of {package.metadata['Name']}")
                if len(found) == most:
                    return found
    return found


def damage() -> str:
    """Say in one sentence that the environment is damaged, and its cure; nothing where it is whole."""
    found = ", ".join(missing_files())
    cure = "Delete that folder and run the same command again"
    return f"the environment {sys.prefix} is damaged; missing or cut short: {found}. {cure}." if found else ""
