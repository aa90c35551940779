"""Grade the evidence held for each series and target, and list the figures to request for a stronger statement."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from dxanalysis.facts.catalogue import (
    AsOf,
    as_of_date,
    definition,
    definitions,
    find_area,
    find_indicator,
    observations,
)
from dxanalysis.facts.coverage import coverage
from dxanalysis.facts.package import annual, open_package
from dxanalysis.facts.targets import load_targets

# The ladder of evidence: with how many comparable figures a level, a direction, a pace and a forecast can be stated.
LADDER = {"level": 1, "direction": 2, "pace": 4, "forecast": 6}
EVIDENCE = [
    *("indicator", "area", "definition", "pillar", "title_vi", "title_en", "figures", "comparable", "years"),
    *("first_year", "last_year", "rung", "grade", "next_grade", "needed", "targets"),
]
NEEDS = [
    *("indicator", "title_vi", "title_en", "pillar", "area", "area_vi", "area_en", "unit", "unit_vi", "unit_en"),
    *("definition", "definition_vi", "definition_en", "office_vi", "office_en", "office_basis"),
    *("target_year", "target", "comparator"),
    *("document", "document_vi", "document_en", "held_definition", "years_held", "last_year", "last_value"),
    *("rung", "grade", "years_wanted", "next_grade", "due"),
]
# Definitions that name no compiler: the body that set the target is asked.
NOBODY = ("province", "other", "target-only")
_SERIES = ["indicator", "area", "definition"]


def evidence(
    area: str | None = None, indicator: str | None = None, as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return, for each series and each target without a figure, which rung of the ladder of evidence it reaches.

    Figures on both sides of a break are not comparable: those since the last break count.

    Parameters
    ----------
    area, indicator
        Id or name; ``None``: all.
    as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``indicator, area, definition`` (empty where only a target is held), ``pillar, title_vi, title_en, figures``
        (years with a figure), ``comparable`` (since the last break), ``years`` (text), ``first_year, last_year, rung``
        (0 none, 1 level, 2 direction, 3 pace, 4 forecast), ``grade`` (its name), ``next_grade``, ``needed`` (how many
        more comparable figures the next rung takes; 0 on the last), ``targets`` (how many are held).

    Examples
    --------
    >>> held = evidence("quang-ninh", "digital_economy_share")
    >>> held[["definition", "figures", "comparable", "grade", "next_grade", "needed"]].values.tolist()[0]
    ['province', 2, 1, 'level', 'direction', 1]
    """
    place = None if area is None else find_area(area).id
    measured = None if indicator is None else find_indicator(indicator).id
    held = coverage(measured, place, as_of, through=through)
    held = held.assign(comparable=held["year"] >= _last_breaks(held))
    series = held.groupby(_SERIES).agg(
        figures=("year", "nunique"), comparable=("comparable", "sum"), first_year=("year", "min"),
        last_year=("year", "max"), years=("year", lambda years: ", ".join(map(str, sorted(set(years))))),
    )
    counts = _target_counts(measured, place, as_of, through)
    texts = dict.fromkeys((*_SERIES, "years"), "str")  # also where nothing is held
    table = series.reset_index().astype(texts).merge(counts, on=["indicator", "area"], how="outer")
    numbers = dict.fromkeys(("figures", "comparable", "targets"), 0)
    table = table.fillna(numbers | {"definition": "", "years": ""}).astype(dict.fromkeys(numbers, "int64"))
    table = table.astype({"first_year": "Int64", "last_year": "Int64"})
    steps = [_step(count) for count in table["comparable"]]
    table = table.assign(**{name: [step[at] for step in steps] for at, name in enumerate(_STEP)})
    about = open_package().tables["indicators"].set_index("id")[["pillar", "title_vi", "title_en"]]
    table = table.join(about, on="indicator").sort_values(_SERIES, ignore_index=True)
    return table[EVIDENCE]


_STEP = ("rung", "grade", "next_grade", "needed")


