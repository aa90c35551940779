"""What the charts share: the sheet, lines of text, tables read into arrays, the fan, and the note for no data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, judged, labels, numbers, theme
from ..page import headline

LEVELS = ((95, 0.025, 0.975), (80, 0.1, 0.9), (50, 0.25, 0.75))  # bands in percent, with their quantiles
Names = Callable[[str], Any] | None  # gives the record of an id
_NATION, _PROVINCES = "viet-nam", "provinces"
_BESIDE = 2  # areas shown beside a lone figure, besides the nation
_MOST_SOURCES = 4  # named with title and date in one line
OTHER_MARKS = ("s", "^", "v", "P")  # of figures beside one's own, a form for each definition
_MOST_PUBLISHERS = 6  # of a picture of many areas; its table names all


@dataclass(frozen=True)
class Sheet:
    """What every chart needs beside what it draws.

    Attributes
    ----------
    lang : {"vi", "en"}
    size : {"slide", "a4", "square", "phone"}
    sources : tuple
        Records of the pages the figures are from, or their names.
    as_of : str
        Day up to which publications count; empty where the newest publication drawn says it.
    title : str
        In place of the finding that the chart states for itself.
    code : str
        Code by which the picture is found again.
    source_of : callable, optional
        Gives the record of a source's id, so that a picture names the pages of what it draws.
    """

    lang: str = "vi"
    size: str = "slide"
    sources: tuple[Any, ...] = ()
    as_of: str = ""
    title: str = ""
    code: str = ""
    source_of: Callable[[str], Any] | None = None


SLIDE = Sheet()


def open_page(
    sheet: Sheet,
    title: str,
    subtitle: str,
    keys: Sequence[frame.Key] = (),
    *,
    table: pd.DataFrame | None = None,
    note: str = "",
    drawing: float = 0.0,
) -> frame.Frame:
    """Start a page: title, subtitle, legend and the line of sources.

    Parameters
    ----------
    sheet : Sheet
    title : str
        The finding; the sheet's own title goes before it.
    subtitle : str
    keys : entries of the legend
    table : DataFrame, optional
        The figures drawn; their columns source and vintage say where they are from and of what day.
    note : str
        Written before the sources.
    drawing : float
        Inches of height that the drawing takes where the page may grow (on a phone).
    """
    line = ". ".join(filter(None, [note, source_line(sheet, table)]))
    heading = labels.upper_first(sheet.title or title)
    return frame.page(sheet.size, heading, labels.upper_first(subtitle), line, keys, drawing=drawing)


def source_line(sheet: Sheet, table: pd.DataFrame | None = None) -> str:
    """Write the line that says where the figures are from and of what date they are.

    The sources are those of the figures drawn, which are not always the area's own; without records of them those of
    the sheet, or their ids. The date is the day asked for or the latest vintage shown.
    """
    lang, ids = sheet.lang, _ids(table)
    known = [sheet.source_of(one) for one in ids] if sheet.source_of else list(sheet.sources)
    names = _names(known or list(sheet.sources), lang) or ids
    parts = [labels.label("source", lang, sources="; ".join(names))] if names else []
    when = max(sheet.as_of, latest_vintage(table))
    if when:
        parts.append(labels.label("as_of", lang, date=numbers.date(when, lang)))
    if sheet.code:
        parts.append(labels.label("code", lang, code=sheet.code))
    return " ".join(parts)


def _names(sources: list[Any], lang: str) -> list[str]:
    """Name each source in full; where many figures have many sources, name who published them."""
    full = list(dict.fromkeys(labels.source_name(source, lang) for source in sources))
    if len(full) <= _MOST_SOURCES:
        return full
    known = [source if isinstance(source, str) else labels.publisher(source.publisher, lang) for source in sources]
    publishers = list(dict.fromkeys(known))
    if len(publishers) <= _MOST_PUBLISHERS:
        return publishers
    more = labels.label("more_publishers", lang, count=str(len(publishers) - _MOST_PUBLISHERS + 1))
    return [*publishers[: _MOST_PUBLISHERS - 1], more]


def _ids(history: pd.DataFrame | None) -> list[str]:
    if history is None or "source" not in history:
        return []
    return [text for text in dict.fromkeys(history["source"].fillna("").astype(str)) if text]


def latest_vintage(history: pd.DataFrame | None) -> str:
    """Return the newest day of publication of the figures of a table; empty where it has none."""
    if history is None or "vintage" not in history:
        return ""
    known = [text for text in history["vintage"].fillna("").astype(str) if text]
    return max(known, default="")


def subtitle(
    lang: str, indicator: Indicator, area: Area, definition: Any = None, drawn: pd.DataFrame | None = None
) -> str:
    """Say what is shown, where, in which unit and by which definition.

    Of a picture of many areas (`drawn`) the area is named where it is among them, and the definition where all are
    measured by one.
    """
    own = drawn is None or getattr(area, "level", "") == _PROVINCES or getattr(area, "id", "") in set(drawn["area"])
    measure = labels.upper_first(labels.measure_name(indicator, area, lang))
    what = f"{measure}, {labels.in_language(area, 'name', lang)}" if own else measure
    values = {"measure": what, "unit": labels.in_language(indicator, "unit", lang)}
    if not definition and drawn is not None:
        definition = _shared_definition(drawn, lang)
    if not definition:
        return labels.label("subtitle_short", lang, **values)
    return labels.label("subtitle", lang, definition=labels.definition_name(definition, lang), **values)


def _shared_definition(drawn: pd.DataFrame, lang: str) -> str:
    """Return the name of the definition by which every area drawn is measured; "" where none is."""
    if "definition" not in drawn or not len(drawn):
        return ""
    reach = drawn.groupby("definition", sort=False)["area"].nunique()
    full = reach.index[reach == drawn["area"].nunique()]
    return definition_names(drawn, lang).get(str(full[0]), "") if len(full) else ""


def definition_names(table: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return who measured the figures of a table, by id, in the order of the rows; nothing where it is not said."""
    if "definition" not in table:
        return {}
    each = table[table["definition"].fillna("").astype(str) != ""].drop_duplicates("definition").to_dict("records")
    return {
        str(row["definition"]): str(row.get(f"definition_{lang}") or "")
        or labels.definition_name(str(row["definition"]), lang)
        for row in each
    }


