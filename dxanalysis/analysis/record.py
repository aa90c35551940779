"""What is read off the judgement of targets: a file, the targets still open, the chances of each."""

from __future__ import annotations

import json

import pandas as pd

from .evidence import RUNGS


def flat(judgement: pd.DataFrame) -> pd.DataFrame:
    """Return the record with its lists as text, for a file: codes joined by semicolons, pairs as name:value.

    >>> record = pd.DataFrame({"caveats": [("mirror", "rounded")], "families": [(("linear", "on_track"),)]})
    >>> flat(record).values.tolist()
    [['mirror;rounded', 'linear:on_track']]
    """

    def text(value: object) -> object:
        if not isinstance(value, tuple | list):
            return value
        shown = [json.dumps(one, ensure_ascii=False) if isinstance(one, dict) else
                 ":".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value]
        return ";".join(shown)

    return judgement.map(text)


def still_open(targets: pd.DataFrame, judgement: pd.DataFrame) -> pd.DataFrame:
    """Return the targets that are open: of these alone published methods speak.

    >>> record = pd.DataFrame({"state": ["missed", "open"], "target_year": [2025, 2030]})
    >>> still_open(pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]}), record)["year"].tolist()
    [2030]
    """
    years = judgement.loc[judgement["state"] == "open", "target_year"]
    return targets[targets["year"].isin(years)].reset_index(drop=True)


def attainment_of(judgement: pd.DataFrame) -> pd.DataFrame:
    """Return the chances of each target as the judgement has them, in the columns of `attainment`.

    A probability stands only where the evidence carries one; `grade` is the rung of the ladder, `verdict` the state.

    >>> from .assess import assessment_of
    >>> attainment_of(assessment_of([])).columns[:4].tolist()
    ['indicator', 'area', 'target_year', 'target']
    """
    table = judgement[judgement["state"] != "no_target_held"]
    named = {"outlook": "probability", "figure": "last", "figure_year": "last_year", "expected_low":
             "expected_year_low", "expected_high": "expected_year_high"}
    kept = ("indicator", "area", "target_year", "target", "comparator", "median", "low", "high", "expected_year",
            "n", "basis", "word", "outlook_low", "outlook_high")
    found = table.rename(columns=named)[[*kept, *named.values()]]
    verdicts = table["state"].replace({"met": "achieved"})
    return found.assign(
        grade=[RUNGS[rung] for rung in table["rung"]], verdict=verdicts, borrowed=table["basis"] != "own_series",
        reason=table["reason"],
    ).reset_index(drop=True)
