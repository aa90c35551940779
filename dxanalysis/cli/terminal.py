"""What a terminal is told: text from files is shown, never obeyed."""

from __future__ import annotations

from typing import Any, TextIO

KEPT = "\n\t"


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


class Plain:
    """A stream that writes to another one what `visible` leaves; all else is the other one's affair."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self._stream.write(visible(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