def definition_marks(table: pd.DataFrame, lang: str) -> tuple[dict[str, str], list[frame.Key]]:
    """Return the mark of each definition in a table and the entries of the legend that name them."""
    named = definition_names(table, lang)
    marks = {one: theme.MARKERS[at % len(theme.MARKERS)] for at, one in enumerate(named)}
    look = {"color": "none", "ms": 6, "mfc": theme.OBSERVED}
    return marks, [frame.Key(named[one], {**look, "marker": mark}) for one, mark in marks.items()]


def silent(sheet: Sheet, missing: str) -> Figure:
    """Return the page of a picture that has nothing to draw: it says only what is missing."""
    return nothing(open_page(sheet, missing, ""), missing)


def nothing(page: frame.Frame, text: str = "") -> Figure:
    """Write on an otherwise empty page that there is nothing to draw, mark it as silent and return it."""
    axes = page.axes()
    axes.axis("off")
    frame.silence(page.figure)
    room = 0.9 * page.box[2] * page.size.width
    lines = frame.wrap(page.figure, text, room, page.font * 1.2)
    look = {"size": page.font * 1.2, "color": theme.MUTED, "ha": "center", "va": "center"}
    axes.text(0.5, 0.5, "\n".join(lines), transform=axes.transAxes, **look)
    return page.figure


def latest_of_each(figures: pd.DataFrame | None) -> pd.DataFrame:
    """Return the latest figure of each area, of the definition that measures most areas where it has several."""
    if figures is None or figures.empty:
        return pd.DataFrame(columns=["area", "definition", "year", "value"])
    known = figures[figures["value"].notna()]
    reach = known.groupby("definition")["area"].nunique()
    ranked = known.assign(_reach=known["definition"].map(reach)).sort_values(["year", "_reach"], kind="stable")
    return ranked.drop_duplicates("area", keep="last").drop(columns="_reach").reset_index(drop=True)


