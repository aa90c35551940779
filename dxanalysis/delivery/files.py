"""Write files that have the same bytes for the same content, and never half of it."""

from __future__ import annotations

import hashlib
import html
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..atomic import writing

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all (see :func:`dxanalysis.atomic.writing`)."""
    with writing(path) as aside:
        aside.write_bytes(content)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8 with Unix line ends on every system."""
    return write_bytes(path, text.encode("utf-8"))


def encodable(text: str) -> str:
    r"""Return a text of a stranger without halves of letters, which no encoding holds.

    >>> encodable("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def write_json(path: Path, content: Any) -> Path:
    """Write JSON with sorted keys and no NaN (which is no JSON): a missing number is null."""
    text = json.dumps(plain(content), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return write_text(path, text + "\n")


def plain(value: Any) -> Any:
    """Turn values of pandas and numpy into those JSON knows.

    >>> plain({"a": float("nan"), "b": (1, 2)})
    {'a': None, 'b': [1, 2]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def short_code(content: Any) -> str:
    """Return eight characters that stand for a provenance: the same content has the same code.

    >>> short_code({"year": 2025}) == short_code({"year": 2025})
    True
    """
    text = json.dumps(plain(content), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def safe_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for a formula: an apostrophe goes before = + - @, tab and return.

    >>> import pandas as pd
    >>> safe_cells(pd.DataFrame({"note": ["=1+1", "12 − 3"]}))["note"].tolist()
    ["'=1+1", '12 − 3']
    """
    safe = table.rename(columns=lambda name: guarded(str(name)))
    texts = [name for name in safe.columns if not pd.api.types.is_numeric_dtype(safe[name])]
    return safe.assign(**{name: safe[name].map(guarded) for name in texts})


def guarded(value: Any) -> Any:
    """Return a value that opens as text in a spreadsheet.

    >>> guarded("@SUM(A1)"), guarded(-3.5)
    ("'@SUM(A1)", -3.5)
    """
    runs = isinstance(value, str) and len(value) > 1 and value.startswith(_FORMULA)  # a lone "=" runs nothing
    return f"'{value}" if runs else value


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV that Excel opens with its Vietnamese letters (UTF-8 with a byte order mark)."""
    text = safe_cells(table).to_csv(index=False, lineterminator="\n")
    return write_bytes(path, b"\xef\xbb\xbf" + text.encode("utf-8"))


def file_link(name: str) -> str:
    """Return a link to a file beside the page.

    >>> file_link("a&b.csv")
    '<a href="a&amp;b.csv">a&amp;b.csv</a>'
    """
    return f'<a href="{html.escape(name)}">{html.escape(name)}</a>'
