"""A handful of verbs for people who think in DataFrames: ``import dxanalysis as dx``.

Each takes and gives plain tables (or a matplotlib figure) and joins the rooms with sensible defaults. A table of your
own with the columns ``year, value`` is enough; :func:`measure` and :func:`place` give it a unit and names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis import answers, facts
from dxanalysis.analysis.pace import sense
from dxanalysis.answers import Result
from dxanalysis.facts import Area
from dxanalysis.facts.reference import load_reference
from dxanalysis.facts.understand.door import read_own
from dxanalysis.facts.understand.frames import History, Targets, as_history
from dxanalysis.subjects import READING, About, caption, known, measure, peers_of, place, settle, subject_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dxanalysis.briefing.tables import Shown
    from dxanalysis.delivery.report import Report

__all__ = (
    "attainment", "explore", "forecast", "history", "judge", "measure", "place", "plot", "precedents", "read",
    "report", "show", "targets",
)


def history(
    indicator: str, area: str, definition: str = "preferred", as_of: Any = None, *, through: int | None = None
) -> pd.DataFrame:
    """Load the published figures of one indicator in one area, one value per year.

    Names are understood with or without accents. `as_of` goes back to what had been published by a day (a year, a
    date, or "latest"); `through` is the last year to return. See `facts.load_history` for what is preferred.

    Examples
    --------
    >>> history("digital_economy_share", "viet-nam", as_of=2023)["value"].tolist()
    [12.66, 12.87, 12.63, 12.33]
    >>> history("digital_gdp", "viet-nam")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: Unknown indicator 'digital_gdp'. Did you mean ... List them: dx data list
    """
    found = facts.load_history(indicator, area, definition, as_of, through=through)
    found.attrs |= {"indicator": facts.find_indicator(indicator).id, "area": facts.find_area(area).id}
    return found


def targets(indicator: str, area: str, as_of: Any = None) -> pd.DataFrame:
    """Load the targets in force for one indicator in one area, one row per target year.

    Examples
    --------
    >>> targets("digital_economy_share", "Quảng Ninh")[["year", "comparator", "value"]].values.tolist()
    [[2025, '>=', 20.0], [2030, '>=', 30.0]]
    """
    return facts.load_targets(indicator, area, as_of)


def read(given: str | Path | pd.DataFrame | pd.Series, **answers: Any) -> pd.DataFrame:
    """Read a history from a file or a table of your own; nothing is guessed and nothing is left out unsaid.

    Nothing is stored; `dx data import` keeps a file as a data package.

    Parameters
    ----------
    given : path or table
        The template of `dx data template`, CSV, TSV, XLSX, XLS, PX, JSON-stat, SDMX (CSV, XML, JSON), a Frictionless
        ``datapackage.json``, or a table of pandas.
    indicator : str, mapping or record, optional
        Which indicator: id or title, printed name -> id, or a record of :func:`measure`.
    area, definition, period : str, optional
        Which area, definition or period is wanted, or meant where the file does not say.
    unit : str, optional
        Unit of the figures in words ("Nghìn người"), where the file does not say.
    scale : float, optional
        What values are multiplied by: 100 for parts of one, 1 keeps them.
    decimal : "," or ".", optional
        Decimal sign of printed numbers, where they do not prove it.
    where : mapping, optional
        Dimension -> the category to take; "*" takes all.
    sheet : str, optional
        Sheet of a workbook.
    through : int, optional
        Last year to return.
    annual : "mean", "sum", "last" or "first", optional
        Rule that makes years of halves, quarters, months or days; without it they are left out, and that is said.

    Returns
    -------
    DataFrame
        One row per area and year; ``attrs["notes"]`` says what was understood, converted and left out.

    Raises
    ------
    Unclear
        Where the file can be read in more than one way; its message names the keyword that answers.
    DataError
        Where the file cannot be read, or a figure breaks sense.

    Examples
    --------
    >>> import pandas as pd
    >>> own = pd.DataFrame({"Năm": [2023, 2024], "Giá trị": ["7,1", "8,25"]})
    >>> read(own, indicator="digital_economy_share", area="Quảng Ninh")[["area", "year", "value"]].values.tolist()
    [['quang-ninh', 2023, 7.1], ['quang-ninh', 2024, 8.25]]
    >>> read(own, indicator="digital_economy_share")
    Traceback (most recent call last):
    dxanalysis.facts.understand.reading.Unclear: the table leaves a question: the file names no area: answer its name \