def targets_told(assessed: pd.DataFrame | None, lang: str) -> pd.DataFrame:
    """Return the judgements a picture tells, each with the name of the area that takes over its target.

    Where an abolished area's successor has a target, "no target held" of the area itself is not told beside it.
    """
    if assessed is None or assessed.empty:
        return pd.DataFrame()
    if "successor" not in assessed:
        return assessed
    found = assessed.filter(["area", "successor", f"successor_{lang}"]).to_dict("records")
    names = {row["successor"]: str(row.get(f"successor_{lang}") or row["successor"]) for row in found}
    told = assessed.assign(heir=[names.get(row["successor"] or row["area"], "") for row in found])
    asked = told["state"] != "no_target_held"
    return told[asked] if asked.any() else told.head(1)


def judgement_title(
    assessed: pd.DataFrame | None, indicator: Indicator, area: Area, lang: str, history: pd.DataFrame | None = None,
    grade: str | None = None,
) -> str:
    """Return the whole judgement of the next target as a title; without one the latest figure."""
    name, assessed = labels.subject(indicator, area, lang), targets_told(assessed, lang)
    if assessed.empty:
        if history is None:
            return name
        return headline(history, indicator=indicator, area=area, grade=grade).text(lang)
    row = judged.next_first(assessed, stand_of(assessed)).to_dict("records")[0]
    return labels.label("answer_title", lang, subject=name, answer=judged.answer(row, indicator, lang))


def stand_of(assessed: pd.DataFrame) -> int:
    """Return the year at whose end judgements stand."""
    return int(assessed["year"].max()) if "year" in assessed and len(assessed) else 0