def _step(comparable: int) -> tuple[int, str, str, int]:
    """Return rung, its name, the next one's name and how many figures that takes.

    >>> _step(0), _step(5), _step(9)
    ((0, 'none', 'level', 1), (3, 'pace', 'forecast', 1), (4, 'forecast', '', 0))
    """
    names = ["none", *LADDER]
    rung = sum(comparable >= least for least in LADDER.values())
    following = names[rung + 1] if rung < len(LADDER) else ""
    return rung, names[rung], following, LADDER.get(following, comparable) - comparable


def _last_breaks(held: pd.DataFrame) -> pd.Series:
    """Return, per figure, the first year since the last break of its series."""
    tables = open_package().tables
    own = tables["observations"].query("break_before != ''")
    own = own.assign(year=pd.to_numeric(own["period"].str[:4]))[[*_SERIES, "year"]]
    breaks = tables["breaks"][["indicator", "definition", "area", "year"]].astype({"year": "int64"})
    everywhere = breaks[breaks["area"] == ""].drop(columns="area")
    latest = held.groupby(_SERIES)["year"].max().rename("latest").reset_index()
    listed = pd.concat([
        latest.merge(everywhere, on=["indicator", "definition"]),
        latest.merge(pd.concat([breaks[breaks["area"] != ""], own]), on=_SERIES),
    ])
    last = listed[listed["year"] <= listed["latest"]].groupby(_SERIES)["year"].max().rename("since").reset_index()
    return held[_SERIES].merge(last, on=_SERIES, how="left")["since"].fillna(0).set_axis(held.index)


def _target_counts(indicator: str | None, area: str | None, as_of: AsOf, through: int | None) -> pd.DataFrame:
    tables = open_package().tables
    table = tables["targets"].merge(tables["documents"][["id", "date"]], left_on="document", right_on="id")
    day = as_of_date(as_of, through)
    for column, wanted in (("indicator", indicator), ("area", area)):
        table = table if wanted is None else table[table[column] == wanted]
    table = table if day is None else table[table["date"] <= day.isoformat()]
    usable = table[table["conflict"] == ""]
    return usable.groupby(["indicator", "area"])["year"].nunique().rename("targets").reset_index()


