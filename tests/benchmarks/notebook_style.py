"""How the notebooks read, in numbers: cells, words of prose for a line of code, the longest code cell.

    python -m tests.benchmarks.notebook_style                   # our suite
    python -m tests.benchmarks.notebook_style FILE.ipynb ...    # beside any others

A word is what stands between blanks in a markdown cell; a line of code is a line with something on it that is no
comment. Years and decimal numbers typed into the prose are counted, because a number in prose goes stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
TYPED_NUMBER = re.compile(r"\b(?:19|20)\d\d\b|\b\d+[.,]\d+\b")


@dataclass(frozen=True)
class Style:
    """One notebook in numbers."""

    notebook: str
    cells: int
    code_cells: int
    words_per_code_line: float
    median_cell: float
    longest_cell: int
    code_in_a_row: int
    numbers_typed: int


def style(path: Path) -> Style:
    """Measure a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    lengths = [code_lines(cell.source) for cell in cells if cell.cell_type == "code"]
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    words, lines = sum(len(text.split()) for text in prose), sum(lengths)
    rows = re.findall("c+", "".join("c" if cell.cell_type == "code" else "m" for cell in cells))
    return Style(
        path.stem, len(cells), len(lengths), round(words / max(lines, 1), 1), median(lengths or [0]),
        max(lengths, default=0), max(map(len, rows), default=0), sum(len(TYPED_NUMBER.findall(text)) for text in prose),
    )


def code_lines(source: str) -> int:
    """Count the lines that hold code."""
    return sum(1 for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def main(paths: Sequence[str] = ()) -> int:
    """Print the table: our notebooks, then those given."""
    print("| " + " | ".join(field.name.replace("_", " ") for field in fields(Style)) + " |")
    print("|---" * len(fields(Style)) + "|")
    for path in [*sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), *map(Path, paths)]:
        print("| " + " | ".join(str(value) for value in astuple(style(path))) + " |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
