"""Reference-class forecasting: how often units that once stood at this level went on to reach the target in this time.

With one, two or three figures a series cannot show its own speed; what others did from the same level can be counted.
An *episode* is one area of one reference panel in one year within `BAND` of the present level (in logits) whose value
h years later is known. Episodes are not independent: they overlap in time, and panels of one class differ from each
other. So shares are averaged within an area, within a panel, within a family and over families, and the upper bound
carries the design effect found between families (Kish 1965) on a Jeffreys interval.

Measured on 49 panels and again on 32 unseen ones, panels left out: the words "very unlikely" (bound below 10 %) and
"unlikely" (below 33 %) held in at least 45 of 48 panels at one, two and three figures, and so did "very likely to stay
at or above". No other word held, so none is said; "likely to rise" failed. The class must be named: judged as an
economic share, things that spread made "unlikely" come true 47 % of the time. Where the class is not known, the class
with the highest bound speaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dxanalysis.forecasting import pooled
from dxanalysis.forecasting.histories import read_history
from dxanalysis.forecasting.transforms import Scale, read_bounds
from dxanalysis.forecasting.widths import shipped

#: Half-width of the band of levels, in logits; .2 to .6 gave the same words.
BAND = 0.35
#: Band of speeds where the series has two or three figures: at least this, or this part of its own speed.
SPEED_BAND, SPEED_PART = 0.03, 0.4
#: Nothing is said beyond this many years, with fewer areas, or with fewer effective families: not measured there.
FARTHEST, FEWEST_AREAS, FEWEST_FAMILIES = 6, 30, 2.0
#: A panel of this many areas has half the weight of a large one.
HALF_WEIGHT = 5.0
#: One-sided confidence of the bound, and the most episodes a family is worth (families, not episodes, were left out).
CONFIDENCE, WORTH = 0.95, 10.0
#: Bounds below which the two words hold; the mirror of the first is "very likely stays".
VERY_UNLIKELY, UNLIKELY = 0.10, 0.33
#: Figures of the series that are read: the rule was measured with up to three.
FIGURES = 3

COLUMNS = ["indicator", "class", "area", "year", "value"]
EPISODES = ["class", "indicator", "area", "area_name", "year", "from", "to_year", "to", "reached", "weight"]


@dataclass(frozen=True)
class Precedents:
    """What a reference class says about one target.

    Attributes
    ----------
    level, origin : last figure and its year
    target, year, direction : the event is a value of at least (direction +1) or at most (-1) `target` in `year`
    evidence_class : class asked for, "" where it is not known
    basis : class that was counted: the same, or the one with the highest bound where the class is not known
    share : part of the precedents that reached the target, 0..1 (NaN where there is none)
    bound, floor : most and least probability of the event that the precedents and the forecaster allow
    word : "very_unlikely", "unlikely", "very_likely" (stays), or "" where nothing may be said
    reason : why there is no word: "no_figure", "too_far" (more than six years), "few_precedents", "open", or ""
    chance : the forecaster's own probability
    episodes, areas, families : number of episodes, of areas' series, effective number of families
    half : level that half of the precedents did not pass in the direction of the event
    fastest : up to three dicts indicator, area, year, to_year, from, to: the largest moves, one per area
    table : every episode (class, indicator, area, area_name, year, from, to_year, to, reached, weight)
    """

    level: float
    origin: int
    target: float
    year: int
    direction: int
    evidence_class: str
    basis: str = ""
    share: float = np.nan
    bound: float = 1.0
    floor: float = 0.0
    word: str = ""
    reason: str = ""
    chance: float = np.nan
    episodes: int = 0
    areas: int = 0
    families: float = 0.0
    half: float = np.nan
    fastest: tuple[dict[str, object], ...] = ()
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=EPISODES), repr=False, compare=False)


@dataclass(frozen=True)
class _Asked:
    """The question in logits: level, speed (None: one figure), years back it was taken over, years ahead, rise."""

    level: float
    speed: float | None
    back: int
    ahead: int
    rise: float
    direction: int


def precedents(
    history: pd.DataFrame,
    target: float,
    year: int,
    *,
    kind_class: str = "",
    direction: int = 1,
    panels: pd.DataFrame,
    bounds: tuple[float, float] = (0.0, 100.0),
) -> Precedents:
    """Return how often things of one class that stood near a series' last figure reached a target in the same time.

    Parameters
    ----------
    history : year, value of one area (as in `forecast`); rows before a break are left out.
    target, year : value asked for, in the unit of the history, and its year (after the last figure).
    kind_class : class of the indicator, one of those in `panels`; "" where it is not known.
    direction : +1 for at least the target, -1 for at most.
    panels : reference panels indicator, class, area, year, value (parts of 100), and `area_name`; `family` where
        panels of one producer shall count as one (else every panel is a family).
    bounds : bounds of the history's own unit.

    Returns
    -------
    Precedents

    Raises
    ------
    ValueError
        For a history of several areas, an unknown direction, a year that is not after the last figure, missing bounds
        or a panel table without its columns.

    Examples
    --------
    >>> years, rng = np.arange(2000, 2020), np.random.default_rng(0)
    >>> panels = pd.concat([pd.DataFrame({"indicator": f"i{i}", "class": "economic_share", "area": f"a{a}",
    ...     "year": years, "value": 7 + rng.normal(0, 0.3, 20).cumsum().clip(-6, 20)}) for i in range(3)
    ...     for a in range(20)])
    >>> found = precedents(pd.DataFrame({"year": [2024], "value": [7.1]}), 30, 2030, kind_class="economic_share",
    ...                    panels=panels)
    >>> found.word, found.share, found.bound < 0.1
    ('very_unlikely', 0.0, True)
    """
    if direction not in (-1, 1):
        raise ValueError(f"Direction {direction!r} is none. +1: at least the target, -1: at most.")
    scale = read_bounds(bounds)
    if scale.kind != "logit":
        raise ValueError(f"Bounds {bounds!r} are open. Precedents are counted for shares: give both, such as (0, 100).")
    missing = [column for column in COLUMNS if column not in panels.columns]
    if missing:
        raise ValueError(f"The reference panels have no column {missing[0]!r}. They need: {', '.join(COLUMNS)}.")
    panel = read_history(history, scale)
    if len(panel.areas) > 1:
        raise ValueError(f"The history has {len(panel.areas)} areas. Ask for the precedents of one at a time.")
    if not len(panel.areas):
        return Precedents(np.nan, 0, float(target), int(year), direction, kind_class, reason="no_figure")
    level, origin = float(panel.values[0, -1]), int(panel.origin[0])
    if year <= origin:
        raise ValueError(f"The year {year} is not after the last figure ({origin}). Ask for a year to come.")
    about = Precedents(level, origin, float(target), int(year), direction, kind_class)
    if year - origin > FARTHEST:
        return _with(about, reason="too_far")
    fitted = pooled.fit(panel, int(year) - origin, scale, shipped())
    above = float(fitted.marginals.chance_above(np.array([float(target)]))[0, -1])
    about = _with(about, chance=above if direction > 0 else 1 - above)
    return _judge(about, _asked(panel.values[0], scale, about), panels)


def _with(about: Precedents, **changes: object) -> Precedents:
    """Return a record with some fields changed (its table is shared, not copied)."""
    return Precedents(**{**vars(about), **changes})


def _asked(values: np.ndarray, scale: Scale, about: Precedents) -> _Asked:
    """Return the question in logits, its speed from the last three figures."""
    known = np.flatnonzero(np.isfinite(values))[-FIGURES:]
    logits = scale.to(values[known])
    back = int(known[-1] - known[0])
    speed = float((logits[-1] - logits[0]) / back) if back else None
    rise = float(scale.to(about.target) - logits[-1])
    return _Asked(float(logits[-1]), speed, back, about.year - about.origin, rise, about.direction)


def _judge(about: Precedents, asked: _Asked, panels: pd.DataFrame) -> Precedents:
    """Return the record of the class asked for, else of the class in which the bound is highest."""
    # Subscriptions per 100 people may pass 100: no share, so no reference for one.
    held = [str(name) for name in pd.unique(panels["class"]) if not str(name).endswith("_unbounded")]
    classes = [about.evidence_class] if about.evidence_class in held else held
    found = [_of_class(about, asked, panels[panels["class"] == name], name) for name in classes]
    enough = [one for one in found if one.reason != "few_precedents"]
    if not enough:
        return max(found, key=lambda one: one.areas, default=_with(about, reason="few_precedents"))
    return max(enough, key=lambda one: one.bound)


def _of_class(about: Precedents, asked: _Asked, panels: pd.DataFrame, name: str) -> Precedents:
    """Return the record of one class."""
    table = _weighted(_episodes(panels, asked), asked)
    if not len(table):
        return _with(about, basis=name, reason="few_precedents")
    share, bound, floor, areas, families = _bounds(table)
    bound, floor = max(bound, about.chance), min(floor, about.chance)
    few = areas < FEWEST_AREAS or families < FEWEST_FAMILIES
    word = "" if few else _word(bound, floor, asked)
    share_scale = read_bounds((0, 100))
    half = float(share_scale.back(asked.level + _weighted_median(table["rise"].to_numpy(), table["weight"].to_numpy())))
    return _with(
        about, basis=name, share=share, bound=1.0 if few else bound, floor=0.0 if few else floor, word=word,
        reason="few_precedents" if few else "" if word else "open", episodes=len(table), areas=areas, families=families,
        half=half, fastest=_fastest(table, asked.direction), table=table.assign(**{"class": name})[EPISODES],
    )


def _word(bound: float, floor: float, asked: _Asked) -> str:
    """Return the one word that held at this bound, "" where none did."""
    if bound < VERY_UNLIKELY:
        return "very_unlikely"
    if bound < UNLIKELY:
        return "unlikely"
    stands = asked.direction * asked.rise <= 0
    return "very_likely" if stands and floor > 1 - VERY_UNLIKELY else ""


def _episodes(panels: pd.DataFrame, asked: _Asked) -> pd.DataFrame:
    """Return the episodes of one class: where each stood, what came, and the speed with which it had arrived."""
    scale, found = read_bounds((0, 100)), []
    columns = [name for name in ("family", "area_name") if name in panels.columns]
    for indicator, rows in panels.groupby("indicator", sort=True):
        rows = rows.drop_duplicates(["area", "year"])
        area, areas = pd.factorize(rows["area"])
        at = rows["year"].to_numpy() - int(rows["year"].min())
        values = np.full((len(areas), int(at.max()) + 1), np.nan)
        values[area, at] = rows["value"].to_numpy(dtype=float)
        logits = np.where(np.isfinite(values), scale.to(values), np.nan)
        inside = (values >= 0) & (values <= 100)
        near = inside & (np.abs(logits - asked.level) <= BAND)
        near &= np.isfinite(_shifted(logits, asked.ahead))
        row, column = np.nonzero(near)
        arrived = (logits - _shifted(logits, -asked.back)) / max(asked.back, 1)
        table = pd.DataFrame({"area": np.asarray(areas)[row], "year": column + int(rows["year"].min())})
        table["indicator"], table["family"] = str(indicator), str(indicator)
        table["from"], table["to"] = values[row, column], values[row, column + asked.ahead]
        table["to_year"] = table["year"] + asked.ahead
        table["rise"] = logits[row, column + asked.ahead] - logits[row, column]
        table["speed"] = arrived[row, column]
        for name in columns:
            table[name] = table["area"].map(rows.drop_duplicates("area").set_index("area")[name])
        found.append(table)
    whole = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=EPISODES)
    return whole if "area_name" in whole.columns else whole.assign(area_name=whole["area"])


def _shifted(values: np.ndarray, years: int) -> np.ndarray:
    """Return at each year the value so many years later (earlier where negative), NaN outside the panel."""
    moved = np.full_like(values, np.nan)
    if years > 0:
        moved[:, :-years] = values[:, years:]
    elif years < 0:
        moved[:, -years:] = values[:, :years]
    else:
        moved[:] = values
    return moved


def _weighted(table: pd.DataFrame, asked: _Asked) -> pd.DataFrame:
    """Return the episodes that count, whether each reached the target, and its weight (all weights sum to 1).

    Where the series has a speed, episodes that arrived with a similar one are taken if there are enough of them.
    """
    if asked.speed is not None and len(table):
        alike = table[(table["speed"] - asked.speed).abs() <= max(SPEED_BAND, SPEED_PART * abs(asked.speed))]
        if len(alike) and _enough(alike):
            table = alike
    reached = asked.direction * table["rise"].astype(float) >= asked.direction * asked.rise - 1e-9
    table = table.assign(reached=reached.to_numpy(dtype=bool))
    if not len(table):
        return table.assign(weight=0.0)
    windows = table.groupby(["indicator", "area"])["year"].transform("size")
    areas = table.groupby("indicator")["area"].transform("nunique")
    panel = areas / (areas + HALF_WEIGHT)
    within = panel / (windows * areas)
    family = within.groupby(table["family"]).transform("sum")
    weight = within * np.minimum(1, family) / family
    return table.assign(weight=(weight / weight.sum()).to_numpy())


def _enough(table: pd.DataFrame) -> bool:
    """Tell whether episodes come from enough areas and families to say anything."""
    areas, weight = _sizes(table)
    return areas >= FEWEST_AREAS and weight.sum() ** 2 / (weight**2).sum() >= FEWEST_FAMILIES


def _sizes(table: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Return the number of areas' series and the weight of every family (in the order of their names)."""
    counts = table.groupby(["family", "indicator"])["area"].nunique()
    weight = (counts / (counts + HALF_WEIGHT)).groupby("family").sum().clip(upper=1)
    return int(counts.sum()), weight.to_numpy()


