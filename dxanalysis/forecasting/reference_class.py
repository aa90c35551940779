"""Reference-class forecasting: how often units that once stood at this level went on to reach the target in this time.

With one, two or three figures a series cannot show its own speed; what others did from the same level can be counted.
An *episode* is one area of one reference panel in one year within `BAND` of the present level (in logits) whose value
h years later is known. Episodes are not independent: they overlap in time, and panels of one class differ from each
other. So shares are averaged within an area, within a family (the panels of one producer) and over families, and the
upper bound carries the design effect found between families (Kish 1965) on a Jeffreys interval.

Measured on 49 panels with their families left out (`tests.benchmarks.forecast_words`): the words "very unlikely" (bound
below 10 %), "unlikely" (below 33 %) and "very likely to stay at or above" held on at least 94 % of them at one, two and
three figures, judged by the other development panels as by the shipped ones, the class named or not. No other word
held, so none is said; "likely to rise" failed. The class must be named: judged as an economic share, things that spread
made "unlikely" come true 47 % of the time. Where it is not known, the highest bound and the lowest floor speak.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from dxanalysis.forecasting.distributions import Scale, read_bounds
from dxanalysis.forecasting.forecasts import fitted
from dxanalysis.forecasting.histories import read_history

#: Half-width of the band of levels, in logits; .2 to .6 gave the same words.
BAND = 0.35
#: Band of speeds where the series has two or three figures: at least this, or this part of its own speed.
SPEED_BAND, SPEED_PART = 0.03, 0.4
#: Nothing is said beyond this many years, with fewer areas, or with fewer effective families: not measured there.
FARTHEST, FEWEST_AREAS, FEWEST_FAMILIES = 6, 30, 2.0
#: Effective families from which "very" may be said. With the three of service coverage "very unlikely" came true up to
#: 25 % of the time on vaccines, left out and seen once; with four it held.
FAMILIES_FOR_VERY = 3.5
#: A family of this many areas has half the weight of a large one.
HALF_WEIGHT = 5.0
#: One-sided confidence of the bound, and the most episodes a family is worth (families, not episodes, were left out).
CONFIDENCE, WORTH = 0.95, 10.0
#: Bounds below which the two words hold; the mirror of the first is "very likely stays".
VERY_UNLIKELY, UNLIKELY = 0.10, 0.33
#: Figures of the series that are read: the rule was measured with up to three.
FIGURES = 3
#: Classes whose values may pass 100 are no reference for a share.
UNBOUNDED = "_unbounded"
SHARE = read_bounds((0, 100))

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
class Asked:
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
    ...     "year": years, "value": 7 + rng.normal(0, 0.3, 20).cumsum().clip(-6, 20)}) for i in range(4)
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
        return replace(about, reason="too_far")
    found, _, _ = fitted(history, int(year) - origin, scale)
    above = float(found.marginals.chance_above(np.array([float(target)]))[0, -1])
    about = replace(about, chance=above if direction > 0 else 1 - above)
    said = _judge(about, _asked(panel.values[0], scale, about), panels)
    return replace(said, half=scale.lower + (scale.upper - scale.lower) * said.half / 100)


def _asked(values: np.ndarray, scale: Scale, about: Precedents) -> Asked:
    """Return the question in logits, its speed from the last three figures."""
    known = np.flatnonzero(np.isfinite(values))[-FIGURES:]
    logits = scale.to(values[known])
    back = int(known[-1] - known[0])
    speed = float((logits[-1] - logits[0]) / back) if back else None
    rise = float(scale.to(about.target) - logits[-1])
    return Asked(float(logits[-1]), speed, back, about.year - about.origin, rise, about.direction)


def _judge(about: Precedents, asked: Asked, panels: pd.DataFrame) -> Precedents:
    """Return the record of the class asked for; where it is not known, of the one that leaves most open."""
    held = [str(name) for name in pd.unique(panels["class"]) if not str(name).endswith(UNBOUNDED)]
    names = [about.evidence_class] if about.evidence_class in held else held
    classes = {name: read_class(panels[panels["class"] == name]) for name in names}
    episodes = {name: one for name, held in classes.items() if (one := find_episodes(held, asked)) is not None}
    said = settle(about, asked, episodes)
    return _told(said, asked, episodes[said.basis], classes[said.basis]) if said.basis else said


def _told(about: Precedents, asked: Asked, found: Episodes, reference: Class) -> Precedents:
    """Return the record with the episodes behind it."""
    counted = count(found, asked.rise, asked.direction)
    table = _table(found, reference).assign(**{"class": about.basis, "reached": counted.reached})[EPISODES]
    half = float(SHARE.back(asked.level + _weighted_median(found.rise, table["weight"].to_numpy())))
    fastest = _fastest(table.assign(rise=found.rise), asked.direction)
    sizes = {"episodes": len(table), "areas": found.areas, "families": found.effective}
    return replace(about, share=counted.share, half=half, fastest=fastest, table=table, **sizes)


@dataclass(frozen=True)
class Class:
    """The reference panels of one class in one matrix: a row per area of a panel, a column per year.

    Attributes
    ----------
    values, logits : array (row, year), NaN where nothing is known; first : year of the first column
    area, area_name : array (row,); panel : array (row,), place of the row's panel in `indicator`
    indicator : array (panel,); family : array (panel,), place of the panel's family among the families
    """

    values: np.ndarray
    logits: np.ndarray
    first: int
    area: np.ndarray
    area_name: np.ndarray
    panel: np.ndarray
    indicator: np.ndarray
    family: np.ndarray


def read_class(panels: pd.DataFrame) -> Class:
    """Return the panels of one class as one matrix; values that are no parts of 100 are left out."""
    rows = panels.drop_duplicates(["indicator", "area", "year"]).sort_values(["indicator", "area"], kind="stable")
    rows = rows[rows["value"].between(0, 100)]
    keys = pd.MultiIndex.from_frame(rows[["indicator", "area"]])
    row, index = keys.factorize()
    top = rows.iloc[np.unique(row, return_index=True)[1]]
    first = int(rows["year"].min())
    values = np.full((len(index), int(rows["year"].max()) - first + 1), np.nan)
    values[row, rows["year"].to_numpy() - first] = rows["value"].to_numpy(dtype=float)
    panel, indicator = pd.factorize(top["indicator"])
    of_panel = top.drop_duplicates("indicator")
    family = pd.factorize(of_panel["family" if "family" in top.columns else "indicator"])[0]
    name = top["area_name" if "area_name" in top.columns else "area"].to_numpy()
    return Class(values, SHARE.to(values), first, top["area"].to_numpy(), name, panel, np.asarray(indicator), family)


@dataclass(frozen=True)
class Episodes:
    """The years in which areas of a class stood near a level, by way of an area's mean, then its family's.

    Attributes
    ----------
    row, column : array (episode,), place in the class; rise : change of the logit until `ahead` years later
    weight : array (episode,), summing to 1 in each family; family : array (episode,)
    families : array (family,), weight of each; areas : number of areas' series
    """

    row: np.ndarray
    column: np.ndarray
    rise: np.ndarray
    weight: np.ndarray
    family: np.ndarray
    families: np.ndarray
    areas: int
    ahead: int

    @property
    def effective(self) -> float:
        """Return the effective number of families (Kish 1965)."""
        return float(self.families.sum() ** 2 / (self.families**2).sum())

    @property
    def few(self) -> bool:
        """Tell whether they come from too few areas or families to say anything."""
        return self.areas < FEWEST_AREAS or self.effective < FEWEST_FAMILIES


def find_episodes(reference: Class, asked: Asked) -> Episodes | None:
    """Return the episodes of a class near a level, None where there is none.

    Where the series has a speed, episodes that arrived with a similar one are taken if there are enough of them.
    """
    logits, later = reference.logits, _shifted(reference.logits, asked.ahead)
    near = (np.abs(logits - asked.level) <= BAND) & np.isfinite(later)
    if asked.speed is not None:
        arrived = (logits - _shifted(logits, -asked.back)) / asked.back
        alike = near & (np.abs(arrived - asked.speed) <= max(SPEED_BAND, SPEED_PART * abs(asked.speed)))
        found = _episodes(reference, alike, later, asked.ahead) if alike.any() else None
        if found is not None and not found.few:
            return found
    return _episodes(reference, near, later, asked.ahead) if near.any() else None


def _episodes(reference: Class, marked: np.ndarray, later: np.ndarray, ahead: int) -> Episodes:
    """Return marked episodes with their weights: means within an area, then within a family."""
    row, column = np.nonzero(marked)
    family = reference.family[reference.panel]
    windows = np.bincount(row, minlength=len(family))
    areas = np.bincount(family[windows > 0], minlength=family.max() + 1)
    weight = 1 / (windows[row] * areas[family[row]])
    rise, families = later[row, column] - reference.logits[row, column], areas / (areas + HALF_WEIGHT)
    return Episodes(row, column, rise, weight, family[row], families, int(areas.sum()), ahead)


@dataclass(frozen=True)
class Count:
    """How many episodes reached a target (`reached`: array), their share, and what it may be at most and at least."""

    reached: np.ndarray
    share: float
    bound: float
    floor: float


def count(found: Episodes, rise: float, direction: int) -> Count:
    """Return how many episodes rose at least so much (direction +1), or at most (-1), with bounds of the share.

    The families differ from each other by more than chance: the bounds carry the design effect found between them.
    """
    reached = direction * found.rise >= direction * rise - 1e-9
    share = np.minimum(np.bincount(found.family, found.weight * reached, minlength=len(found.families)), 1)
    weight, families = found.families / found.families.sum(), found.effective
    mean = float(weight @ share)
    between = float(weight @ (share - mean) ** 2) * families / max(families - 1, 1e-9)
    chance = mean * (1 - mean) / found.areas  # variance of the share were all areas alike and independent
    effect = max(1.0, between / families / chance) if chance > 1e-12 else 1.0
    worth = min(found.areas / effect, WORTH * families)
    return Count(reached, mean, _upper(mean, worth), 1 - _upper(1 - mean, worth))


def settle(about: Precedents, asked: Asked, episodes: dict[str, Episodes]) -> Precedents:
    """Return the record with the word that the classes that may apply and the forecaster's chance allow together.

    Several classes mean that the class is not known: the highest bound and the lowest floor of them hold.
    """
    enough = {name: one for name, one in episodes.items() if not one.few}
    if not enough:
        most = max(episodes, key=lambda name: episodes[name].areas, default="")
        return replace(about, basis=most, reason="few_precedents")
    counts = {name: count(one, asked.rise, asked.direction) for name, one in enough.items()}
    basis = max(counts, key=lambda name: counts[name].bound)
    bound = max(counts[basis].bound, about.chance)
    floor = min(*(one.floor for one in counts.values()), about.chance)
    word = _word(bound, floor, max(one.effective for one in enough.values()) >= FAMILIES_FOR_VERY, asked)
    return replace(about, basis=basis, bound=bound, floor=floor, word=word, reason="" if word else "open")


def _word(bound: float, floor: float, wide: bool, asked: Asked) -> str:
    """Return the one word that held at these bounds, "" where none did; the sharper ones need a wide class."""
    if bound < UNLIKELY:
        return "very_unlikely" if wide and bound < VERY_UNLIKELY else "unlikely"
    stands = asked.direction * asked.rise <= 0
    return "very_likely" if wide and stands and floor > 1 - VERY_UNLIKELY else ""


def _shifted(values: np.ndarray, years: int) -> np.ndarray:
    """Return at each year the value so many years later (earlier where negative), NaN outside the panel."""
    moved = np.full_like(values, np.nan)
    if years > 0:
        moved[:, :-years] = values[:, years:]
    else:
        moved[:, -years:] = values[:, :years]
    return moved


def _upper(share: float, worth: float) -> float:
    """Return the upper Jeffreys bound of a share seen in so many independent trials."""
    from scipy.special import betaincinv

    return float(betaincinv(share * worth + 0.5, (1 - share) * worth + 0.5, CONFIDENCE))


def _weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """Return the value that half of the weight does not pass."""
    order = np.argsort(values, kind="stable")
    return float(values[order][np.searchsorted(np.cumsum(weight[order]), 0.5 * weight.sum())])


def _table(found: Episodes, reference: Class) -> pd.DataFrame:
    """Return the episodes as a table: which place, when, from where to where, with what weight."""
    row, column = found.row, found.column
    year, weight = reference.first + column, found.weight * found.families[found.family]
    return pd.DataFrame({
        "indicator": reference.indicator[reference.panel[row]], "area": reference.area[row],
        "area_name": reference.area_name[row], "year": year, "from": reference.values[row, column],
        "to_year": year + found.ahead, "to": reference.values[row, column + found.ahead],
        "weight": weight / weight.sum(),
    })


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
