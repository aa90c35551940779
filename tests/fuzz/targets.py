"""What is fuzzed: each target takes bytes, hands them to one parser, and holds what comes back to its promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Target:
    """One parser under fuzzing.

    Attributes
    ----------
    name : str
        Module and function.
    action : function
        Takes the bytes of a case.
    samples : sequence of bytes
        Valid inputs that mutation starts from.
    allowed : tuple of exception types
        What its documentation promises to raise.
    share : int
        Part of the cases it gets: fast parsers of small texts get more than slow ones of whole files.
    """

    name: str
    action: Callable[[bytes], Any]
    samples: Sequence[bytes]
    allowed: tuple[type, ...]
    share: int = 1


def all_targets(folder: Path) -> list[Target]:
    """Return every target; cases that need a file stand in `folder`."""
    from .targets_batch import batch_targets
    from .targets_delivery import delivery_targets
    from .targets_facts import facts_targets

    return [*facts_targets(folder), *batch_targets(folder), *delivery_targets(folder)]


def held(path: Path, data: bytes) -> Path:
    """Write a case into the one file of its target and return the path."""
    path.write_bytes(data)
    return path


def text(data: bytes) -> str:
    """Return any bytes as a text that Python may meet: broken letters become lone surrogates now and then."""
    return data.decode("utf-8", errors="surrogateescape" if data[:1] == b"\xff" else "replace")


def promise(holds: bool, what: str) -> None:
    """Raise where a parser took an input and broke its promise."""
    if not holds:
        raise BrokenPromise(what)


class BrokenPromise(Exception):
    """A parser accepted an input and gave back what it must not."""
