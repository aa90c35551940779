"""Match a reading with the catalogue: what was understood, what is left open and what is wrong."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.records import Indicator
from dxanalysis.facts.schema import Problem
from dxanalysis.facts.schema import fields as table_fields
from dxanalysis.facts.understand.answers import (
    PASSED,
    SHOWN,
    SILENT,
    Answers,
    Preview,
    Work,
    listed,
    place_areas,
    refuse_names,
)
from dxanalysis.facts.understand.measuring import measured
from dxanalysis.facts.understand.numbers import status_id
from dxanalysis.facts.understand.periods import parse_period, yearly_dates
from dxanalysis.facts.understand.reading import Reading
from dxanalysis.facts.understand.roles import indicator_key, indicator_names, nearest

ANY = "*"


def interpret(
    reading: Reading, file: str, answers: Answers | None = None, records: Mapping[str, pd.DataFrame] | None = None
) -> Preview:
    """Match a reading with the catalogue; see `formats.understand`."""
    work = Work(reading, file, answers or Answers(), dict(records or {}))
    cells = _indicators(work, _select(work))
    cells = _dated(work, cells)
    cells = place_areas(work, cells)
    _ask_rest(work, cells)
    table = pd.DataFrame(index=cells.index, columns=list(table_fields("observations")), dtype="str").fillna("")
    for column in ("indicator", "period", "area"):
        table[column] = cells[f"_{column}"]
    table["status"] = _statuses(work, cells)
    for column in PASSED:
        dimension = next((d for d, role in reading.roles.items() if role == column and d in cells), "")
        table[column] = cells[dimension] if dimension else ""
    table = table.assign(row=cells["row"], column=cells["column"], value=cells["value"].astype("float64"))
    kept = table["value"].notna()
    table, cells = table[kept].reset_index(drop=True), cells[kept].reset_index(drop=True)
    table = _years_of_days(work, table)
    units = measured(table, _printed(work, cells), work.known("indicators"), work.answers)
    work.notes += units.notes
    work.questions |= {name: asked for name, asked in units.questions.items() if name not in work.questions}
    table = _defined(work, units.table)
    _check(work, table)
    _ask(work, table)
    counts = f"{len(table)} figures, {table['area'].nunique()} areas, {table['period'].nunique()} periods."
    said = tuple(dict.fromkeys([*work.notes, counts]))
    return Preview(file, table, said, work.questions, tuple(work.problems), work.records, work.selected)


def _select(work: Work) -> pd.DataFrame:
    """Return the cells of the chosen categories."""
    cells = work.reading.cells
    for name, category in work.answers.where.items():
        dimension = work.dimension(name)
        if not dimension:
            held = [work.header(d) for d in work.reading.dimensions][:10]
            work.ask("where", f"'{name}' is no dimension; dimensions: {held}.")
            continue
        work.used.add(dimension)
        if category == ANY:
            continue
        words = work.reading.shown(dimension)
        chosen = (work.reading.cells[dimension] == category) | (words == category)
        chosen |= (words.map(fold) == fold(category)) & (fold(category) != "")  # "%" is not every word without letters
        if not chosen.any():
            held = tuple(words.unique().tolist()[:10])
            work.ask("where", f"'{category}' is not in '{name}': {list(held)}.", answers=_where(name, held))
        left = int((~chosen).reindex(cells.index).sum())
        if left and chosen.any():
            work.notes.append(f"{left} figures left out: '{name}' is not '{category}'.")
        cells = cells[chosen.reindex(cells.index)]
    return cells


def _where(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{{{name!r}: {word!r}}}" for word in words)


# ---------------------------------------------------------------- which indicator


def _indicators(work: Work, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the wanted indicators, with the id in the column ``_indicator``."""
    answer = work.answers.indicator
    if isinstance(answer, Indicator):
        row = {name: "" if value is None else str(value) for name, value in vars(answer).items()}
        work.records["indicators"] = pd.DataFrame([row], dtype="str")
        answer = answer.id
    names = indicator_names(work.known("indicators"))
    if isinstance(answer, Mapping):
        names = names | {fold(name): found for name, found in answer.items() if fold(name)}
    given = names.get(fold(answer), answer) if isinstance(answer, str) else ""
    naming = _naming(work, names, given) if given else ""
    dimension = naming or work.by_content("indicator", lambda word: bool(indicator_key(word, names)))
    words = work.reading.shown(dimension).loc[cells.index] if dimension else pd.Series("", index=cells.index)
    found = {word: names.get(indicator_key(word, names), "") for word in words.unique()}
    if dimension:
        pairs = pd.DataFrame({"word": words, "code": cells[dimension]}).drop_duplicates("word")
        codes = dict(zip(pairs["word"], pairs["code"], strict=True))
        found = {word: id or names.get(indicator_key(codes[word], names), "") for word, id in found.items()}
    if given:
        near = [w for w, id in found.items() if not id and naming and _near(w, given, names)]
        if near and given not in found.values():
            found[near[0]] = given
            work.notes.append(f"'{near[0]}' is read as '{given}', as answered.")
        return _chosen_indicator(work, cells, words, found, names, dimension)
    if not dimension:
        title = _title(work, cells)
        known = names.get(indicator_key(title, names), "")
        if not known:
            series = sorted(cells[next(d for d, r in work.reading.roles.items() if r == "indicator")].unique())[:5] \
                if "indicator" in work.reading.roles.values() else []
            said = f"title: '{title[:80]}'" if not series else f"series: {series}"
            work.ask("indicator", f"the file names no indicator of the catalogue ({said}): answer its id. "
                     f"{nearest(title, names)}".strip())
        return cells.assign(_indicator=known)
    work.used.add(dimension)
    unknown = [word for word, id in found.items() if not id]
    cure = "Answer indicator={'printed name': id}, or choose rows with where."
    refuse_names(work, cells, words, unknown, names, (dimension, "indicator", cure))
    return cells.assign(_indicator=words.map(found).astype("str"))