or id. Answer with area='viet-nam'.
    """
    return read_own(given, **answers)


def forecast(
    history: History, horizon: int | None = None, *, indicator: About = None, unit: str | None = None,
    bounds: tuple[float | None, float | None] | None = None, direction: int | None = None, peers: Any = "auto",
    lang: str = "vi", **options: Any,
) -> Result:
    """Forecast a series, or each series of a panel, as quantiles per year.

    Parameters
    ----------
    history : table, Series, mapping or pairs
        From :func:`history` or :func:`read`, or figures of your own in any common shape (see :func:`attainment`).
    horizon : int, optional
        Years ahead; by default five, or up to the last target of a catalogued series.
    indicator : str or record, optional
        What is measured, for the natural bounds; read from the table where it says so.
    unit, bounds, direction, lang
        As in :func:`attainment`.
    peers : DataFrame or None
        Histories of other areas that lend strength; "auto" takes those of the catalogue, None takes none.
    **options
        scale, decimal, annual (see :func:`read`); model, quantiles, revisions (see `forecasting.forecast`).

    Returns
    -------
    Result
        One row per area, year and quantile; it shows itself as a paragraph and a slim table, ``.table`` is the plain
        DataFrame.

    Examples
    --------
    >>> import pandas as pd
    >>> own = pd.Series({2021: 41.0, 2022: 47.5, 2023: 52.0})
    >>> forecast(own, 2, quantiles=[0.5], unit="percent")["year"].tolist()
    [2024, 2025]
    >>> forecast(pd.DataFrame({"k": [2021, 2022], "value": [1.0, 2.0]}))
    Traceback (most recent call last):
    ValueError: The history has the columns ['k', 'value'] and no 'year'. Rename: table.rename(columns={'k': 'year'})
    """
    asked = {name: options.pop(name) for name in READING if name in options}
    cases = settle(history, None, indicator=indicator, unit=unit, bounds=bounds, direction=direction, **asked)
    parts = [
        answers.fan(case, horizon or answers.reach(case), peers_of(case.history, peers), options) for case in cases
    ]
    return answers.told("forecast", cases, parts, lang)


def attainment(
    history: History, targets: Targets, *, indicator: About = None, direction: int | None = None,
    unit: str | None = None, bounds: tuple[float | None, float | None] | None = None, peers: Any = "auto",
    lang: str = "vi", **options: Any,
) -> Result:
    """Give what the evidence carries of meeting each target: a probability, a band and a word, and the year expected.

    Parameters
    ----------
    history : table, Series, mapping or pairs
        From :func:`history` or :func:`read`, or figures of your own: years, dates or periods as index, column or
        headings; names of columns in Vietnamese, English or SDMX; numbers as text; one area or many.
    targets : table, mapping, pairs or number
        From :func:`targets`, or ``{2030: 80.0}``, ``(2030, 80.0)``, or ``80.0`` with ``by=2030``.
    indicator : str or record, optional
        What is measured; read from the table where it says so, else see :func:`measure`.
    direction : 1 or -1, optional
        Whether higher or lower is better. Of a falling series with a target below it -1 is inferred and said; where
        both readings are possible it is asked.
    unit : str, optional
        "percent" (between 0 and 100) or a word. Numbers without a unit are read as plain, and what the other reading
        would give is said.
    bounds : (lower, upper), optional
        Natural bounds, None for none.
    peers
        As in :func:`forecast`.
    lang : "vi" or "en"
        Language of the paragraph.
    **options
        scale, decimal, annual (see :func:`read`) and by (the year of a bare number).

    Returns
    -------
    Result
        One row per area and target; it shows itself as a paragraph and a slim table, ``.table`` is the plain DataFrame.
        `probability` stands where the record of :func:`dxanalysis.assess` has one; on fewer than six figures there is a
        band (`outlook_low`, `outlook_high`) with its `word`. The forecaster's own number is in `chance`.

    Raises
    ------
    Unclear
        Where two readings would give opposite answers; its message names the keyword that answers.

    Examples
    --------
    >>> import pandas as pd
    >>> own = {2021: 41.0, 2022: 47.5, 2023: 52.0}
    >>> attainment(own, {2023: 50.0, 2030: 90.0}, unit="percent")[["target_year", "verdict"]].values.tolist()[0]
    [2023, 'achieved']
    >>> poverty = attainment({2016: 9.2, 2020: 4.8, 2023: 1.9}, {2023: 2.5}, unit="percent", lang="en")
    >>> poverty["verdict"].tolist(), poverty.attrs["notes"][0][:24]
    (['achieved'], 'Read as lower-is-better ')
    >>> attainment(own, "90")
    Traceback (most recent call last):
    TypeError: Targets are a str. Give a table with year and value, or year and value as {2030: 80.0}.
    """
    cases = settle(
        history, targets, indicator=indicator, direction=direction, unit=unit, bounds=bounds, **options
    )
    parts = [answers.reached(case, peers_of(case.history, peers)) for case in cases]
    return answers.told("attainment", cases, parts, lang, peers)


def precedents(
    history: History, targets: Targets, *, indicator: About = None, evidence_class: str | None = None,
    direction: int | None = None, unit: str | None = None, bounds: tuple[float | None, float | None] | None = None,
    episodes: bool = False, **options: Any,
) -> pd.DataFrame:
    """Count how often things that once stood at a series' last level went on to reach each target in the same time.

    Parameters
    ----------
    history, targets, indicator, direction, bounds, **options
        As in :func:`attainment`: one to three figures are enough; targets of years that have a figure are left out.
    evidence_class : str, optional
        The reference class, where the indicator names none: ``economic_share``, ``diffusion`` or ``service_coverage``.
    unit : str, optional
        "percent" or "share" (0-1); only shares have precedents, so that numbers without a unit are read as percentages.
    episodes : bool
        Return every precedent (which place, when, from where to where) in place of the summary.

    Returns
    -------
    DataFrame
        One row per area and target: target_year, target, level, basis (class that was counted), share, bound, floor,
        word, reason, chance, episodes, areas, half, fastest (see `forecasting.Precedents`); or one per precedent.

    Examples
    --------
    >>> import pandas as pd
    >>> precedents(pd.Series({2024: 7.1}), {2030: 30.0}, indicator="digital_economy_share")["word"].tolist()
    ['very_unlikely']
    >>> poverty = precedents({2023: 4.8, 2024: 1.9}, {2030: 1.2}, evidence_class="economic_share", episodes=True)
    >>> reached = poverty[poverty["reached"]]  # fell at least as far, from near the same level
    >>> bool((reached["to"] < reached["from"]).all())  # lower is better: read off the falling series
    True
    """
    from dxanalysis import forecasting

    history, panels = as_history(history), load_reference()
    said = indicator is not None or unit or bounds or known(history, "indicator")
    cases = settle(history, targets, indicator=indicator, direction=direction, unit=unit if said else "percent",
                   bounds=bounds, **options)
    found = [
        (case, forecasting.precedents(
            case.history, float(goal.value), int(goal.year), panels=panels, bounds=case.subject.bounds or (0.0, 100.0),
            kind_class=case.subject.evidence_class if evidence_class is None else evidence_class,
            direction=sense(getattr(goal, "comparator", ""), case.subject.direction or 1),
        ))
        for case in cases for goal in case.goals.itertuples()
        if not goal.year <= case.history.loc[case.history["value"].notna(), "year"].max()
    ]
    if episodes and found:
        parts = [case.scaled_back(one.table.assign(target=one.target), "target") for case, one in found]
        return pd.concat(parts, ignore_index=True)
    shown = ["share", "bound", "floor", "word", "reason", "chance", "episodes", "areas", "half", "fastest"]
    columns = ["year", "target", "level", "basis", *shown, *(["area"] if len(cases) > 1 else [])]
    rows = [vars(one) | {"area": case.area} for case, one in found]
    return pd.DataFrame(rows, columns=columns).rename(columns={"year": "target_year"})


def judge(
    history: History, targets: Targets, *, indicator: About = None, direction: int | None = None,
    unit: str | None = None, bounds: tuple[float | None, float | None] | None = None, lang: str = "vi", **options: Any,
) -> Result:
    """Put every published verdict method to a series and its targets; one row per area, target and method.

    The arguments are those of :func:`attainment`.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = judge({2018: 30.0, 2019: 34, 2020: 37, 2021: 41, 2022: 47.5, 2023: 52}, {2030: 90.0}, unit="percent")
    >>> panel["method"].nunique() > 5, "on_track" in set(panel["step"])
    (True, True)
    """
    cases = settle(history, targets, indicator=indicator, direction=direction, unit=unit, bounds=bounds, **options)
    return answers.told("judge", cases, [answers.verdicts(case) for case in cases], lang)


def plot(
    history: History, targets: Targets | None = None, *, kind: str = "trend", forecast: pd.DataFrame | None = None,
    indicator: About = None, area: str | Area | None = None, lang: str = "vi", size: str = "slide", title: str = "",
    **options: Any,
) -> Figure:
    """Draw a series and its targets as a briefing shows them.

    Parameters
    ----------
    history, targets
        As in :func:`attainment`; targets may be left out of a trend. Kinds about many areas take a panel.
    kind : str
        One series: "trend" (with a fan; no fan with forecast=False), "attainment", "verdicts". Of the catalogue, or of
        a table that names an indicator: "releases", "coverage", "pillars", "scenarios", "growth". Many areas: "peers",
        "slopes", "map", "multiples".
    forecast : DataFrame or False, optional
        From :func:`forecast`; made where it is left out.
    indicator, area : str or record, optional
        What is drawn; read from the table where it says so, else see :func:`measure` and :func:`place`.
    lang, size, title
        "vi" or "en"; "slide", "a4", "square" or "phone" (400 pixels wide); a title in place of the finding.
    **options
        direction, unit, bounds, scale, decimal, annual, by: see :func:`attainment`.

    Examples
    --------
    >>> import pandas as pd
    >>> own = pd.DataFrame({"year": [2021, 2022, 2023], "value": [41.0, 47.5, 52.0]})
    >>> figure = plot(own, {2030: 80.0}, indicator=measure("Hồ sơ trực tuyến"), area=place("Phường 1"))
    >>> plot(own, kind="pie")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Unknown kind of picture 'pie'. Kinds: trend, attainment, verdicts, ...
    """
    if kind not in answers.KINDS:
        raise ValueError(f"Unknown kind of picture {kind!r}. Kinds: {', '.join(answers.KINDS)}.")
    cases = settle(history, targets, indicator=indicator, **options)
    return answers.draw(kind, cases, forecast, area=area, lang=lang, size=size, title=title)


def show(table: pd.DataFrame, *, indicator: About = None, lang: str = "vi") -> Shown:
    """Show a table with its unit, definition and sources, numbers and headings in the language.

    Examples
    --------
    >>> "Tổng cục Thống kê" in show(history("digital_economy_share", "viet-nam"))._repr_html_()
    True
    """
    from dxanalysis.briefing import tables

    subject = subject_of(table, indicator)
    body = tables.to_html(table, lang, indicator=subject)
    markup = f"<figure><figcaption>{caption(table, subject, lang)}</figcaption>{body}</figure>"
    return tables.Shown(markup, repr(table), table)


def report(notebook: str, parameters: dict[str, Any] | None = None, **about: Any) -> Report:
    """Open the report of a notebook's run: charts, tables and sentences are shown, saved and traced by it.

    `about` names area, indicator, definition, year, as_of and lang; see :func:`dxanalysis.delivery.report.open_report`.

    Examples
    --------
    >>> report("30_attainment", area="Quảng Ninh", indicator="digital_economy_share", year=2025).area.id
    'quang-ninh'
    """
    from dxanalysis.assessing import assess
    from dxanalysis.delivery.report import open_report

    return open_report(notebook, parameters, **{"assess": assess} | about)


def explore(
    area: str = "quang-ninh", indicator: str = "digital_economy_share", *, lang: str = "vi", **start: Any
) -> Any:
    """Open the explorer: one area and indicator seen by definition, day, target and growth, redrawn at once.

    Needs a notebook (JupyterLab or `dx explore`). `start` may hold definition, as_of, through and growth.
    """
    from dxanalysis.looking import explorer

    return explorer(facts.find_area(area).id, facts.find_indicator(indicator).id, lang=lang, **start)
