"""A researcher's own workbook: write an example, read it as a history, find its sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator, source
from dxanalysis.facts.records import DataError, Problem, Source
from dxanalysis.facts.understand import template
from dxanalysis.facts.understand.door import Preview
from dxanalysis.facts.understand.formats import understand
from dxanalysis.facts.understand.grids import read_xlsx, sheet_names

HISTORY = ["indicator", "definition", "area", "year", "value", "status", "vintage", "source", "break_before", "note"]
_FIRST_ROW = {"data": 2, "sources": 1}  # rows above are headers of the template


def own_workbook(path: str | Path, published: pd.DataFrame, folder: str | Path, *, lang: str = "vi") -> Path:
    """Return the researcher's workbook; without one, a template filled in with published figures as an example.

    Parameters
    ----------
    path : path or ""
        The researcher's file. Empty: the example is made.
    published : DataFrame
        The history that fills the example; it may be empty.
    folder : path
        Where the example is written, under the name ``own.xlsx``; an older example is replaced.
    lang : "vi" or "en"
        Language of the template.

    Raises
    ------
    DataError
        Where `path` names no file.
    """
    if path:
        if not Path(path).is_file():
            raise DataError([Problem(str(path), 0, "", "", "is not a file.", "Give its path, or leave it empty.")])
        return Path(path)
    made = Path(folder) / "own.xlsx"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.unlink(missing_ok=True)
    template.write(made, lang=lang)
    return fill_in(made, published, lang=lang) if len(published) else made


def fill_in(path: str | Path, history: pd.DataFrame, *, lang: str = "vi") -> Path:
    """Write the figures of a history and their sources into an empty template, as a person would."""
    words = template.WORDS[lang]
    with pd.ExcelWriter(path, engine="openpyxl", mode="a", if_sheet_exists="overlay") as book:
        for frame, sheet, rows in (
            (_figures(history, lang), words["sheets"][0], _FIRST_ROW["data"]),
            (_sources(history), words["sheets"][1], _FIRST_ROW["sources"]),
        ):
            frame.to_excel(book, sheet_name=sheet, startrow=rows, header=False, index=False)
    return Path(path)


def _figures(history: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return the rows of the data sheet in the words of its drop-down lists."""
    statuses = dict(zip(template.WORDS["en"]["statuses"], template.WORDS[lang]["statuses"], strict=True))
    return pd.DataFrame({
        "indicator": [getattr(find_indicator(one), f"title_{lang}") for one in history["indicator"]],
        "definition": history["definition"],
        "area": [getattr(find_area(one), f"name_{lang}") for one in history["area"]],
        "period": history["year"].astype("str"),
        "value": history["value"],
        "unit": [find_indicator(one).unit for one in history["indicator"]],
        "status": [statuses.get(one, one) for one in history["status"]],
        "source": history["source"],
        "qualifier": "=",
        "note": history["break_before"],
    })  # fmt: skip


def _sources(history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the source sheet; a page without a date gets the day its figures count as known."""
    known = history.groupby("source", sort=False)["vintage"].max()
    records = [(source(one), str(day)) for one, day in known.items()]
    rows = [(one.id, one.publisher, one.title, one.published or day, one.url, one.grade) for one, day in records]
    return pd.DataFrame(rows)


def read_own(
    path: str | Path, *, indicator: str | None = None, area: str | None = None, through: int | None = None
) -> pd.DataFrame:
    """Return the annual figures of a researcher's file as a history.

    Parameters
    ----------
    path : path
        A filled-in template, or any CSV, XLSX, PX, JSON-stat or SDMX file that `understand` reads.
    indicator, area : str, optional
        Which series to take; needed where the file holds several, or does not say.
    through : int, optional
        Last year to return.

    Returns
    -------
    DataFrame
        The history columns, sorted by area and year; empty where a template has not been filled in. Halves, quarters
        and months are left out.

    Raises
    ------
    DataError
        Where the file cannot be read, or is not understood.
    ValueError
        Where several series are left.
    """
    if _is_unfilled(path):
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in HISTORY})
    preview = _understood(path, {"indicator": indicator, "area": area})
    _refuse_faults(preview)
    table = preview.table[preview.table["period"].str.fullmatch(r"\d{4}")]
    for column, finder, asked in (("indicator", find_indicator, indicator), ("area", find_area, area)):
        table = table if asked is None else table[table[column] == finder(asked).id]
    _refuse_several(table)
    known = source_in(path)
    table = table.assign(
        year=table["period"].astype("int64"),
        vintage=[row.vintage or (known(row.source).published if row.source else "") for row in table.itertuples()],
    )
    table = table if through is None else table[table["year"] <= int(through)]
    return table.sort_values(["area", "year"])[HISTORY].reset_index(drop=True)


def _understood(path: str | Path, given: dict[str, str | None]) -> Preview:
    """Read a file, and once more with what it does not say itself; a column in the file goes before an answer."""
    preview = understand(path)
    answers = {name: text for name, text in given.items() if text is not None and name in preview.questions}
    return understand(path, **answers) if answers else preview


def _data_sheet(path: str | Path) -> str:
    """Return the data sheet of a template; empty for any other file."""
    if Path(path).suffix.lower() != ".xlsx":
        return ""
    known = {words["sheets"][0] for words in template.WORDS.values()}
    return next((sheet for sheet in sheet_names(path) if sheet in known), "")


def _is_unfilled(path: str | Path) -> bool:
    sheet = _data_sheet(path)
    rows = read_xlsx(path, sheet).rows if sheet else []
    return bool(rows) and not any(cell.text for row in rows[_FIRST_ROW["data"] :] for cell in row)


def _refuse_faults(preview: Preview) -> None:
    if preview.problems:
        raise DataError(list(preview.problems))
    open_questions = {name: text for name, text in preview.questions.items() if name in ("indicator", "area", "period")}
    if open_questions:
        raise DataError([
            Problem(preview.file, 0, "", "", f"leaves a question: {text}", f"Answer it with {name}=...")
            for name, text in open_questions.items()
        ])  # fmt: skip


def _refuse_several(table: pd.DataFrame) -> None:
    series = table[["indicator", "definition", "area"]].drop_duplicates()
    for column in ("indicator", "definition"):
        if series[column].nunique() > 1:
            held = sorted(series[column].unique())[:10]
            raise ValueError(f"The file holds several {column}s: {held}. Keep one per file, or ask for one {column}.")


def _dtype(column: str) -> str:
    return {"year": "int64", "value": "float64"}.get(column, "str")


def source_in(path: str | Path = "") -> Callable[[str], Source]:
    """Return the function that finds a source id, first in a filled-in workbook, then in the catalogue.

    >>> source_in("")("founding-article").published
    '2023-10-02'
    """
    records = template.read_records(path) if path and Path(path).suffix.lower() == ".xlsx" else {}
    rows = records["sources"].to_dict("records") if "sources" in records else []
    fields = Source.__dataclass_fields__
    own = {row["id"]: Source(**{name: str(row.get(name, "")) for name in fields}) for row in rows}

    def find(id: str) -> Source:
        return own[id] if id in own else source(id)

    return find