def _naming(work: Work, names: Mapping[str, str], answer: str) -> str:
    """Return the dimension one of whose words names the indicator the user names, in full or nearly."""
    roles, cells = work.reading.roles, work.reading.cells
    free = [d for d in work.reading.dimensions if d not in work.used and roles.get(d) in ("indicator", None)]
    held = {d: work.reading.shown(d).unique().tolist()[:500] for d in free if d in cells}
    full = [d for d, words in held.items() if any(names.get(indicator_key(word, names)) == answer for word in words)]
    near = (d for d, words in held.items() if any(_near(word, answer, names) for word in words))
    return full[0] if full else next(near, "")


def _near(word: str, answer: str, names: Mapping[str, str]) -> bool:
    """Tell whether a heading is so near a title of an indicator that the answer of the user confirms it."""
    bare = fold(re.sub(r"\([^)]*\)?|%", "", word))
    close = difflib.get_close_matches(bare, list(names), n=1, cutoff=0.8) if 8 < len(bare) < 100 else []
    return bool(close) and names[close[0]] == answer


def _chosen_indicator(
    work: Work, cells: pd.DataFrame, words: pd.Series, found: dict[str, str], names: Mapping[str, str], dimension: str
) -> pd.DataFrame:
    """Return the cells of the indicator the user names; what the file says of its rows is never overruled."""
    given = str(getattr(work.answers.indicator, "id", work.answers.indicator))
    answer = names.get(fold(given), given)
    if answer not in set(work.known("indicators")["id"]):
        cure = (
            f"{nearest(answer, names)}List them: dx data list; or describe it: indicator=dx.measure('...', unit='...')."
        )
        work.fault(cells, "indicator", answer, "no such indicator.", cure)
        return cells.assign(_indicator=answer)
    told = {id for id in found.values() if id} or {names.get(indicator_key(_title(work, cells), names), "")} - {""}
    if dimension and answer in told:
        work.used.add(dimension)
        chosen = words.map(found) == answer
        if not chosen.all():
            left = words[~chosen].unique().tolist()
            work.notes.append(f"{int((~chosen).sum())} figures of other indicators left out: {listed(left)}.")
        return cells[chosen].assign(_indicator=answer)
    described = answer in set(work.records.get("indicators", pd.DataFrame({"id": []}))["id"])
    if told and answer not in told and not described:
        text = f"the file is about {listed(sorted(told))}, not about '{answer}'."
        printed = next((word for word, id in found.items() if id), "") or _title(work, cells)
        work.ask("indicator", text, answers=(*sorted(told)[:2], f"{{{printed!r}: {answer!r}}}"))
    if dimension and len(found) == 1:
        work.used.add(dimension)
    return cells.assign(_indicator=answer)


