"""What can be wrong with a batch before or while it runs, as exceptions with a cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BatchError(ValueError):
    """Say what is wrong with a batch and how to cure it; nothing has been started."""


class ParameterError(BatchError):
    """Say which parameter of which notebook is unknown, missing or of the wrong type."""


class CollisionError(BatchError):
    """Say which two runs would write to one output folder."""


class StorageError(BatchError):
    """Say that the output folder cannot be written, before the batch or in the middle of it.

    Parameters
    ----------
    place : object
        The folder or file.
    reason : str
        What the system or SQLite said.
    """

    def __init__(self, place: object, reason: str) -> None:
        first = "Make the bucket" if "://" in str(place) else "Free the disk"
        super().__init__(
            f"{place} cannot be written: {reason}. {first}, mend the permission or name another output folder, "
            "then run the same command again; finished runs are kept."
        )


class MissingExtra(ImportError):
    """Say which optional part must be installed for the feature asked for."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the nearest known word, or nothing.

    >>> did_you_mean("yaer", ["area", "year"])
    " Did you mean 'year'?"
    >>> did_you_mean("zzz", ["area", "year"])
    ''
    """
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def shown(values: Iterable[object], most: int = 10) -> str:
    """Return at most `most` values as a readable list, and say how many more there are."""
    values = list(values)
    text = ", ".join(str(value) for value in values[:most])
    return text + (f" ... and {len(values) - most} more" if len(values) > most else "")