def published(elsewhere: pd.DataFrame | None, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the published rows behind areas, years and values drawn, which say where each is from."""
    keys = [one for one in ("area", "year", "value") if one in drawn]
    if elsewhere is None or "source" in drawn or not set(keys) <= set(elsewhere.columns):
        return drawn
    return drawn[keys].merge(elsewhere, on=keys)


def others_beside(
    history: pd.DataFrame, elsewhere: pd.DataFrame | None, indicator: Indicator, area: Area, names: Names, lang: str
) -> pd.DataFrame:
    """Return the latest figure of the nation and of two areas more, to stand beside a lone figure; else none.

    `said` is its text, `mark` the form of its definition, `same` whether that is the definition of the lone figure.
    """
    nothing = pd.DataFrame(columns=["area", "year", "value", "said", "definition", "mark", "same"])
    if elsewhere is None or len(history) > 1:
        return nothing
    latest = latest_of_each(elsewhere)
    latest = latest[latest["area"] != getattr(area, "id", "")]
    latest = latest.sort_values(["year", "value"], ascending=[False, indicator.direction < 0])
    nation = latest["area"] == _NATION
    kept = pd.concat([latest[nation], latest[~nation].head(_BESIDE)])
    called = area_names(kept["area"], names, lang)
    said = [
        f"{called[row.area]}: {judged.shown(row.value, indicator, lang)} ({int(row.year)})"
        for row in kept.itertuples()
    ]
    marks = dict(zip(definition_names(kept, lang), OTHER_MARKS, strict=False))
    by = kept["definition"].fillna("").astype(str)
    own = set(history["definition"].astype(str)) if "definition" in history else set()
    found = kept.assign(said=said, mark=by.map(marks).fillna(OTHER_MARKS[0]), same=by.isin(own) | (len(history) == 0))
    return found if len(kept) else nothing


def beside_keys(others: pd.DataFrame, lang: str) -> list[frame.Key]:
    """Return the entries of the legend for figures of other areas: by which definition each is measured."""
    named, keys = definition_names(others, lang), []
    for row in others.drop_duplicates("mark").itertuples():
        who = named.get(str(row.definition), labels.definition_name("", lang))
        text = labels.label("elsewhere" if row.same else "elsewhere_other", lang, definition=who)
        keys.append(frame.Key(text, beside_look(row.mark, row.same) | {"lw": 0}))
    return keys


def beside_look(mark: str, same: bool) -> dict[str, Any]:
    """Return how a figure of another area is drawn: hollow where its definition is not that of one's own figure."""
    return {"marker": mark, "ms": 5.5, "color": theme.MUTED, "mfc": theme.MUTED if same else theme.PAPER}


_OF_A_CAVEAT = ["caveats", "figure_kind", "figure_year"]  # of seventy columns, each of which takes its time


def caveat_note(history: pd.DataFrame | None, lang: str, assessed: pd.DataFrame | None = None) -> str:
    """Write what must be said with the figures drawn or judged, each caveat once with its years: "2024: …".

    >>> caveat_note(pd.DataFrame({"year": [2024], "caveats": ["mirror"]}), "en").startswith("* 2024: ")
    True
    """
    years: dict[str, list[int]] = {}
    if history is not None and "caveats" in history:
        for year, codes in zip(history["year"], history["caveats"].fillna("").astype(str), strict=True):
            for code in filter(None, codes.split(";")):
                years.setdefault(code, []).append(int(year))
    told = [] if assessed is None or "caveats" not in assessed else assessed.filter(_OF_A_CAVEAT).to_dict("records")
    for row in told:
        for code in judged.caveat_codes(row) if judged.has(row, "figure_year") else ():
            years.setdefault(code, []).append(int(row["figure_year"]))
    said = [f"{runs_of(seen)}: {labels.word('caveat', code, lang)}" for code, seen in years.items()]
    return f"* {'; '.join(said)}" if said else ""


def runs_of(years: Iterable[int]) -> str:
    """Write years, three and more that follow each other as a span.

    >>> runs_of([2014, 2019, 2020, 2021, 2023, 2024])
    '2014, 2019–2021, 2023, 2024'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def span_of(years: Iterable[float]) -> str:
    """Write the years of figures: "2022", or "2021–2025".

    >>> span_of([2022]), span_of([2025, 2021])
    ('2022', '2021–2025')
    """
    known = sorted({int(year) for year in years})
    return "–".join(str(year) for year in dict.fromkeys((known[0], known[-1]))) if known else ""


def quantile_columns(forecast: pd.DataFrame) -> pd.DataFrame:
    """Turn a forecast table into one row per year and one column per quantile."""
    return forecast.pivot_table(index="year", columns="quantile", values="value", aggfunc="first").sort_index()


def area_names(areas: Iterable[Any], names: Names, lang: str) -> dict[str, str]:
    """Return names of areas by id, without a note in brackets ("từ 7/2025") where they stay different without it."""
    full = {str(one): labels.in_language(names(str(one)), "name", lang) if names else str(one) for one in areas}
    short = {one: text.split(" (")[0] for one, text in full.items()}
    return short if len(set(short.values())) == len(short) else full


def draw_fan(axes: Axes, fan: pd.DataFrame) -> None:
    """Draw the bands of a forecast as far as its quantiles go, and its median dashed."""
    for level, low, high in LEVELS:
        if {low, high} <= set(fan.columns):
            axes.fill_between(fan.index, fan[low], fan[high], color=theme.BANDS[level], lw=0, zorder=1)
    if 0.5 in fan.columns:
        axes.plot(fan.index, fan[0.5], color=theme.MEDIAN, lw=2, ls=(0, (4, 2)), zorder=2.4)


def draw_bounds(axes: Axes, history: pd.DataFrame) -> None:
    """Draw a figure that is only a bound ("more than 60") as a bar from it, open at its far end."""
    if "qualifier" not in history:
        return
    low, high = axes.get_ylim()
    for row in history[history["qualifier"].isin((">", "<"))].itertuples():
        far = row.value + (0.08 if row.qualifier == ">" else -0.08) * (high - low)
        axes.plot([row.year] * 2, [row.value, far], color=theme.OBSERVED, lw=5, alpha=0.35, zorder=2.9)
        axes.plot(row.year, far, "^" if row.qualifier == ">" else "v", color=theme.OBSERVED, ms=6, zorder=3)


def inside_fan(fan: pd.DataFrame) -> list[np.ndarray]:
    """Return lines through the whole fan, so that labels keep off it."""
    if fan.empty:
        return []
    low, high = fan.iloc[:, 0].to_numpy(float), fan.iloc[:, -1].to_numpy(float)
    years = fan.index.to_numpy(float)
    return [np.column_stack([years, low + share * (high - low)]) for share in np.linspace(0, 1, 15)]
