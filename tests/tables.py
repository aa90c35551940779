"""Tables of tests: sentences as ids, and results compared column by column."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from dxanalysis.facts.understand.door import understand
from dxanalysis.facts.understand.packing import write_package


def cases(names: str, rows: Mapping[str, tuple[Any, ...]]) -> pytest.MarkDecorator:
    """Return the parametrization of a test by rows whose keys are sentences."""
    return pytest.mark.parametrize(names.split(), rows.values(), ids=rows)


def holds(found: Any, expected: Mapping[str, Any]) -> bool:
    """Compare columns of a table (a list: of all rows; else of its first row), or entries or attributes of a record."""
    for name, value in expected.items():
        one = found[name] if isinstance(found, pd.DataFrame | pd.Series | dict) else getattr(found, name)
        if isinstance(one, pd.Series):
            one = one.tolist() if isinstance(value, list) else one.iloc[0]
        pairs = zip(one, value, strict=True) if isinstance(value, list) else [(one, value)]
        for left, right in pairs:
            assert (pd.isna(left) and pd.isna(right)) or left == near(right), f"{name}: {one!r}, expected {value!r}"
    return True


def near(value: Any) -> Any:
    """Return what equals a number up to the rounding of its arithmetic, and anything else only itself."""
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value


def written(folder: Path, data: Any, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    """Write bytes, a text, or plain data as JSON into a folder, and return the path."""
    text = data if isinstance(data, str | bytes) else json.dumps(data)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return folder / name


def workbook(path: Path, rows: list[list[Any]], change: Callable[[Any], Any] = str, **more: list[list[Any]]) -> Path:
    """Write a workbook with a sheet of rows, and more sheets by name; `change` may alter the first sheet before."""
    book = openpyxl.Workbook()
    for sheet, lines in {"": rows, **more}.items():
        page = book.create_sheet(sheet) if sheet else book.active
        for line in lines:
            page.append(line)
    change(book.active)
    book.save(path)
    return path


def import_file(path: Path, target: Path, *, definition: Any = None, source: Any = None, **answers: Any) -> Path:
    """Understand a file and write it as a package, as `dx data import FILE --to FOLDER` does."""
    return write_package(understand(path, **answers), target, definition=definition, source=source)
