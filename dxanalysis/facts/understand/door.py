"""Match what a reader found with the catalogue: which indicator, area, period, unit and status each figure has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import Problem
from dxanalysis.facts.schema import fields
from dxanalysis.facts.understand.reading import Reading
from dxanalysis.facts.understand.roles import (
    area_codes,
    area_names,
    choose_area,
    find_dimension,
    indicator_names,
    is_region,
    nearest,
    resolve,
    shown,
    status_id,
    unit_id,
)

SHOWN = 50
LAST_OLD_DAY = "2025-06-30"
_PASSED = ("definition", "vintage", "source", "qualifier", "note")


@dataclass(frozen=True)
class Preview:
    """What was understood of a file, before anything is written.

    Attributes
    ----------
    file : str
        Name of the file.
    table : DataFrame
        One row per figure in the columns of observations (text "" where the file says nothing), then row and column
        in the file.
    understood : tuple of str
        Sentences to show: format, header, decimal sign, areas, what was left out.
    questions : mapping
        Name of an answer `understand` or `write_package` still needs -> what to answer.
    problems : tuple of Problem
        Faults; a file with faults is never written.
    records : mapping
        Rows for other tables ("indicators", "sources", "areas", "definitions") that the file itself gives.
    """

    file: str
    table: pd.DataFrame
    understood: tuple[str, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def interpret(
    reading: Reading,
    file: str,
    *,
    indicator: str | Mapping[str, str] | None = None,
    area: str | None = None,
    period: str | None = None,
    where: Mapping[str, str] | None = None,
    boundaries: str = "period",
    code_list: str | None = None,
    scale: float | None = None,
    records: Mapping[str, pd.DataFrame] | None = None,
) -> Preview:
    """Match a reading (of a file or of the World Bank's API) with the catalogue; see `understand`."""
    work = _Work(reading, file, dict(records or {}), list(reading.notes), list(reading.problems))
    cells = _select(work, where or {})
    table = pd.DataFrame(index=cells.index, columns=list(fields("observations")), dtype="str").fillna("")
    table["value"] = cells["value"].astype("float64")
    table["indicator"] = _indicators(work, cells, indicator)
    table["period"] = _periods(work, cells, period)
    table["area"] = _areas(work, cells, table["period"], area, boundaries, code_list)
    table["status"] = _statuses(work, cells)
    for column in _PASSED:
        dimension = next((d for d, role in reading.roles.items() if role == column), "")
        table[column] = cells.get(dimension, "")
    table["unit"] = _units(work, cells, table["indicator"])
    table["row"], table["column"] = cells["row"], cells["column"]
    table = _without_regions(work, table[table["value"].notna()]).reset_index(drop=True)
    table["value"] = _scaled(work, table, scale)
    _find_repeats(work, table)
    _ask(work, table)
    counts = f"{len(table)} figures, {table['area'].nunique()} areas, {table['period'].nunique()} periods."
    return Preview(file, table, (*work.notes, counts), work.questions, tuple(work.problems), work.records)


@dataclass
class _Work:
    """What gathers while a reading is matched: notes, problems and questions."""

    reading: Reading
    file: str
    records: dict[str, pd.DataFrame]
    notes: list[str]
    problems: list[Problem]
    questions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "decimal" in self.reading.questions:
            text = "every number could be read with a decimal comma or point ('1.452'): answer ',' or '.'."
            self.questions["decimal"] = text

    def known(self, name: str) -> pd.DataFrame:
        """Return a catalogue table with the rows this file adds."""
        shipped = open_package().tables[name]
        own = self.records.get(name)
        return shipped if own is None else pd.concat([shipped, own], ignore_index=True)

    def fault(self, cells: pd.DataFrame, column: str, value: str, message: str, cure: str) -> None:
        """Note one problem at the first of these cells."""
        row = int(cells["row"].iloc[0]) if len(cells) else 0
        self.problems.append(Problem(self.file, row, column, value[:80], message, cure))


def _select(work: _Work, where: Mapping[str, str]) -> pd.DataFrame:
    """Return the cells of the chosen categories."""
    cells = work.reading.cells
    for dimension, category in where.items():
        if dimension not in work.reading.dimensions:
            work.questions["where"] = (
                f"'{dimension}' is no dimension; dimensions: {list(work.reading.dimensions)[:10]}."
            )
            continue
        words = shown(work.reading, dimension)
        chosen = work.reading.cells[dimension] == category
        chosen |= (words.map(fold) == fold(category)) & (fold(category) != "")  # "%" is not every word without letters
        if not chosen.any():
            work.questions["where"] = f"'{category}' is not in '{dimension}': {words.unique().tolist()[:10]}."
        cells = cells[chosen.reindex(cells.index)]
    return cells


def _indicators(work: _Work, cells: pd.DataFrame, answer: str | Mapping[str, str] | None) -> pd.Series | str:
    names = indicator_names(work.known("indicators"))
    ids = set(work.known("indicators")["id"])
    if isinstance(answer, str):
        answer = names.get(fold(answer), answer)
        if answer not in ids:
            cure = f"{nearest(answer, names)}List them: dx data list; or describe it (new_indicator)."
            work.fault(cells, "indicator", answer, "no such indicator.", cure)
        _ask_rest(work, cells, {_area_dimension(work)})
        return answer
    given = {fold(name): found for name, found in (answer or {}).items() if fold(name)}
    names = names | given
    dimension = find_dimension(work.reading, "indicator", lambda word: fold(word) in names)
    if not dimension:
        title = _title(work, cells)
        known = names.get(resolve(title, names), "")
        if not known:
            work.questions["indicator"] = (
                f"the file names no indicator (title: '{title[:80]}'): answer its id. {nearest(title, names)}"
            )
        _ask_rest(work, cells, {_area_dimension(work)})
        return known
    words = shown(work.reading, dimension).loc[cells.index]
    unknown = [word for word in words.unique() if fold(word) not in names]
    cure = "Answer indicator={'printed name': id}, or choose rows with where."
    _refuse_names(work, cells, words, unknown, names, (dimension, "indicator", cure))
    _ask_rest(work, cells, {dimension, _area_dimension(work)})
    return words.map(lambda word: names.get(fold(word), "")).astype("str")


def _title(work: _Work, cells: pd.DataFrame) -> str:
    """Return what the file says it holds: its title without a table number, else the one heading over its values."""
    if work.reading.title or "heading" not in work.reading.dimensions:
        return re.sub(r"(?i)^(bảng|biểu|table)( số)?[ .]*[\d.]+[ .:]*", "", work.reading.title)
    headings = shown(work.reading, "heading").loc[cells.index].unique().tolist()
    return re.sub(r" *\([^()]*\)$", "", headings[0]) if len(headings) == 1 else ""


def _refuse_names(
    work: _Work,
    cells: pd.DataFrame,
    words: pd.Series,
    unknown: list[str],
    names: Mapping[str, Any],
    told: tuple[str, str, str],
) -> None:
    """Note the unknown names one by one, the nearest known name with each; of very many the rest is counted."""
    dimension, kind, cure = told
    for word in unknown[:SHOWN]:
        work.fault(cells[words == word], dimension, word, f"no such {kind}.", f"{nearest(word, names)}{cure}")
    if len(unknown) > SHOWN:
        work.fault(cells.head(0), dimension, "", f"{len(unknown) - SHOWN:,} more names are no {kind}.", cure)


def _area_dimension(work: _Work) -> str:
    names = area_names(work.known("areas"))
    return find_dimension(work.reading, "area", lambda word: bool(resolve(word, names)))


def _ask_rest(work: _Work, cells: pd.DataFrame, used: set[str]) -> None:
    """Ask which category to take of every dimension that is neither used nor single."""
    for dimension in work.reading.dimensions:
        role = work.reading.roles.get(dimension, "")
        if (
            dimension in used
            or role in (*_PASSED, "period", "unit", "status", "area_code")
            or dimension in fields("observations")
        ):
            continue
        words = shown(work.reading, dimension).loc[cells.index].unique().tolist()
        if len(words) > 1:
            work.questions.setdefault("where", f"which '{dimension}'? One of {words[:10]}.")
        elif words and words[0] and role != "indicator":
            work.notes.append(f"'{dimension}' is '{words[0]}' throughout.")


def _periods(work: _Work, cells: pd.DataFrame, answer: str | None) -> pd.Series | str:
    if "period" in cells:
        return cells["period"]
    if not answer:
        work.questions["period"] = "the file names no period: answer a year, quarter or month."
    return answer or ""


def _areas(
    work: _Work, cells: pd.DataFrame, periods: pd.Series, answer: str | None, boundaries: str, code_list: str | None
) -> pd.Series | str:
    areas = work.known("areas")
    names = area_names(areas)
    if answer:
        if fold(answer) not in names:
            work.fault(cells, "area", answer, "no such area.", f"{nearest(answer, names)}List them: dx data list.")
        return periods.map(lambda period: choose_area(names.get(fold(answer), [("", "", "")]), period, boundaries))
    dimension = _area_dimension(work)
    if not dimension:
        codes = next((d for d, role in work.reading.roles.items() if role == "area_code"), "")
        dimension = codes
    if not dimension:
        work.questions["area"] = "the file names no area: answer its name or id."
        return ""
    words = shown(work.reading, dimension).loc[cells.index]
    if words[words != ""].str.fullmatch(r"\d{1,2}").all():
        if code_list not in ("vn63", "vn34"):
            work.questions["code_list"] = (
                "areas are bare codes, which differ before and after 2025: answer 'vn63' or 'vn34'."
            )
            return words
        words, names = words.str.zfill(2), area_codes(areas, code_list)
    found = {word: word if word in names else resolve(word, names) for word in words.unique()}
    unknown = [word for word, name in found.items() if not name and not is_region(word)]
    cure = "List areas: dx data list --areas; or leave the row out."
    _refuse_names(work, cells, words, unknown, names, (dimension, "area", cure))
    places = [(names.get(found[word], [("", "", "")]), period) for word, period in zip(words, periods, strict=True)]
    # A period that lists Bắc Giang, which ended with June 2025, is told in the old provinces throughout.
    ended = {p for c, p in places if len(c) == 1 and "" < c[0][2] <= LAST_OLD_DAY} if boundaries == "period" else set()
    chosen = [choose_area(c, p, "before-2025" if p in ended else boundaries) for c, p in places]
    _note_shared(work, words, names, boundaries)
    return pd.Series(chosen, index=cells.index, dtype="str")


def _without_regions(work: _Work, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of statistical regions the catalogue does not hold, and say so."""
    dimension = _area_dimension(work)
    if not dimension:
        return table
    words = shown(work.reading, dimension).loc[table.index]
    regions = (table["area"] == "") & words.map(is_region).astype(bool)
    if regions.any():
        names = ", ".join(words[regions].unique()[:9])
        work.notes.append(
            f"{int(regions.sum())} figures of regions left out, which the catalogue does not hold: {names}."
        )
    return table[~regions]


def _note_shared(work: _Work, words: pd.Series, names: Mapping, boundaries: str) -> None:
    shared = [w for w in words.unique() if len(names.get(fold(w), ())) > 1]
    if shared:
        how = "the period decides" if boundaries == "period" else boundaries
        text = ", ".join(sorted(shared)[:5])
        work.notes.append(f"{len(shared)} names are shared by provinces before and after 1 July 2025 ({text}): {how}.")


def _statuses(work: _Work, cells: pd.DataFrame) -> pd.Series:
    dimension = next((d for d, role in work.reading.roles.items() if role == "status"), "")
    printed = cells[dimension] if dimension in cells else cells["status"]
    known = {word: status_id(word) for word in printed.unique()}
    for word in [word for word, status in known.items() if status is None]:
        cure = "Write official, preliminary, estimate, self-assessed, reported, derived or projection."
        work.fault(cells[printed == word], "status", word, "no such status.", cure)
    return printed.map(lambda word: known[word] or "").astype("str")


def _units(work: _Work, cells: pd.DataFrame, indicators: pd.Series) -> pd.Series:
    """Return the units of the indicators, after comparing them with what the file prints."""
    catalogue = work.known("indicators").set_index("id")["unit"]
    right = indicators.map(lambda name: catalogue.get(name, "")).astype("str")
    dimension = next((d for d, role in work.reading.roles.items() if role == "unit"), "")
    printed = shown(work.reading, dimension).loc[cells.index] if dimension in cells else work.reading.unit
    units = pd.Series(printed, index=cells.index, dtype="str")
    for (word, unit), rows in cells.groupby([units, right]).groups.items():
        found = unit_id(str(word))
        if found and unit and found != unit:
            cure = f"Convert the figures to '{unit}', or choose another indicator."
            work.fault(cells.loc[rows], "unit", str(word), f"is not the unit of the indicator ('{unit}').", cure)
        elif word and not found:
            work.notes.append(f"Unit '{word}' was not recognised; '{unit}' of the catalogue is written.")
    return right


def _scaled(work: _Work, table: pd.DataFrame, scale: float | None) -> pd.Series:
    """Return the values, multiplied by 100 when the user said they are fractions; ask when they look so."""
    if scale not in (None, 1, 100):
        raise ValueError(f"scale must be 1 or 100; received {scale!r}.")
    percent = table[table["unit"] == "percent"]
    largest = percent["value"].abs().groupby(percent["indicator"]).agg(["max", "size"])
    suspected = largest.index[(largest["max"] <= 1) & (largest["max"] > 0)].tolist()
    if suspected and scale is None:
        names = ", ".join(map(str, suspected[:5]))
        work.questions["scale"] = (
            f"all figures of {names} lie between 0 and 1 where percent is expected: are they fractions? "
            "Answer 100 to multiply, 1 to keep."
        )
    if scale == 100:
        work.notes.append(f"Fractions multiplied by 100: {', '.join(map(str, suspected[:5]))}.")
        return table["value"].where(~table["indicator"].isin(suspected), (table["value"] * 100).round(10))
    return table["value"]


def _find_repeats(work: _Work, table: pd.DataFrame) -> None:
    keys = ["indicator", "definition", "area", "period", "vintage"]
    named = table[(table["indicator"] != "") & (table["area"] != "")]
    again = named[named.duplicated(keys)]
    first = named.drop_duplicates(keys).set_index(keys)["row"]
    for _, row in again.head(SHOWN).iterrows():
        key = tuple(row[keys])
        message = f"repeats {' / '.join(k for k in key if k)} of row {first[key]}."
        place = (work.file, int(row["row"]), str(row["column"]), f"{row['value']:g}")
        work.problems.append(Problem(*place, message, "Remove one of the two."))
    if len(again) > SHOWN:
        message = f"{len(again) - SHOWN:,} more figures repeat another."
        work.problems.append(Problem(work.file, 0, "", "", message, "Remove them, or choose a category with where."))


def _ask(work: _Work, table: pd.DataFrame) -> None:
    if not len(table) and not work.problems:
        work.problems.append(Problem(work.file, 0, "", "", "holds no figure.", "Check the sheet and the header row."))
    if (table["definition"] == "").any():
        work.questions["definition"] = (
            "who measured this, and how? Name a definition (gso, mic, province, ...) or describe one."
        )
    if (table["source"] == "").any():
        said = f" The file says: '{work.reading.source[:80]}'." if work.reading.source else ""
        work.questions["source"] = f"where was this published, by whom, and when?{said}"
