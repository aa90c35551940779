"""Ranking of a series among its peers, and the growth that peers sustained from its level."""

from __future__ import annotations

import math

import pandas as pd

from .series import check_direction, comparable_run, each_series, read_history

LEAST_RANKED = 5  # areas that make a ranking; of fewer a place says little
SUSTAINED_COLUMNS = ("area", "first_year", "last_year", "start", "end", "pace")
PLACED_COLUMNS = (
    "level", "pace", "years", "areas", "similar", "ever", "best", "best_area", "best_first_year", "percentile",
    "low", "high", "reason",
)
_REQUIRED = ("target_year", "target", "figure_year", "area")
RANK_COLUMNS = (
    "area", "year", "value", "rank", "tied", "of", "gap_to_first", "gap_to_median", "percentile",
)


def sustained_paces(panel: pd.DataFrame, years: int) -> pd.DataFrame:
    """List every pace that any area ever kept up over the given number of years.

    Parameters
    ----------
    panel : DataFrame
        History table of many areas. Breaks are never crossed.
    years : int
        Length of the span; both ends must have been observed.

    Returns
    -------
    DataFrame
        One row per area and span: area, first_year, last_year, start, end, pace (points per year).

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["a"] * 3, "year": [2020, 2021, 2022], "value": [1.0, 4.0, 5.0]})
    >>> sustained_paces(table, 2)["pace"].tolist(), sustained_paces(table, 1)["pace"].tolist()
    ([2.0], [3.0, 1.0])
    """
    if years < 1:
        raise ValueError(f"A pace over {years} years cannot be sustained. Give a span of at least one year.")
    spans = []
    for series in each_series(panel):
        for run in _runs(series):
            ends = run.assign(first_year=run["year"] - years).rename(columns={"value": "end", "year": "last_year"})
            pairs = run.rename(columns={"value": "start", "year": "first_year"})[["area", "first_year", "start"]]
            spans.append(pairs.merge(ends[["first_year", "last_year", "end"]], on="first_year"))
    if not spans:
        return pd.DataFrame(columns=list(SUSTAINED_COLUMNS))
    table = pd.concat(spans, ignore_index=True)
    return table.assign(pace=(table["end"] - table["start"]) / years)[list(SUSTAINED_COLUMNS)]


def place_pace(
    panel: pd.DataFrame,
    *,
    level: float,
    pace: float,
    years: int,
    direction: int,
    within: float = 0.5,
    area: str | None = None,
) -> pd.DataFrame:
    """Place a required pace among the paces other areas ever sustained from a similar level ("2 of 63 ever did").

    Parameters
    ----------
    panel : DataFrame
        History table of many areas.
    level, pace : float
        Where the series stands, and the points per year it needs.
    years : int
        How long the pace must be kept up.
    direction : int
        +1 higher is better, -1 lower is better.
    within : float
        A starting level counts as similar up to this fraction of `level` away from it.
    area : str, optional
        The area itself, left out of its peers.

    Returns
    -------
    DataFrame
        One row: level, pace, years, areas (with any span of this length), similar (of those, with a similar start),
        ever (that sustained the pace or more from there), best (pace), best_area, best_first_year, percentile (of the
        needed pace among the best pace of each similar area, 100 when none did), low and high (the similar levels),
        reason ("", "no_span", "no_similar_level").

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["a", "a", "b", "b"], "year": [2020, 2022] * 2, "value": [7.0, 9.0, 8.0, 20.0]})
    >>> place_pace(table, level=7.1, pace=3.0, years=2, direction=1)[["similar", "ever", "best", "best_area"]]
       similar  ever  best best_area
    0        2     1   6.0         b
    """
    check_direction(direction)
    low, high = sorted((level - within * abs(level), level + within * abs(level)))
    others = panel if area is None or "area" not in panel.columns else panel[panel["area"] != area]
    spans = sustained_paces(others, years)
    near = spans[spans["start"].between(low, high)]
    sign = -1 if direction == -1 else 1
    best = (sign * near["pace"]).groupby(near["area"]).max() if len(near) else pd.Series(dtype="float64")
    row = {
        "level": level, "pace": pace, "years": years, "areas": spans["area"].nunique(), "similar": len(best),
        "ever": int((best >= sign * pace).sum()), "low": low, "high": high, "best": math.nan, "best_area": "",
        "best_first_year": None, "percentile": math.nan,
        "reason": "no_span" if not len(spans) else "" if len(best) else "no_similar_level",
    }
    if len(best):
        first = near.loc[(sign * near["pace"]).idxmax()]
        row |= {"best": first["pace"], "best_area": first["area"], "best_first_year": first["first_year"]}
        row["percentile"] = float(100 * (best < sign * pace).mean())
    return pd.DataFrame([row], columns=list(PLACED_COLUMNS)).astype({"best_first_year": "Int64"})