def _bounds(table: pd.DataFrame) -> tuple[float, float, float, int, float]:
    """Return the share that reached the target, its upper and lower bound, areas, and effective families."""
    areas, weight = _sizes(table)
    hit = (table["weight"] * table["reached"]).groupby(table["family"]).sum()
    share = (hit / table["weight"].groupby(table["family"]).sum()).to_numpy()
    mean = float(weight @ share / weight.sum())
    families = float(weight.sum() ** 2 / (weight**2).sum())
    between = float(weight @ (share - mean) ** 2 / weight.sum()) * families / max(families - 1, 1e-9)
    chance = mean * (1 - mean) / areas  # variance of the share were all areas alike and independent
    effect = max(1.0, between / families / chance) if chance > 0 else 1.0
    worth = min(areas / effect, WORTH * families)
    return mean, _upper(mean, worth), 1 - _upper(1 - mean, worth), areas, families


def _upper(share: float, worth: float) -> float:
    """Return the upper Jeffreys bound of a share seen in so many independent trials."""
    from scipy.special import betaincinv

    return float(betaincinv(share * worth + 0.5, (1 - share) * worth + 0.5, CONFIDENCE))


def _weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """Return the value that half of the weight does not pass."""
    order = np.argsort(values, kind="stable")
    return float(values[order][np.searchsorted(np.cumsum(weight[order]), 0.5 * weight.sum())])


def _fastest(table: pd.DataFrame, direction: int, named: int = 3) -> tuple[dict[str, object], ...]:
    """Return the largest moves in the direction of the event, one per area and panel."""
    order = table.assign(way=direction * table["rise"]).sort_values("way", ascending=False, kind="stable")
    top = order.drop_duplicates(["indicator", "area"]).head(named)
    return tuple(
        {
            "indicator": row["indicator"], "area": row["area_name"], "year": int(row["year"]),
            "to_year": int(row["to_year"]), "from": float(row["from"]), "to": float(row["to"]),
        }
        for row in top.to_dict("records")
    )