def _title(work: Work, cells: pd.DataFrame) -> str:
    """Return what the file says it holds: its title without a table number, else the one heading over its values."""
    if work.reading.title or "heading" not in work.reading.dimensions:
        return re.sub(r"(?i)^(bảng|biểu|table)( số)?[ .]*[\d.]+[ .:]*", "", work.reading.title)
    headings = work.reading.shown("heading").loc[cells.index].unique().tolist()
    return re.sub(r" *\([^()]*\)$", "", headings[0]) if len(headings) == 1 else ""


# ---------------------------------------------------------------- when


def _dated(work: Work, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with their period in the column ``_period``; an answer chooses, or dates a file without one."""
    asked = parse_period(work.answers.period) if work.answers.period else None
    if work.answers.period and asked is None:
        raise ValueError(f"period {work.answers.period!r} is no year, quarter or month. Example: period='2023'.")
    if "period" in cells:
        cells = cells.assign(_period=cells["period"])
        if asked and not (cells["_period"] == asked[0]).any():
            held = sorted(cells["_period"].unique())
            work.ask("period", f"the file holds {listed(held)}, not {asked[0]}.", answers=tuple(held[:3]))
        return cells[cells["_period"] == asked[0]] if asked else cells
    if not asked:
        work.ask("period", "the file names no period: answer a year, quarter or month.", _first_row(work), ("2023",))
    return cells.assign(_period=asked[0] if asked else "")


def _first_row(work: Work) -> tuple[str, ...]:
    row = work.reading.cells.iloc[0]
    return (f"row {row['row']}: {', '.join(str(row[d]) for d in work.reading.dimensions)}, {row['value']:g}",)


def _years_of_days(work: Work, table: pd.DataFrame) -> pd.DataFrame:
    """Return days at one end of the year as years, where every series gives one day a year."""
    series = [table["indicator"], table["area"]]
    if len(table) and yearly_dates(table["period"]) and not table.duplicated(["indicator", "area", "period"]).any():
        once = table["period"].str[:4].groupby(series).nunique() == table["period"].groupby(series).nunique()
        if once.all():
            first = table["period"].iloc[0][5:]
            work.notes.append(f"One day a year (each {first[3:]}/{first[:2]}): read as yearly figures.")
            return table.assign(period=table["period"].str[:4])
    return table


# ---------------------------------------------------------------- the rest


def _ask_rest(work: Work, cells: pd.DataFrame) -> None:
    """Ask which category to take of every dimension that is neither used, nor single, nor told by the others."""
    for dimension in work.reading.dimensions:
        role = work.reading.roles.get(dimension, "")
        if dimension in work.used or role in SILENT or dimension not in cells:
            continue
        words = work.reading.shown(dimension).loc[cells.index]
        values = words[cells["value"].notna()]
        unique = values.unique().tolist()
        name = work.header(dimension)
        if len(unique) > 1 and not _told(values, cells):
            pick = _where(name, tuple(unique))
            work.ask("where", f"which '{name}'? One of {unique[:10]}.", answers=pick)
        elif len(unique) == 1 and unique[0] and role not in ("indicator", "area_code"):
            work.notes.append(f"'{name}' is '{unique[0]}' throughout.")


def _told(words: pd.Series, cells: pd.DataFrame) -> bool:
    """Tell whether area, indicator or period alone decide a dimension: then it names them in other words."""
    held = cells.loc[words.index]
    return any(
        held[key].nunique() > 1 and not words.groupby(held[key]).nunique().gt(1).any()
        for key in ("_area", "_indicator")
        if (held[key] != "").all()
    )


def _statuses(work: Work, cells: pd.DataFrame) -> pd.Series:
    dimension = next((d for d, role in work.reading.roles.items() if role == "status"), "")
    printed = work.reading.shown(dimension).loc[cells.index] if dimension in cells else cells["status"]
    known = {word: status_id(word) for word in printed.unique()}
    odd = [word for word, status in known.items() if status is None]
    codes = [word for word in odd if len(word) <= 4]
    for word in (word for word in odd if word not in codes):
        cure = "Write official, preliminary, estimate, self-assessed, reported, derived or projection."
        work.fault(cells[printed == word], "status", word, "no such status.", cure)
    plain = sorted({word for word, status in known.items() if word and status == ""} | set(codes))
    if plain:
        counts = ", ".join(f"{word} ({int((printed == word).sum())})" for word in plain[:8])
        work.notes.append(f"Flags that are no status are not kept: {counts}.")
    return printed.map(lambda word: known[word] or "").astype("str")


def _printed(work: Work, cells: pd.DataFrame) -> pd.DataFrame:
    """Return what the file prints beside each value: unit, multiplier, and the percent sign."""
    unit, factor = "", ""
    for dimension, role in work.reading.roles.items():
        if role == "unit" and dimension in cells:
            labels = work.reading.labels.get(dimension, {})
            unit = cells[dimension].map(lambda code, labels=labels: labels.get(code, code))
        if role == "multiplier" and dimension in cells:
            factor = cells[dimension]
    units = pd.Series(unit, index=cells.index, dtype="str")
    units = units.where(units != "", work.reading.unit)
    return pd.DataFrame({"unit": units, "multiplier": pd.Series(factor, index=cells.index, dtype="str"),
                         "symbol": cells["symbol"]})


def _defined(work: Work, table: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of the wanted definition; a file that names none is of the one the user names."""
    answer = work.answers.definition
    if not answer or not isinstance(answer, str):
        return table
    held = sorted(set(table["definition"]) - {""})
    if held and answer not in held:
        work.ask("definition", f"the file holds {listed(held)}, not '{answer}'.", answers=tuple(held[:3]))
    chosen = table["definition"].isin(["", answer])
    if not chosen.all() and chosen.any():
        work.notes.append(f"{int((~chosen).sum())} figures of other definitions left out: {listed(held)}.")
    return table[chosen].assign(definition=answer).reset_index(drop=True)


def _check(work: Work, table: pd.DataFrame) -> None:
    """Note what breaks sense at every door: bounds, the future, a figure given twice."""
    doubtful = {"unit", "scale", "decimal"} & set(work.questions)
    catalogue = work.known("indicators").drop_duplicates("id", keep="last").set_index("id")
    for side, beyond in (("lower", np.less), ("upper", np.greater)):
        bounds = pd.to_numeric(table["indicator"].map(catalogue[side]).replace("", None), errors="coerce")
        wrong = table.index[beyond(table["value"], bounds.astype("float64"))]
        for i in () if doubtful else wrong[:SHOWN]:
            text = f"beyond the {side} bound {bounds[i]:g} of '{table.at[i, 'indicator']}'."
            place = (work.file, int(table.at[i, "row"]), str(table.at[i, "column"]), f"{table.at[i, 'value']:g}")
            work.problems.append(Problem(*place, text, "Correct the value or the unit, or answer scale=..."))
    year = dt.date.today().year
    late = (pd.to_numeric(table["period"].str[:4], errors="coerce") > year) & (table["status"] != "projection")
    for i in table.index[late][:SHOWN]:
        place = (work.file, int(table.at[i, "row"]), str(table.at[i, "column"]), table.at[i, "period"])
        work.problems.append(Problem(*place, "lies in the future.", "Correct it, or use status 'projection'."))
    _find_repeats(work, table)


def _find_repeats(work: Work, table: pd.DataFrame) -> None:
    if {"where", "sheet"} & set(work.questions):  # what repeats may be told apart by the answer
        return
    keys = ["indicator", "definition", "area", "period", "vintage"]
    named = table[(table["indicator"] != "") & (table["area"] != "")]
    again = named[named.duplicated(keys)]
    first = named.drop_duplicates(keys).set_index(keys)["row"] if len(again) else None
    for _, row in again.head(SHOWN).iterrows():
        key = tuple(row[keys])
        message = f"repeats {' / '.join(k for k in key if k)} of row {first[key]}."
        place = (work.file, int(row["row"]), str(row["column"]), f"{row['value']:g}")
        work.problems.append(Problem(*place, message, "Remove one of the two."))
    if len(again) > SHOWN:
        message = f"{len(again) - SHOWN:,} more figures repeat another."
        work.problems.append(Problem(work.file, 0, "", "", message, "Remove them, or choose a category with where."))


def _ask(work: Work, table: pd.DataFrame) -> None:
    if not len(table) and not work.problems and not work.questions:
        work.problems.append(Problem(work.file, 0, "", "", "holds no figure.", "Check the sheet and the header row."))
    if (table["definition"] == "").any():
        text = "who measured this, and how? Name a definition (gso, mic, province, ...) or describe one."
        work.ask("definition", text, answers=("province",))
    if (table["source"] == "").any():
        said = f" The file says: '{work.reading.source[:80]}'." if work.reading.source else ""
        work.ask("source", f"where was this published, by whom, and when?{said}")
