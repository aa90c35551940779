"""The word lists of ``words.toml``: how files name roles, units, statuses, months and places."""

from __future__ import annotations

import tomllib
from pathlib import Path

_TABLES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
)


def words_of(table: str) -> dict[str, list[str]]:
    """Return our word -> the words of files, of one table.

    >>> words_of("hints")["quarter"][:2]
    ['trimestre', 'trimester']
    """
    return _TABLES[table]


def meaning(table: str) -> dict[str, str]:
    """Return the word of a file -> our word ("none" is "")."""
    return {word: "" if ours == "none" else ours for ours, words in _TABLES[table].items() for word in words}


def numbers(table: str) -> dict[str, int]:
    """Return the word of a file -> the number it stands for."""
    return {word: int(number) for number, words in _TABLES[table].items() for word in words}
