"""Tables of tests: sentences as ids, and results compared column by column."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def import_file(path: Path, target: Path, *, definition: Any = None, source: Any = None, **answers: Any) -> Path:
    """Understand a file and write it as a package, as `dx data import FILE --to FOLDER` does."""
    return write_package(understand(path, **answers), target, definition=definition, source=source)
