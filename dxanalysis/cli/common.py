"""What commands share: where things are, what a terminal is told, and whether the installed packages are whole."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS, OUTPUTS = ROOT / "notebooks", ROOT / "outputs"
LOCK = ROOT / "requirements.lock"
TEMPLATE = "{area}/{year}/{notebook}"  # the folder of a run in the output folder
BY_HAND = {"01_your_own_data", "05_explore"}  # made to be worked with; run only where they are named
KEPT = "\n\t"
_MADE_LATER = (".pyc", ".pyo")  # by Python itself, when a module is first used


def visible(text: str) -> str:
    r"""Return a text whose control characters and marks of direction are written out.

    A name such as ``ESC[2J`` would clear the screen, ``ESC]0;...`` rename the window, and U+202E print the rest of the
    line backwards.

    >>> visible("Quảng Ninh\tđạt 7,1 %"), visible("\x1b[2Jclean\u202e!")
    ('Quảng Ninh\tđạt 7,1 %', '\\x1b[2Jclean\\u202e!')
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in KEPT or (c.isspace() and c > "\xa0") else _written(c) for c in text)


def _written(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def listed(text: str, option: str) -> list[str]:
    """Return the words of an option that takes several, with commas between them.

    >>> listed("quang-ninh, Huế", "--areas")
    ['quang-ninh', 'Huế']
    >>> listed("quang-ninh,", "--areas")
    Traceback (most recent call last):
    ValueError: --areas takes words with commas between them; one of 'quang-ninh,' is empty. Leave the comma out.
    """
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        cure = "Leave the comma out."
        raise ValueError(f"{option} takes words with commas between them; one of {text!r} is empty. {cure}")
    return words


def years_of(text: str) -> list[int]:
    """Return the years a text names: "2025", "2023-2025" or "2022,2025".

    >>> years_of("2021-2023,2025")
    [2021, 2022, 2023, 2025]
    >>> years_of("soon")
    Traceback (most recent call last):
    ValueError: Cannot read the years 'soon'. Write 2025, 2023-2025 or 2022,2025; areas stand behind --areas.
    """
    found: list[int] = []
    for part in text.replace("–", "-").split(","):
        ends = re.fullmatch(r"\s*([0-9]{4})(?:-([0-9]{4}))?\s*", part)  # four digits: no range is long
        if not ends or int(ends[2] or ends[1]) < int(ends[1]):
            cure = "Write 2025, 2023-2025 or 2022,2025; areas stand behind --areas."
            raise ValueError(f"Cannot read the years {text[:60]!r}. {cure}")
        found += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
    return found


def place(text: str) -> Path | str:
    """Read where results go: a URL stays as it is, anything else is a folder.

    >>> place("s3://bucket/results"), place("outputs").name
    ('s3://bucket/results', 'outputs')
    """
    return text if "://" in text else Path(text)


def uses_dx(notebook: Any) -> bool:
    """Whether a notebook is one of ours, or made with this package: a stranger's reads none of our data."""
    return "dxanalysis" in notebook.text


def data_files(notebook: Any, _parameters: Mapping[str, Any]) -> list[Path]:
    """Give the data files that a run depends on: all of the shipped package and of those in DX_DATA.

    All, although a notebook may look at one table only: every picture says which data it was made from (the digest of
    all files), links between tables are checked before any is used, and one fault in any of them stops every run.
    """
    from dxanalysis.facts.schema import data_dirs

    if not uses_dx(notebook):
        return []
    every = (path for folder in data_dirs() for path in sorted(Path(folder).rglob("*")))
    return [path for path in every if path.name.endswith((".csv", ".csv.gz", ".json"))]


class Plain:
    """A stream that writes to another one what `visible` leaves; all else is the other one's affair."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self._stream.write(visible(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def missing_files(most: int = 3) -> list[str]:
    """Return files that installed packages list and that are gone or cut short, at most so many.

    An environment is damaged so by a full disk, a virus scanner or a synchronised folder; what then fails, fails
    anywhere. Asked only after an error: it looks at 20,000 files.
    """
    found: list[str] = []
    for package in metadata.distributions():
        # The list itself is read: `package.files` leaves out what is missing, from Python 3.12 on
        for name, _, size in csv.reader((package.read_text("RECORD") or "").splitlines()):
            file = PurePosixPath(name)
            if file.suffix in _MADE_LATER or file.parts[:1] == ("..",):  # programs and manuals outside
                continue
            try:
                length = Path(str(package.locate_file(name))).stat().st_size
            except OSError:
                length = -1
            if length < 0 or size not in ("", str(length)):
                found.append(f"{file} of {package.metadata['Name']}")
                if len(found) == most:
                    return found
    return found


def damage() -> str:
    """Say in one sentence that the environment is damaged, and its cure; nothing where it is whole."""
    found = ", ".join(missing_files())
    cure = "Delete that folder and run the same command again"
    return f"the environment {sys.prefix} is damaged; missing or cut short: {found}. {cure}." if found else ""
