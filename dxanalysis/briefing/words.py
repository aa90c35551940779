"""Codes and ids of a result table in the words of a language, for tables that a reader sees."""

from __future__ import annotations

from typing import Any

import pandas as pd

from . import labels

# Where the words of a column's codes stand; a code that is in none of them is shown as it is.
_SECTIONS = {
    "scenario": ("scenario",), "condition": ("condition",), "reason": ("reason",), "basis": ("basis",),
    "status": ("milestone", "status"), "grade": ("page", "grade"), "pillar": ("pillar",), "model": ("model",),
}
_AREAS = ("area", "best_area", "peer_area")


def named(table: pd.DataFrame, lang: str, catalogue: Any = None) -> pd.DataFrame:
    """Return a table with its codes in words and, given a catalogue, its ids in names; numbers stay as they are.

    Parameters
    ----------
    table : DataFrame
        Any result table.
    lang : {"vi", "en"}
    catalogue : object, optional
        With ``find_area(id)`` and ``find_indicator(id)``, as the room of facts has them.

    Examples
    --------
    >>> import pandas as pd
    >>> named(pd.DataFrame({"scenario": ["halt"], "value": [7.1]}), "en").values.tolist()
    [['No change', 7.1]]
    """
    words = {
        column: [_word(sections, str(code), lang) for code in _filled(table[column])]
        for column, sections in _SECTIONS.items()
        if column in table
    }
    if catalogue is not None:
        words |= {
            column: _names(table[column], lang, catalogue.find_area, "name") for column in _AREAS if column in table
        }
        if "indicator" in table:
            words["indicator"] = _names(table["indicator"], lang, catalogue.find_indicator, "short")
    return table.assign(**{column: pd.Series(texts, index=table.index, dtype="str") for column, texts in words.items()})


def _word(sections: tuple[str, ...], code: str, lang: str) -> str:
    wording = labels.wording()
    return next((wording[name][code][lang] for name in sections if code in wording.get(name, {})), code)


def word(section: str, code: str, lang: str) -> str:
    """Return the word of a code in a section; an unknown code is shown as it is.

    >>> word("condition", "no_further_change", "vi"), word("condition", "rain", "vi")
    ('từ nay không thay đổi', 'rain')
    """
    return _word((section,), code, lang)


def _names(ids: pd.Series, lang: str, find: Any, field: str) -> list[str]:
    known = {one: labels.in_language(find(str(one)), field, lang) if one else "" for one in _filled(ids).unique()}
    return [known[one] for one in _filled(ids)]


def _filled(column: pd.Series) -> pd.Series:
    """Return a column with "" for nothing; one that holds nothing at all is read from a file as numbers."""
    return column.astype("object").fillna("")