def place_required(panel: pd.DataFrame, judgement: pd.DataFrame, *, direction: int) -> pd.DataFrame:
    """Place the pace each open target needs among the paces other areas ever sustained.

    A pace must be kept up for all the years left; where no area was observed that long, the longest span observed is
    taken, and `years` says which, so that "kept up for three years" is not read as six.

    Parameters
    ----------
    panel : DataFrame
        History table of many areas; the area judged is left out of its peers.
    judgement : DataFrame
        Rows of `assess` of one area.
    direction : int
        As for `place_pace`.

    Returns
    -------
    DataFrame
        One row per target that requires a pace: target_year, target, figure_year, area, then the columns of
        `place_pace`.

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["a", "a", "b", "b"], "year": [2020, 2022] * 2, "value": [7.0, 9.0, 8.0, 20.0]})
    >>> record = pd.DataFrame({"state": ["open"], "area": "qn", "figure": 7.1, "figure_year": 2024, "years_left": 6,
    ...                        "target": 30.0, "target_year": 2030, "required_per_year": 3.82})
    >>> place_required(table, record, direction=1)[["target_year", "pace", "years", "similar", "ever"]]
       target_year  pace  years  similar  ever
    0         2030  3.82      2        2     1
    """
    spans = [run["year"].iloc[-1] - run["year"].iloc[0] for series in each_series(panel) for run in _runs(series)]
    longest, placed = int(max(spans, default=0)), []
    for row in judgement[(judgement["state"] == "open") & judgement["required_per_year"].notna()].to_dict("records"):
        years = max(min(int(row["years_left"]), longest), 1)
        found = place_pace(panel, level=row["figure"], pace=row["required_per_year"], years=years,
                           direction=direction, area=row["area"])
        placed.append(found.assign(**{name: row[name] for name in _REQUIRED}))
    columns = [*_REQUIRED, *PLACED_COLUMNS]
    return pd.concat(placed, ignore_index=True)[columns] if placed else pd.DataFrame(columns=columns)


def ranks(panel: pd.DataFrame, *, direction: int, year: int | None = None) -> pd.DataFrame:
    """Rank the areas in one year; equal values share the better rank and are marked as tied.

    Parameters
    ----------
    panel : DataFrame
        History table of many areas.
    direction : int
        +1 the highest value is first, -1 the lowest.
    year : int, optional
        The year ranked; the latest year with a value if not given. Areas without a value that year are left out.

    Returns
    -------
    DataFrame
        One row per area, best first: area, year, value, rank, tied, of (areas ranked), gap_to_first and gap_to_median
        (in the desired direction, positive when behind), percentile (areas it is at least as good as, in percent).

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["a", "b", "c"], "year": [2022] * 3, "value": [5.0, 9.0, 5.0]})
    >>> ranks(table, direction=1)[["area", "rank", "tied", "gap_to_first"]]
      area  rank   tied  gap_to_first
    0    b     1  False           0.0
    1    a     2   True           4.0
    2    c     2   True           4.0
    """
    check_direction(direction)
    table = read_history(panel)
    year = int(table["year"].max()) if year is None and len(table) else year
    table = table[table["year"] == year].reset_index(drop=True)
    sign = -1 if direction == -1 else 1
    good = sign * table["value"]
    ranked = table.assign(
        rank=good.rank(method="min", ascending=False).astype("int64"),
        tied=good.duplicated(keep=False),
        of=len(table),
        gap_to_first=good.max() - good,
        gap_to_median=good.median() - good,
        percentile=100 * good.rank(method="max") / max(len(table), 1),
    )
    return ranked.sort_values(["rank", "area"], ignore_index=True)[list(RANK_COLUMNS)]


def _runs(series: pd.DataFrame) -> list[pd.DataFrame]:
    """Return all comparable runs of a series, the earlier ones too."""
    rest, runs = series, []
    while len(rest):
        run = comparable_run(rest)
        runs.append(run)
        rest = rest.iloc[: len(rest) - len(run)]
    return runs


def standing(panel: pd.DataFrame, area: str, *, direction: int, least: int = LEAST_RANKED) -> pd.DataFrame:
    """Rank the areas in the latest year in which `area` (any area, where it has none) has a figure among enough others.

    Ranks of different years are not comparable, so an area without a figure in that year is left out. Where no year
    has enough areas the latest one is ranked as it is.

    Parameters
    ----------
    panel : DataFrame
        History table of many areas.
    area : str
        The area whose latest year is taken.
    direction : int
        +1 the highest value is first, -1 the lowest.
    least : int
        Areas that make a ranking.

    Returns
    -------
    DataFrame
        The columns of `peers.ranks`; empty where the panel is.

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a", "b", "b"], "year": [2022, 2022, 2023], "value": [5.0, 9.0, 10.0]})
    >>> standing(panel, "a", direction=1)[["area", "year", "rank"]].values.tolist()
    [['b', 2022, 1], ['a', 2022, 2]]
    """
    if not len(panel):
        return pd.DataFrame(columns=list(RANK_COLUMNS))
    table = read_history(panel)
    own = table[table["area"] == area]
    years = sorted((own if len(own) else table)["year"].unique())
    counts = table["year"].value_counts()
    year = next((one for one in reversed(years) if counts[one] >= least), years[-1])
    return ranks(panel, direction=direction, year=int(year))


def comparable_panel(panel: pd.DataFrame) -> pd.DataFrame:
    """Keep of each area only the figures after its last break, so that no line between two years crosses one.

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a", "a"], "year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "x"]})
    >>> comparable_panel(panel)["year"].tolist()
    [2024]
    """
    runs = [comparable_run(series) for series in each_series(panel)] if len(panel) else []
    return pd.concat(runs, ignore_index=True) if runs else panel
