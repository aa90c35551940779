"""The track record: forecasts kept as they were published, scored when the data arrive."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd

from dxanalysis.atomic import writing
from dxanalysis.forecasting import scoring

_NAMES = ["indicator", "definition", "area", "model", "origin", "year", "quantile"]


def archive(table: pd.DataFrame, path: str | Path, published: str | datetime.date | None = None) -> pd.DataFrame:
    """Add a published forecast to the archive and return the whole archive.

    A forecast once published is never changed: publishing the same forecast again on the same day changes nothing,
    and a different one under the same names and day is refused.

    Parameters
    ----------
    table : forecast table (`forecast`).
    path : archive, .parquet (needs pyarrow) or .csv; made where it is missing.
    published : date of publication, today by default.

    Raises
    ------
    ValueError
        When a forecast of the same names and day with other values stands in the archive already.
    """
    path, day = Path(path), str(published or datetime.date.today())
    new = table[[*_NAMES, "value"]].assign(published=day)
    old = read_archive(path) if path.exists() else new[:0]
    both = old.merge(new, on=[*_NAMES, "published"], suffixes=("_old", "_new"))
    changed = both[(both["value_old"] - both["value_new"]).abs() > 1e-9]
    if len(changed):
        row = changed.iloc[0]
        raise ValueError(
            f"The forecast of {row['area']!r} for {row['year']} published on {day} stands in {path} with "
            f"{row['value_old']:g}, not {row['value_new']:g}. Published forecasts are kept; give another date."
        )
    whole = pd.concat([old, new] if len(old) else [new], ignore_index=True)
    whole = whole.drop_duplicates([*_NAMES, "published"], ignore_index=True)
    with writing(path) as aside:
        whole.to_parquet(aside, index=False) if path.suffix == ".parquet" else whole.to_csv(aside, index=False)
    return whole


def read_archive(path: str | Path) -> pd.DataFrame:
    """Return the archive."""
    path = Path(path)
    text = dict.fromkeys(["indicator", "definition", "area", "model", "published"], "str")
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=text, keep_default_na=False)


def track_record(archived: pd.DataFrame | str | Path, history: pd.DataFrame) -> pd.DataFrame:
    """Score archived forecasts of years that have been observed since.

    Parameters
    ----------
    archived : the archive or its path.
    history : history table of the indicator and definition the forecasts are about.

    Returns
    -------
    DataFrame published, area, model, origin, year, h, actual, median, error, crps, in80, in95, a row per forecast year.

    Examples
    --------
    >>> said = pd.DataFrame({"indicator": "ai", "definition": "eu", "area": "eu", "model": "official", "origin": 2023,
    ...                      "year": 2025, "quantile": [0.5], "value": [10.0], "published": "2023-09-27"})
    >>> seen = pd.DataFrame({"area": ["eu"], "year": [2025], "value": [20.0]})
    >>> track_record(said, seen)[["year", "actual", "error"]].values.tolist()
    [[2025.0, 20.0, 10.0]]
    """
    table = read_archive(archived) if isinstance(archived, (str, Path)) else archived
    for column in ("indicator", "definition"):
        if column in history.columns and len(history):
            table = table[table[column] == history[column].iloc[0]]
    seen = history if "area" in history.columns else history.assign(area="series")
    frames = [
        scoring.score_quantiles(part, seen).assign(published=day) for day, part in table.groupby("published", sort=True)
    ]
    found = [frame for frame in frames if len(frame)]
    columns = ["published", *scoring.KEYS, "h", "actual", "median", "error", "crps", "in80", "in95"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)
