"""Say what must be said with a value: caveat codes that travel with it, and the words of notes that call for them."""

from __future__ import annotations

import re

import pandas as pd

# What a note says in words must stand in the column `caveats` as a code: a note alone is lost on the way to a sentence.
WORDS = {
    "inferred_year": r"\b(year|date|month|wave)\b[^;.]{0,40}\binferred\b|\b20\d\d inferred|year from|month from|"
    r"year (is )?not (printed|stated)|names? (no|neither) year|not name year|is our label",
    "inferred_rank": r"rank from [+-]|in order;|in listed order|page lists it right after|taken as the 34-unit",
    "our_midpoint": r"mid-?point",
    "computed": r"\bcomputed\b|\bderived\b|^implied by",
    "assumed": r"\bassumed\b|our reading|\bassigned\b|is our label|probably the",
    "modelled": r"\bmodel(led|s)?\b|econometric",
    "trial": r"trial calculation",
    "period_average": r"period average|average of the period|may be a period figure",
    "undated": r"(?<!gives )\bundated\b",
    "mirror": r"\bmirror\b|low-authority|low-quality|secondary (re)?(write|source)|wikipedia|wiki copy",
    "compiler_unknown": r"method (is )?not (stated|named)|names neither (compiler|year nor method)",
    "other_scope": r"two definitions|different definitions?|wider scope|do not chain|do not compare|scope may differ",
    "lower_bound": r"lower bound",
    "self_assessed": r"own assessment|self-assess",
}
_RULES = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in WORDS.items()}
# Codes that other columns of an observation already say.
_STATUS = {"derived": "computed", "self-assessed": "self_assessed"}
_SPAN = r"\d{4}-\d{4}"
_KINDS = {"rank": "rank", "percent_per_year": "growth_rate", "index_0_1": "index_edition", "percent": "stock_share",
          "per_100": "stock_share", "per_1000": "stock_share", "per_person": "stock_share"}


def hidden_in(note: str, caveats: str, unit: str = "") -> list[str]:
    """Return the codes that the words of a note call for and `caveats` lacks; ranks alone have an inferred rank.

    >>> hidden_in("page undated in the excerpt; year inferred", "undated")
    ['inferred_year']
    >>> hidden_in("midpoint is ours", "our_midpoint")
    []
    """
    held = [*caveats.split(";"), *([] if unit == "rank" else ["inferred_rank"])]
    return [code for code, pattern in _RULES.items() if code not in held and pattern.search(note)]


def with_implied(table: pd.DataFrame, grades: pd.Series) -> pd.DataFrame:
    """Return observations or targets whose ``caveats`` also hold what their other columns say.

    Parameters
    ----------
    table
        Observations (``status``, ``qualifier``, ``period``, ``source``) or targets (``comparator``, ``source``).
    grades
        Grade of each source (official, press, mirror), by source id.
    """
    implied = {
        "status": lambda cells: cells.map(_STATUS),
        "qualifier": lambda cells: cells.map({"about": "rounded"}),
        "comparator": lambda cells: cells.map({"about": "rounded"}),
        "period": lambda cells: cells.str.fullmatch(_SPAN).map({True: "period_average"}),
        "source": lambda cells: cells.map(grades).map({"mirror": "mirror"}),
    }
    found = [of(table[column]).fillna("") for column, of in implied.items() if column in table]
    rows = zip(table["caveats"], *found, strict=True)
    joined = [";".join(dict.fromkeys(code for code in ";".join(row).split(";") if code)) for row in rows]
    return table.assign(caveats=pd.Series(joined, index=table.index, dtype="str"))


def kind_of_unit(unit: str) -> str:
    """Return the kind of an indicator whose record names none: what its unit alone allows to say.

    >>> kind_of_unit("rank"), kind_of_unit("count")
    ('rank', 'amount')
    """
    return _KINDS.get(unit, "amount")