def needs(area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the figures to ask for: one row per target in force, with the years missing and the office to ask.

    Parameters
    ----------
    area
        Id or name.
    as_of
        Only what had been published by then; see :func:`dxanalysis.facts.as_of_date`.
    through
        Last year that is over; default: the year before today's (or before that of `as_of`).

    Returns
    -------
    DataFrame
        ``indicator, title_vi, title_en, pillar, area, area_vi, area_en, unit, unit_vi, unit_en``; ``definition,
        definition_vi, definition_en`` to ask for (the target's, else the best covered one, else the first that names a
        compiler); ``office_vi, office_en, office_basis`` (``compiler``: who compiles it; ``issuer``: where nobody is
        named, the body that set the target); ``target_year, target, comparator, document, document_vi, document_en``;
        ``held_definition, years_held, last_year, last_value, rung, grade`` of the best covered definition held;
        ``years_wanted`` (text, newest first: a target year that is over, the last year over, and what the next rung
        takes), ``next_grade, due`` (the target's year is over and its figure is not held). Due ones come first; rows
        for which nothing is wanted are left out.

    Examples
    --------
    >>> asked = needs("quang-ninh", as_of="2026-06-30").set_index(["indicator", "target_year"])
    >>> asked.loc[("digital_economy_share", 2025), ["grade", "years_wanted"]].tolist()
    ['level', '2025']
    """
    place = find_area(area)
    day = as_of_date(as_of, through)
    over = through if through is not None else (day or dt.date.today()).year - 1
    table = open_package().tables["targets"]
    named = sorted(table.loc[table["area"] == place.id, "indicator"].unique())
    held = evidence(place.id, as_of=as_of, through=through)
    figures = dict(iter(_figures(place.id, day, through).groupby(["indicator", "definition"])))
    rows = [
        _request(target, held[held["indicator"] == one], figures, int(over))
        for one in named
        for target in load_targets(one, place.id, day).itertuples()
    ]
    wanted = pd.DataFrame([row for row in rows if row["years_wanted"]], columns=NEEDS)
    wanted = wanted.assign(area_vi=place.name_vi, area_en=place.name_en)
    order = {"due": False, "pillar": True, "indicator": True, "target_year": True}
    return wanted.sort_values(list(order), ascending=list(order.values()), ignore_index=True)


def _figures(area: str, day: dt.date | None, through: int | None) -> pd.DataFrame:
    """Return the newest usable annual figures of an area, sorted by year."""
    known = annual(observations(area=area, as_of=day, conflicts=False))
    known = known[(known["status"] != "projection") & (known["year"] <= (through or 9999))]
    newest = known.sort_values("vintage", kind="stable").drop_duplicates([*_SERIES, "year"], keep="last")
    return newest.sort_values("year")


def _request(target: tuple, held: pd.DataFrame, figures: dict[tuple[str, str], pd.DataFrame], over: int) -> dict:
    """Return the row of :func:`needs` for one target, ``years_wanted`` empty where nothing is."""
    about = find_indicator(target.indicator)
    chosen = target.definition or _best_covered(about.id, held)
    asked = chosen if chosen not in NOBODY else next((id for id in definitions(about.id) if id not in NOBODY), chosen)
    own = figures.get((about.id, chosen), pd.DataFrame({"year": [], "value": []}))
    own_years = [int(year) for year in own["year"]]
    mine = held[held["definition"] == chosen]
    comparable = int(mine["comparable"].iloc[0]) if len(mine) else 0
    rung, grade, next_grade, needed = _step(comparable)
    due = target.year <= over and target.year not in own_years
    wanted = _years_wanted(own_years, target.year if due else None, over, needed)
    return _office(about.id, asked, target) | {
        "held_definition": chosen if own_years else "",
        **{name: getattr(about, name) for name in ("title_vi", "title_en", "pillar", "unit", "unit_vi", "unit_en")},
        **{name: getattr(target, name) for name in ("area", "comparator", "document", "document_vi", "document_en")},
        "indicator": about.id, "target_year": target.year, "target": target.value,
        "years_held": ", ".join(map(str, own_years)),
        "last_year": own_years[-1] if own_years else pd.NA,
        "last_value": float(own["value"].iloc[-1]) if own_years else float("nan"),
        "rung": rung, "grade": grade, "years_wanted": ", ".join(map(str, wanted)),
        "next_grade": next_grade, "due": due,
    }


def _best_covered(indicator: str, held: pd.DataFrame) -> str:
    """Return the definition with most comparable figures in the area, else the first of the catalogue."""
    used = held[held["definition"] != ""].sort_values(["comparable", "last_year"], ascending=False, kind="stable")
    return str(used["definition"].iloc[0]) if len(used) else definitions(indicator)[0]


def _years_wanted(held: list[int], due: int | None, over: int, needed: int) -> list[int]:
    """Return the years to ask for: the target's, the last one over, then the newest gaps the next rung takes.

    >>> _years_wanted([2021, 2024], 2025, 2025, 1), _years_wanted([2025], None, 2025, 1)
    ([2025], [2024])
    """
    first = {year for year in (due, over) if year is not None and year not in held}
    gaps = [year for year in range(over, over - 10, -1) if year not in held and year not in first]
    return sorted(first | set(gaps[: max(0, needed - len(first))]), reverse=True)


def _office(indicator: str, asked: str, target: tuple) -> dict[str, str]:
    """Return the definition and whom to ask for it."""
    about = definition(indicator, asked)
    names = {"definition_vi": about.name_vi, "definition_en": about.name_en}
    if asked in NOBODY:
        office = {"office_vi": target.issuer_vi, "office_en": target.issuer_en, "office_basis": "issuer"}
    else:
        office = {"office_vi": about.agency, "office_en": about.name_en, "office_basis": "compiler"}
    return {"definition": asked} | names | office
